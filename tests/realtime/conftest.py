"""The house with its doors open, and pages that people have open in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.models import Person
from config.settings import Settings
from tests.realtime import house
from tests.realtime.house import Page


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return house.free_settings(settings)


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    with house.open_house(app, settings) as address:
        yield address


@pytest.fixture
def page(app: Flask, address: str) -> Iterator[Callable[[Person], Page]]:
    """Somebody's open page: `page(cast.priya).hears()`."""
    opened = []

    def make(person: Person) -> Page:
        opened.append(Page(address, house.cookie(app, person)[0]).open())
        return opened[-1]

    yield make
    for each in opened:
        each.close()
