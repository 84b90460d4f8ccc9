"""Every engine answers what the plainest search there can be answers, whoever asks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import access
from app.core import db, seals
from app.core.errors import Unavailable
from app.models import Person
from search import indexing, postgresql
from search.index import BEST, NEWEST, Index, Mark
from search.postgresql import PostgreSQL
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word
from search.whoosh_index import WhooshIndex
from tests.cast import Cast
from tests.search.oracle import Oracle
from tests.search.world import World

# Each engine beside the database it is for.
every_engine = pytest.mark.parametrize(
    ("database", "engine"),
    [("sqlite", "whoosh"), ("postgresql", "postgresql")],
    indirect=True,
    ids=["whoosh", "postgresql"],
)
postgresql_alone = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
# A step so long that nothing is walked.
NEVER = 10**15


@pytest.fixture
def engine(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Index:
    """One engine with everything in it that is in the database."""
    if request.param == "postgresql":
        return PostgreSQL()
    seals.use("a secret of this installation")
    index = WhooshIndex(tmp_path / "search")
    assert indexing.rebuild(index)
    return index


@pytest.fixture
def world(cast: Cast) -> World:
    world = World(cast, random.Random(8))
    with db.transaction():
        world.settle(90)
    return world


@every_engine
def test_it_finds_what_reading_every_row_finds(engine: Index, world: World) -> None:
    assert _agreeing(engine, world, 100) > 30, "most questions find nothing: it proves nothing"


@every_engine
def test_it_goes_on_where_a_page_ended(engine: Index, world: World) -> None:
    query = Either((Word("visit"), Word("school"), Word("the")))
    with db.transaction():
        scope = access.searchable(world.cast.dan)
        whole = Oracle().find(query, Filters(), scope, size=500)
        paged: list[Mark] = []
        while page := engine.find(
            query, Filters(), scope, before=paged[-1] if paged else None, size=7
        ):
            paged += page
    assert len(whole) > 21
    assert paged == whole


@postgresql_alone
@pytest.mark.parametrize("step", [0, NEVER])
@pytest.mark.parametrize("steps", [(0, 5), (3, 40), (2_000, 10_000)])
def test_postgresql_finds_the_same_over_many_cases(
    world: World, monkeypatch: pytest.MonkeyPatch, steps: tuple[int, int], step: int
) -> None:
    monkeypatch.setattr(postgresql, "FEW_CASES", 0)
    monkeypatch.setattr(postgresql, "FEW_MATCHES", steps[0])
    monkeypatch.setattr(postgresql, "NEW_ROWS", steps[1])
    monkeypatch.setattr(postgresql, "STEP_OVER_MANY", step)
    assert _agreeing(PostgreSQL(), world, 40)
    test_it_goes_on_where_a_page_ended(PostgreSQL(), world)


@postgresql_alone
@pytest.mark.parametrize("step", [0, NEVER])
def test_postgresql_finds_the_same_walking_and_collecting(
    world: World, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(postgresql, "STEP", step)
    assert _agreeing(PostgreSQL(), world, 60)
    test_it_goes_on_where_a_page_ended(PostgreSQL(), world)


@postgresql_alone
def test_postgresql_walks_where_a_word_is_common_and_collects_where_it_is_rare(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "STEP", 0.01)
    gone: list[str] = []
    for name in ("_walked", "_all"):
        _note_when_built(monkeypatch, name, gone)
    with db.transaction() as session:
        session.execute(text("ANALYZE"))
        for word in ("the", "unheard"):
            _found(PostgreSQL(), world.cast.dan, Word(word), Filters(things=frozenset({"post"})))
    assert gone == ["_walked", "_all"]


@every_engine
def test_what_is_not_in_the_scope_is_not_found(engine: Index, world: World) -> None:
    cast = world.cast
    with db.transaction():
        assert _found(engine, cast.priya, Everything(), Filters())
        for nobody in (cast.lee, cast.zed, cast.ada, cast.audrey):
            assert _found(engine, nobody, Everything(), Filters()) == []


@every_engine
def test_a_question_of_any_shape_is_answered(engine: Index, world: World) -> None:
    odd: list[Query] = [
        Not(Everything()),
        All((Everything(), Not(Word("the")))),
        Either((Everything(), Word("the"))),
        All((Not(Word("the")), Not(Prefix("a")))),
        Phrase(("the",)),
        Word("好"),
        Prefix("ж"),
        Word("a" * 3000),
        Either(tuple(Word(f"w{number}") for number in range(50))),
    ]
    oracle = Oracle()
    with db.transaction():
        for query in odd:
            for order in (NEWEST, BEST):
                here = _found(engine, world.cast.dan, query, Filters(), order=order)
                assert here == _found(oracle, world.cast.dan, query, Filters(), order=order)


@postgresql_alone
def test_what_takes_too_long_is_refused_and_undoes_nothing_else(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LONGEST", "20ms")
    with db.engine().begin() as other, db.transaction() as session:
        session.get_one(Person, cast.dan.id).phone = "01632 960002"
        session.flush()
        other.execute(text("LOCK TABLE attachments"))
        with pytest.raises(Unavailable, match="takes too long"):
            _found(PostgreSQL(), cast.dan, Word("a"), Filters(things=frozenset({"file"})))
        other.rollback()
        assert _found(PostgreSQL(), cast.dan, Word("a"), Filters()) == []
        assert session.scalar(text("SHOW statement_timeout")) == "0"
    with db.transaction() as session:
        assert session.get_one(Person, cast.dan.id).phone == "01632 960002"


def _note_when_built(monkeypatch: pytest.MonkeyPatch, name: str, gone: list[str]) -> None:
    build = getattr(postgresql, name)

    def noted(thing: str, given: frozenset[str]) -> Any:
        gone.append(name)
        return build(thing, given)

    monkeypatch.setattr(postgresql, name, noted)


def _agreeing(engine: Index, world: World, questions: int) -> int:
    """Ask both as many questions; answers how many of them found something."""
    oracle, some = Oracle(), 0
    with db.transaction():
        for _ in range(questions):
            viewer, query, filters = (
                world.chance.choice(world.cast.people),
                world.query(),
                world.filters(),
            )
            order = world.chance.choice([NEWEST, BEST])
            found = _found(engine, viewer, query, filters, order=order)
            assert found == _found(oracle, viewer, query, filters, order=order), query
            some += bool(found)
    return some


def _found(
    index: Index, viewer: Person, query: Query, filters: Filters, *, order: str = NEWEST
) -> list[Mark]:
    return index.find(query, filters, access.searchable(viewer), order=order)
