"""What is offered while a search is typed: her own, and what she may see; on record once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import audit
from app.casework import networks
from app.core import clock, db
from app.models import AuditEntry, Look, Person, Search
from search import asked, saved
from search.suggest import SEARCHES, Suggestion, suggest
from tests.cast import MORNING, Cast
from tests.search.scribbled import scribbled


def offered(person: Person, written: str) -> list[Suggestion]:
    with db.transaction():
        return suggest(person, written, how="page")


def labels(person: Person, written: str, thing: str) -> list[str]:
    return [each.label for each in offered(person, written) if each.thing == thing]


def search(person: Person, *written: str) -> None:
    with db.transaction():
        for words in written:
            asked.note(person, words, [], how="page")


def on_record(person: Person) -> list[AuditEntry]:
    with db.transaction() as session:
        rows = select(AuditEntry).where(AuditEntry.person_id == person.id).order_by(AuditEntry.id)
        return list(session.scalars(rows))


def test_her_own_searches_that_begin_so_are_offered_to_her_alone(cast: Cast) -> None:
    search(cast.priya, "bruise arm", "visit", "Bruised knee")
    with db.transaction():
        saved.save(cast.priya, "school OR nursery", "Bruises at school")

    assert labels(cast.priya, "bru", "search") == [
        "Bruises at school",
        "Bruised knee",
        "bruise arm",
    ]
    assert offered(cast.priya, "brui")[0].written == "school OR nursery"
    assert labels(cast.dan, "bru", "search") == []


def test_what_she_asked_last_is_offered_before_she_types(cast: Cast) -> None:
    search(cast.priya, "one", "two", "three", "four")
    assert labels(cast.priya, "", "search") == ["four", "three", "two"]
    assert labels(cast.priya, "two", "search") == [], "it is written already"
    assert SEARCHES == 3


def test_cases_and_colleagues_are_offered_by_the_name_that_is_being_typed(cast: Cast) -> None:
    amara = Suggestion("case", "Amara O", "Case, begins with ama", id=cast.amara.id)
    ruth = Suggestion(
        "person", "Ruth Bell", "Health visitor, Vale health visitors", id=cast.ruth.id
    )

    assert amara in offered(cast.priya, "ama")
    assert "Amara O" in labels(cast.priya, "amarra", "case")
    assert "Amara O" in labels(cast.priya, "kind:visit amara", "case")
    assert ruth in offered(cast.priya, "rut")
    assert labels(cast.priya, "a", "case") == [], "of one letter there is too much"
    assert labels(cast.priya, "hills safe", "person") == ["Dan Hughes"]
    assert "Olive Reed" not in labels(cast.priya, "am", "person"), "of the South team"


def test_a_child_of_strangers_is_offered_as_one_that_is_not_there(cast: Cast) -> None:
    for written in ("amara", "case:amara", "ama"):
        assert "Amara O" in labels(cast.ruth, written, "case")
        for stranger in (cast.olive, cast.lee, cast.zed):
            assert "Amara O" not in labels(stranger, written, "case")
    assert offered(cast.olive, "amara") == offered(cast.olive, "nosuch") == []
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.ruth, "Moved away")
    assert labels(cast.ruth, "amara", "case") == []


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("bruise fr", ["bruise from:"]),
        ("i", []),
        ("KIN", ["kind:"]),
        ("(school wor", ["(school worry:"]),
        ('"in the wor', []),
        ("bruise kind:was", ["bruise kind:was-not-brought "]),
        ("kind:broug", ["kind:was-not-brought "]),
        ("bruise kind: broug", ["bruise kind:was-not-brought "]),
        ('kind:"was not', ["kind:was-not-brought "]),
        ("worry:keep", ["worry:keep-an-eye-on "]),
        ("in:", ["in:posts ", "in:comments ", "in:messages ", "in:files "]),
        ("is:u", ["is:unread "]),
        ("since:", ["since:2026-11-23 ", "since:2026-11-16 ", "since:2026-10-26 "]),
        ("before:2026-11-1", ["before:2026-11-16 "]),
        ("worry:x", []),
        ("from:me", ["from:me "]),
        ("http:", []),
    ],
)
def test_filters_are_offered_with_what_may_stand_behind_them(
    cast: Cast, written: str, lines: list[str]
) -> None:
    found = [each.written for each in offered(cast.priya, written) if each.thing == "filter"]
    assert found == lines


def test_who_is_chosen_for_a_filter_is_written_as_a_number(cast: Cast) -> None:
    for written, line in (
        ("bruise from:dan", f"bruise from:{cast.dan.id} "),
        ('from:"hughes, d', f"from:{cast.dan.id} "),
        ("case:ama", f"case:{cast.amara.id} "),
        ("agency:hill", f"agency:{cast.dan.agency_id} "),
    ):
        assert offered(cast.priya, written)[0].written == line, written


def test_each_case_is_on_record_once_however_many_letters_named_it(cast: Cast) -> None:
    for written in ("am", "ama", "amar", "amara", "amara o"):
        assert "Amara O" in labels(cast.priya, written, "case")
    offered(cast.priya, "ruth")
    offered(cast.priya, "fro")

    (row,) = on_record(cast.priya)
    assert (row.did, row.how, row.ranges) == ("was offered cases", "page", [[cast.amara.id, 0, 0]])
    with db.transaction() as session:
        assert session.scalars(select(Look.case_id)).all() == [cast.amara.id]
        assert session.scalars(select(Search)).all() == [], "half a word is no search of hers"

    labels(cast.priya, "tobi", "case")
    assert on_record(cast.priya)[1].ranges == [[cast.tobi.id, 0, 0]]
    labels(cast.dan, "amara", "case")
    assert on_record(cast.dan)[0].ranges == [[cast.amara.id, 0, 0]]


def test_it_is_on_record_anew_after_a_while_and_not_where_the_case_was_just_open(
    cast: Cast,
) -> None:
    offered(cast.priya, "amara")
    with clock.held(MORNING + audit.LATELY + timedelta(seconds=1)):
        offered(cast.priya, "amara")
        assert len(on_record(cast.priya)) == 2
        with db.transaction():
            audit.note(cast.ruth, "read case", how="page", case_id=cast.amara.id)
        offered(cast.ruth, "amara")
        assert len(on_record(cast.ruth)) == 1


def test_whatever_is_typed_is_answered_without_an_error(cast: Cast) -> None:
    with db.transaction():
        for written in [
            *scribbled(200),
            'from:"',
            "kind:" * 99,
            "(" * 500,
            "\0",
            "case:" + "9" * 99,
        ]:
            suggest(cast.priya, written, how="page")
