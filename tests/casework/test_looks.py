"""Who can see a case, and who has looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import audit
from app.casework import conflicts, looks, restrictions
from app.core import clock, db
from app.core.errors import NotFound
from app.models import Person
from feeds import posts
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def look(cast: Cast, who: Person, did: str = "read case", **more: Any) -> None:
    with db.transaction():
        audit.note(who, did, how="page", case_id=cast.amara.id, **more)


def seen(cast: Cast, **asked: Any) -> list[tuple[str, str]]:
    with db.transaction():
        found = looks.of(cast.dan, cast.amara, **asked)
        return [(row.name.split()[0], row.did) for row in found.rows]


def test_everybody_who_sees_a_case_stands_there_with_the_ground(cast: Cast) -> None:
    with db.transaction():
        found = {each.name.split()[0]: each for each in looks.viewers(cast.dan, cast.amara)}
    assert set(found) == {"Priya", "Dan", "Ruth", "Mo"}
    assert found["Priya"].membership
    assert found["Mo"].membership is None
    assert found["Mo"].manages == ["Priya Shah"]


def test_who_is_kept_out_does_not_stand_there(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.ruth, "Cousin")
        restrictions.restrict(cast.priya, cast.amara, "The father knows staff")
    with db.transaction():
        names = {each.name for each in looks.viewers(cast.dan, cast.amara)}
    assert names == {"Priya Shah", "Dan Hughes"}


def test_nobody_else_learns_who_sees_it_or_has_looked(cast: Cast) -> None:
    for ask in (looks.viewers, looks.of, looks.lookers):
        with pytest.raises(NotFound), db.transaction():
            ask(cast.olive, cast.amara)


def test_members_see_who_looked_and_not_who_was_refused(cast: Cast) -> None:
    look(cast, cast.ruth)
    look(cast, cast.olive, outcome="refused")
    look(cast, cast.audrey, "read audit")
    look(cast, cast.priya, "changed member", outcome="done")
    assert seen(cast) == [("Ruth", "read case")]


def test_a_feed_that_showed_posts_of_the_case_is_a_look_at_it(cast: Cast) -> None:
    ranges = [(cast.amara.id, 1, 4), (cast.amara.id, 7, 7), (cast.tobi.id, 1, 1)]
    with db.transaction():
        audit.note(cast.priya, "read feed", how="page", ranges=ranges)
    assert seen(cast) == [("Priya", "read feed")]
    with db.transaction():
        assert len(looks.of(cast.dan, cast.tobi).rows) == 1


def test_a_look_that_was_undone_leaves_nothing(cast: Cast) -> None:
    def fail() -> None:
        with db.transaction():
            audit.note(cast.priya, "read feed", how="page", ranges=[(cast.amara.id, 1, 4)])
            raise NotFound

    with pytest.raises(NotFound):
        fail()
    assert seen(cast) == []


def test_after_ninety_days_it_is_no_longer_shown(cast: Cast) -> None:
    with clock.held(MORNING - 91 * DAY):
        look(cast, cast.ruth)
    assert seen(cast) == []


def test_who_was_no_member_on_that_day_is_marked(cast: Cast) -> None:
    with clock.held(MORNING - 10 * DAY):
        look(cast, cast.lee)  # was a member then
    look(cast, cast.mo)
    with db.transaction():
        rows = looks.of(cast.dan, cast.amara).rows
    assert [(row.name, bool(row.was_member)) for row in rows] == [
        ("Mo Akram", False),
        ("Lee Park", True),
    ]


def test_older_looks_follow_page_by_page_without_a_gap(cast: Cast) -> None:
    for minutes in range(7):
        with clock.held(MORNING - timedelta(minutes=minutes)):
            look(cast, cast.ruth)
            look(cast, cast.priya)
    many, before = 0, None
    with db.transaction():
        for _ in range(9):
            page = looks.of(cast.dan, cast.amara, before=before, size=5)
            many, before = many + len(page.rows), page.older
            if before is None:
                break
    assert many == 14


def test_one_person_s_looks_are_found(cast: Cast) -> None:
    look(cast, cast.ruth)
    look(cast, cast.priya)
    assert seen(cast, person_id=cast.ruth.id) == [("Ruth", "read case")]
    with db.transaction():
        assert [row.name for row in looks.lookers(cast.dan, cast.amara)] == [
            "Priya Shah",
            "Ruth Bell",
        ]


def test_a_post_read_in_the_feed_is_found_from_its_case(cast: Cast) -> None:
    from feeds import timeline

    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="He ate well."))
    with db.transaction():
        page = timeline.home(cast.ruth)
        audit.note(cast.ruth, "read feed", how="page", ranges=page.ranges)
    assert seen(cast) == [("Ruth", "read feed")]
