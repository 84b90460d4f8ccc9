"""What narrows a search: by number, by name, by date, and only of what is the viewer's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app import access
from app.casework import families, restrictions
from app.core import db
from app.models import Child, ChildName, Person
from search import filters
from search.filters import Narrowed
from search.query import Filters
from tests.cast import Cast


def resolved(viewer: Person, *asked: tuple[str, str]) -> Narrowed:
    with db.transaction():
        return filters.resolve(viewer, access.searchable(viewer), asked)


@pytest.mark.parametrize(
    ("asked", "only"),
    [
        (("kind", "visit"), Filters(kinds=frozenset({"visit"}))),
        (("kind", "Was not brought"), Filters(kinds=frozenset({"was_not_brought"}))),
        (("kind", "childs-words"), Filters(kinds=frozenset({"childs_words"}))),
        (("worry", "keep an eye on"), Filters(worries=frozenset({"keep_an_eye_on"}))),
        (("in", "messages"), Filters(things=frozenset({"message"}))),
        (("since", "2026-11-01"), Filters(since=datetime(2026, 11, 1, tzinfo=UTC))),
        (("before", "1/7/2026"), Filters(until=datetime(2026, 6, 30, 23, tzinfo=UTC))),
        (("since", "1.11.26"), Filters(since=datetime(2026, 11, 1, tzinfo=UTC))),
    ],
)
def test_what_has_a_name_of_its_own(cast: Cast, asked: tuple[str, str], only: Filters) -> None:
    assert resolved(cast.priya, asked) == Narrowed(only)


def test_people_agencies_and_cases_by_number_and_name(cast: Cast) -> None:
    dan, amara = frozenset({cast.dan.id}), frozenset({cast.amara.id})
    for asked, only in (
        (("from", "dan hughes"), Filters(author_ids=dan)),
        (("person", "Hughes Dan"), Filters(author_ids=dan)),
        (("from", "me"), Filters(author_ids=frozenset({cast.priya.id}))),
        (("is", "mine"), Filters(author_ids=frozenset({cast.priya.id}))),
        (("from", "zed"), Filters(author_ids=frozenset({cast.zed.id}))),
        (("agency", "hillside"), Filters(agency_ids=frozenset({cast.dan.agency_id}))),
        (("case", str(cast.amara.id)), Filters(case_ids=amara)),
        (("case", "amara"), Filters(case_ids=amara)),
    ):
        assert resolved(cast.priya, asked) == Narrowed(only), asked


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Siobhan Bell", "shivaun"),
        ("Zoë Walsh", "zoe walsh"),
        ("William Hall", "Hall, Bill"),
        ("Linh Nguyen", "nugyen"),
        ("Anne-Marie Dunn", "annemarie dunn"),
        ("Obafemi Ade", "femi"),
    ],
)
def test_who_is_named_may_be_spelt_otherwise(cast: Cast, name: str, written: str) -> None:
    with db.transaction() as session:
        session.get_one(Child, cast.amara.child_id).name = name
        session.get_one(Person, cast.zed.id).name = name

    for asked, only in (
        (("case", written), Filters(case_ids=frozenset({cast.amara.id}))),
        (("from", written), Filters(author_ids=frozenset({cast.zed.id}))),
    ):
        assert resolved(cast.priya, asked) == Narrowed(only)
        assert resolved(cast.olive, ("case", written)).unknown == (("case", written),)


def test_who_is_only_nearly_called_so_is_not_meant(cast: Cast) -> None:
    with db.transaction() as session:
        for person, name in ((cast.lee, "Ian Hughes"), (cast.zed, "Oliver Bell")):
            session.get_one(Person, person.id).name = name
    assert resolved(cast.priya, ("from", "dan hughes")).filters.author_ids == {cast.dan.id}
    assert resolved(cast.priya, ("from", "olive reed")).filters.author_ids == {cast.olive.id}


def test_a_child_is_named_by_another_name_and_not_by_the_family(cast: Cast) -> None:
    with db.transaction() as session:
        session.add(ChildName(child_id=cast.tobi.child_id, name="Catherine Dunn"))
        families.link_adult(
            cast.priya, cast.amara, "Kathleen Doyle", "grandmother", same_household=True
        )
    assert resolved(cast.priya, ("case", "kathryn")).filters.case_ids == {cast.tobi.id}
    assert resolved(cast.priya, ("case", "doyle")).unknown


def test_a_case_that_is_not_hers_is_one_that_is_not_there(cast: Cast) -> None:
    assert resolved(cast.olive, ("case", str(cast.noor.id))).unknown == ()

    for value in (str(cast.amara.id), "amara", "amarra", "987654"):
        found = resolved(cast.olive, ("case", value))
        assert found == Narrowed(filters._NOTHING, unknown=(("case", value),))


def test_a_restricted_case_is_named_by_its_members_alone(cast: Cast) -> None:
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "A colleague is related")
    assert resolved(cast.dan, ("case", "amara")).filters.case_ids == {cast.amara.id}
    assert resolved(cast.mo, ("case", "amara")).unknown


def test_what_names_nothing_finds_nothing(cast: Cast) -> None:
    nothing = [("kind", "viist"), ("since", "yesterday"), ("from", "nobody"), ("is", "red")]
    for asked in [*nothing, ("from", " "), ("case", " "), ("agency", " ")]:
        assert resolved(cast.priya, ("kind", "visit"), asked).unknown == (asked,)
    assert resolved(cast.priya, ("case", "9" * 400)).unknown
    assert resolved(cast.priya, ("since", "9999-12-31")).unknown == ()


def test_the_same_filter_lets_in_both_and_another_narrows(cast: Cast) -> None:
    found = resolved(
        cast.priya,
        ("kind", "visit"),
        ("kind", "meeting"),
        ("worry", "urgent"),
        ("since", "2026-11-01"),
        ("since", "2026-11-03"),
        ("is", "unread"),
    )
    assert found.unread
    assert found.filters == Filters(
        kinds=frozenset({"visit", "meeting"}),
        worries=frozenset({"urgent"}),
        since=datetime(2026, 11, 3, tzinfo=UTC),
    )
