"""The demo world, built once for all the tests that look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import clock, db
from app.demo import world
from tests.cast import MORNING


@pytest.fixture(scope="session")
def northmoor_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "kith.db"
    shutil.copy(sqlite_template, path)
    db.use(f"sqlite:///{path}")
    with clock.held(MORNING):
        with db.transaction():
            world.build(clock.today())
        world.watch_over(clock.today())
    db.engine().dispose()
    return path


@pytest.fixture
def northmoor(northmoor_file: Path) -> Iterator[None]:
    """It is Monday morning in the demo world; nothing done to it stays."""
    db.use(f"sqlite:///{northmoor_file}")
    with clock.held(MORNING), db.transaction() as session:
        yield
        session.rollback()
    db.engine().dispose()
