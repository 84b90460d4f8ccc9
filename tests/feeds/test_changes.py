"""Pointers to what happened: only in cases she sees, and only since she was given them."""

from __future__ import annotations

from datetime import timedelta

from app.casework import cases, networks
from app.core import clock, db
from app.models import Case, Person
from feeds import changes, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

LATER = MORNING + timedelta(hours=1)


def test_nothing_is_listed_from_before_the_history_she_was_given(cast: Cast) -> None:
    with db.transaction():
        cases.set_before_visit(cast.priya, cast.amara, "A dog is in the garden.")
        posts.publish(cast.dan, cast.amara, Update("Not in school today."))
    with clock.held(LATER), db.transaction():
        _let_in(cast.priya, cast.lee, cast.amara)
        cases.set_before_visit(cast.priya, cast.amara, "Two dogs are in the garden.")
        posts.publish(cast.dan, cast.amara, Update("In school today."))
        new, old = _did(cast.lee), _did(cast.ruth)
    assert new[-2:] == ["described", "published"]
    assert old == ["described", "published", *new]


def test_what_she_wrote_when_she_was_a_member_before_stays_hers(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Slept badly."))
        networks.remove(cast.priya, cast.amara, cast.ruth, "Moved away")
    with clock.held(LATER), db.transaction():
        _let_in(cast.priya, cast.ruth, cast.amara)
        assert _did(cast.ruth)[0] == "published"
        assert "left" not in _did(cast.ruth)


def _let_in(lead: Person, person: Person, case: Case) -> None:
    networks.add(lead, case, person, role="", reason="Helps", history_from=clock.now())


def _did(viewer: Person) -> list[str]:
    return [each.did for each in changes.since(viewer, 0)]
