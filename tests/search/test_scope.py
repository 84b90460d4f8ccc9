"""Where somebody may search: as much as the rules give, and no more."""

from __future__ import annotations

import pytest

from app import access
from app.access import Scope
from app.casework import restrictions
from app.core import db
from app.models import Person
from messaging import conversations
from tests.cast import Cast


def scope(viewer: Person) -> Scope:
    with db.transaction():
        return access.searchable(viewer)


def test_everybody_searches_the_cases_they_see(cast: Cast) -> None:
    both = {cast.amara.id, cast.tobi.id}
    for viewer, cases in (
        (cast.priya, both),
        (cast.dan, both),
        (cast.ruth, {cast.amara.id}),
        (cast.mo, both),
        (cast.olive, {cast.noor.id}),
        (cast.lee, set()),
        (cast.zed, set()),
        (cast.ada, set()),
        (cast.audrey, set()),
    ):
        assert scope(viewer).case_ids == cases, viewer.name


def test_conversations_are_one_s_own_and_those_of_one_s_networks(cast: Cast) -> None:
    with db.transaction():
        network = conversations.of_case(cast.priya, cast.amara).id
        direct = conversations.start(cast.priya, [cast.olive]).id
    assert scope(cast.priya).conversation_ids == {network, direct}
    assert scope(cast.dan).conversation_ids == {network}
    assert scope(cast.olive).conversation_ids == {direct}
    assert scope(cast.lee).conversation_ids == set()


def test_a_restricted_case_and_its_talk_are_for_no_index(cast: Cast) -> None:
    with db.transaction():
        conversations.of_case(cast.priya, cast.amara)
        restrictions.restrict(cast.priya, cast.amara, "A colleague is related")
    found = scope(cast.priya)
    assert found.case_ids == {cast.tobi.id}
    assert found.conversation_ids == set()
    assert found.restricted_case_ids == {cast.amara.id}
    nothing_apart = (scope(cast.mo).restricted_case_ids, scope(cast.olive).restricted_case_ids)
    assert nothing_apart == (frozenset(), frozenset())


def test_nobody_else_can_make_one(cast: Cast) -> None:
    with pytest.raises(TypeError):
        Scope(cast.olive.id, frozenset({cast.amara.id}), *[frozenset[int]()] * 3)
