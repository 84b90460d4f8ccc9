"""What every test may ask for: a database of each kind, the cast, the application, browsers."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, create_engine, event, exists, select, text

from app import mail, push, scan
from app.casework import sign_ins, tokens
from app.core import clock, db, files, log, passwords, schema, seals
from app.core.db import Base
from app.models import Person
from config.settings import Settings
from search import engines, index
from tests import servers
from tests.cast import MORNING, Cast, settle

SECRET = "test"
ROOM = 256 * 1024 * 1024
KEPT_TABLES = ("counters", "audit_head", "name_rules")  # filled by the migrations
KINDS = ("sqlite", "postgresql")
DOORS = ("tests/web/", "tests/api/")
BROUGHT_ALONG = ("measures",)  # filled by them too, and changed by people
_shared: dict[tuple[Settings, bool], Flask] = {}
_kept: dict[str, Any] = {}


def pytest_configure(config: pytest.Config) -> None:
    """What tests write goes where no disk has to be waited for, if the machine has such."""
    if memory := _memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--take-turns",
        action="store_true",
        help="run each test of a door on one kind of database, not on both",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pages and calls ask little that a room does not ask, and its tests run on both kinds."""
    if config.getoption("take_turns"):
        among = {item.nodeid for item in items}
        items[:] = [item for item in items if _has_its_turn(item.nodeid, among)]


def pytest_collection_finish() -> None:
    # All that is imported stays: looking through it for rubbish took a fifteenth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """What a password is for is asked for often, and what it costs in one file."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def logs() -> None:
    """Every test writes its log where it may: what an earlier one wrote to may be closed."""
    log.configure()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A private server with one migrated database, shared by the tests of this process."""
    with servers.postgresql() as empty:
        engine = create_engine(empty, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE kith"))
        engine.dispose()
        url = empty.replace("/postgres?", "/kith?")
        schema.upgrade(db.use(url))
        _set_the_cast_aside(url)
        yield url
        db.connect(url).dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def in_memory() -> Iterator[Path]:
    """A folder no disk has to be waited for, where the machine has such."""
    with TemporaryDirectory(prefix="kith-", dir=_memory()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def sqlite_template(in_memory: Path) -> Path:
    path = in_memory / "template.db"
    engine = db.connect(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def settled_template(in_memory: Path, sqlite_template: Path) -> Path:
    path = in_memory / "settled.db"
    shutil.copy(sqlite_template, path)
    _settle_once(f"sqlite:///{path}")
    db.engine().dispose()
    return path


@pytest.fixture(scope="session")
def sqlite_url(in_memory: Path, sqlite_template: Path) -> Iterator[str]:
    """One file for the tests of this process: its engine keeps the SQL it has worked out."""
    shutil.copy(sqlite_template, in_memory / "kith.db")
    url = f"sqlite:///{in_memory / 'kith.db'}"
    # Rows nobody asked to be ordered come in any order from PostgreSQL, now and then; here they
    # always come backwards, so that whatever relies on it fails at once.
    event.listen(db.connect(url), "connect", _answer_backwards)
    yield url
    db.connect(url).dispose()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database at the newest schema: every test that asks for it runs on both kinds.

    It is empty, but for the cast where the test asks for that.
    """
    with_cast = {"cast", "now"} <= set(request.fixturenames)
    url: str = request.getfixturevalue(f"{request.param}_url")
    template: Path = request.getfixturevalue("settled_template" if with_cast else "sqlite_template")
    db.use(url)
    files.use(tmp_path / "files")
    seals.use(SECRET)
    if request.param == "sqlite":
        _copy(template)
    else:
        _empty(with_cast=with_cast)
    yield url
    push.use(push.NOBODY)
    scan.use(None)
    mail.use(mail.CLOSED)
    index.use(None)


@pytest.fixture
def now() -> Iterator[None]:
    """It is Monday morning, and stays so."""
    with clock.held(MORNING):
        yield


@pytest.fixture
def cast(database: str, now: None) -> Cast:
    made: Cast = pickle.loads(_kept["cast"])
    return made


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, database_url=database, secret_key=SECRET, limits=False)


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The whole application; forms need no token here, `guarded_app` is for that."""
    return _app(settings, guarded=False)


@pytest.fixture
def guarded_app(settings: Settings) -> Flask:
    return _app(replace(settings, limits=True), guarded=True)


@pytest.fixture
def app_with(settings: Settings) -> Callable[..., Flask]:
    """The application with other settings: `app_with(demo=True)`."""
    return lambda **changes: _app(replace(settings, **changes), guarded=False)


@pytest.fixture
def browser(app: Flask) -> Callable[..., FlaskClient]:
    """A browser signed in as somebody, or as nobody: `browser(cast.priya).get("/")`."""

    def make(person: Person | None = None) -> FlaskClient:
        return signed_in(app, person)

    return make


@pytest.fixture
def program(app: Flask) -> Callable[..., FlaskClient]:
    """A program with somebody's token: `program(cast.priya, "write").get("/api/v1/me")`."""

    def make(person: Person, scope: str = "write") -> FlaskClient:
        with db.transaction():
            token = tokens.issue(person, "test", scope=scope)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return make


def _has_its_turn(test: str, among: set[str]) -> bool:
    """Whether a test of a door runs on this kind of database when it runs on one only."""
    kind, other = KINDS if f"[{KINDS[0]}" in test else KINDS[::-1]
    twin = test.replace(f"[{kind}", f"[{other}")
    if not test.startswith(DOORS) or twin == test or twin not in among:
        return True
    both = sorted((test, twin))
    return test == both[crc32(both[0].encode()) % 2]


def _memory() -> Path | None:
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return memory if has_room else None


def signed_in(app: Flask, person: Person | None) -> FlaskClient:
    client = app.test_client()
    if person is not None:
        with db.transaction():
            token = sign_ins.begin(person, "test", hours=12)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def _app(settings: Settings, *, guarded: bool) -> Flask:
    """One application for all tests with these settings: what differs is where its things are."""
    from app.factory import create_app

    # Making one takes as long as ten tests.
    kind = replace(settings, data=Path(), database_url=""), guarded
    if kind not in _shared:
        _shared[kind] = create_app(settings)
        _shared[kind].testing = True
    app = _shared[kind]
    app.config.update(KITH=settings, WTF_CSRF_ENABLED=guarded, TESTING=True)
    db.use(settings.database_url)
    files.use(settings.files)
    engines.use(settings.search, settings.index)
    for limiter in app.extensions.get("limiter", ()):
        limiter.reset()
    return app


def _answer_backwards(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA reverse_unordered_selects=ON")


def _copy(template: Path) -> None:
    """Make the database as new, page by page: whoever still has it open sees it so."""
    new, kept = sqlite3.connect(template), db.engine().raw_connection()
    assert isinstance(kept.driver_connection, sqlite3.Connection)
    new.backup(kept.driver_connection)
    new.close()
    kept.close()


def _settle_once(url: str) -> None:
    """Settle the cast once; each test gets the rows as they stood then, which is far quicker."""
    db.use(url)
    with clock.held(MORNING), db.transaction():
        cast = settle()
    _kept["cast"] = pickle.dumps(cast)


def _set_the_cast_aside(url: str) -> None:
    """Keep the rows of the cast in a schema of their own, from where each test copies them."""
    _settle_once(url)
    with db.engine().begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA settled")
        filled = []
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(exists(table.select()))) and table.name not in KEPT_TABLES:
                connection.exec_driver_sql(
                    f"CREATE TABLE settled.{table.name} AS TABLE {table.name}"
                )
                filled.append(table)
    _kept["tables"] = filled


def _empty(*, with_cast: bool) -> None:
    """Make the database as new: deleting few rows takes a tenth of the time TRUNCATE does."""
    kept = ("counters", "name_rules")
    tables = [each for each in reversed(Base.metadata.sorted_tables) if each.name not in kept]
    again = "SELECT setval(pg_get_serial_sequence('{}', 'id'), 1, false)"
    # The audit cannot be emptied by those who use it; here nobody's triggers are asked.
    statements = ["SET LOCAL session_replication_role = replica"]
    statements += [f"DELETE FROM {table.name}" for table in tables]
    statements += [again.format(table.name) for table in tables if "id" in table.columns]
    statements += ["UPDATE counters SET value = 0"]
    statements += [f"INSERT INTO audit_head (id, place, hash) VALUES (1, 0, '{'0' * 64}')"]
    again_there = [each for each in _kept["tables"] if with_cast or each.name in BROUGHT_ALONG]
    statements += [each for table in again_there for each in _as_settled(table)]
    with db.engine().begin() as connection:
        connection.exec_driver_sql("; ".join(statements))


def _as_settled(table: Table) -> Iterator[str]:
    columns = ", ".join(each.name for each in table.columns if each.computed is None)
    yield f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM settled.{table.name}"
    if "id" in table.columns:
        last = f"(SELECT max(id) FROM settled.{table.name})"
        yield f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"
