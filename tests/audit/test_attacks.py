"""What somebody with every right to the database can do to the audit, and whether it is seen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit import anchors, chain
from app.core import db, json
from tests.audit.conftest import Record

Owner = Callable[..., Any]
Anew = Callable[..., None]

FIELDS = {
    "at": "'2026-11-22 08:00:00.000000'",
    "person_id": "NULL",
    "did": "'read help'",
    "how": "'api'",
    "outcome": "'refused'",
    "case_id": "case_id + 1",
    "about": "'post:1'",
    "ranges": "'[[1, 1, 8]]'",
    "why": "'supervision'",
    "hash": f"'{'a' * 64}'",
}


def test_an_audit_nobody_touched_is_good(record: Record) -> None:
    assert record.check() == ""
    assert record.check(alone=True) == ""


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field(record: Record, owner: Owner, field: str) -> None:
    at = "+00" if field == "at" and not db.is_sqlite() else ""
    changed = FIELDS[field].replace("000000'", f"000000{at}'")
    owner(f"UPDATE audit_entries SET {field} = {changed} WHERE id = 5")
    assert record.check(alone=True).startswith("Row 5 was changed")


def test_a_changed_row_with_its_hash_made_anew(
    record: Record, owner: Owner, make_anew: Anew
) -> None:
    owner("UPDATE audit_entries SET person_id = NULL WHERE id = 5")
    make_anew(5, only=True)
    assert record.check(alone=True).startswith("Row 6 was changed")


def test_the_last_row_changed_with_its_hash(record: Record, owner: Owner, make_anew: Anew) -> None:
    owner("UPDATE audit_entries SET person_id = NULL WHERE id = 10")
    make_anew(10, only=True)
    assert record.check(alone=True).startswith("The head does not name row 10")


def test_a_deleted_row(record: Record, owner: Owner) -> None:
    owner("DELETE FROM audit_entries WHERE id = 5")
    assert record.check(alone=True) == "Row 5 is missing: row 6 is the next there is."


def test_a_deleted_row_and_the_rest_numbered_anew(record: Record, owner: Owner) -> None:
    owner("DELETE FROM audit_entries WHERE id = 5")
    for place in range(6, 11):
        owner(f"UPDATE audit_entries SET id = {place - 1} WHERE id = {place}")
    assert record.check(alone=True).startswith("Row 5 was changed")


@pytest.mark.parametrize("place", [0, -7])
def test_a_row_put_before_the_first(record: Record, owner: Owner, place: int) -> None:
    insert_copy(owner, place)
    assert record.check(alone=True) == f"Row {place} stands before the first row."


def test_a_back_dated_row_put_in_between(record: Record, owner: Owner) -> None:
    for place in range(10, 4, -1):
        owner(f"UPDATE audit_entries SET id = {place + 1} WHERE id = {place}")
    insert_copy(owner, 5)
    owner("UPDATE audit_head SET place = 11")
    assert record.check(alone=True).startswith("Row 5 was changed")


def test_a_row_put_behind_the_head(record: Record, owner: Owner) -> None:
    insert_copy(owner, 11)
    assert record.check(alone=True).startswith("Row 11 ")


def test_a_whole_row_put_behind_the_head(record: Record, owner: Owner, make_anew: Anew) -> None:
    insert_copy(owner, 11)
    make_anew(11, head=False)
    assert record.check(alone=True) == "Row 11 stands after the end: the head is at row 10."


@pytest.mark.parametrize(
    ("attack", "wrong"),
    [
        (
            "DELETE FROM looks WHERE id = 1",
            "Row 12 shows posts of case {}, and its look is missing.",
        ),
        ("DELETE FROM looks", "Row 11 shows posts of case {}, and its look is missing."),
        ("UPDATE looks SET did = 'read help'", "Row 11 shows posts of case {}, and"),
        (
            (
                "INSERT INTO looks (case_id, person_id, at, did, how) "
                "SELECT case_id, person_id, at, did, 'api' FROM looks"
            ),
            "The look at case {} on 23 November 2026 at 09:00 by person ",
        ),
    ],
)
def test_looks_taken_away_or_made_up(
    record: Record, feed: None, owner: Owner, attack: str, wrong: str
) -> None:
    assert record.check() == ""
    owner(attack)
    assert record.check(alone=True).startswith(wrong.format(record.cast.amara.id))


def test_the_database_refuses_to_change_looks(record: Record, feed: None) -> None:
    for change in ("UPDATE looks SET did = 'read help'", "DELETE FROM looks"):
        with pytest.raises(DBAPIError, match="cannot be changed"), db.transaction() as session:
            session.execute(text(change))


def test_the_end_cut_off(record: Record, owner: Owner) -> None:
    owner("DELETE FROM audit_entries WHERE id > 6")
    assert record.check(alone=True) == "Row 7 is missing: the head is at row 10."


def test_everything_taken_away(record: Record, owner: Owner) -> None:
    owner("DELETE FROM audit_entries")
    assert record.check(alone=True) == "Row 1 is missing: the head is at row 10."


def test_two_rows_swapped(record: Record, owner: Owner) -> None:
    owner("UPDATE audit_entries SET did = 'read help' WHERE id = 4")
    for was, becomes in ((4, 99), (5, 4), (99, 5)):
        owner(f"UPDATE audit_entries SET id = {becomes} WHERE id = {was}")
    assert record.check(alone=True).startswith("Row 4 was changed")


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ("UPDATE audit_head SET place = 9", "Row 10 stands after the end"),
        ("UPDATE audit_head SET place = 12", "Row 11 is missing"),
        (f"UPDATE audit_head SET hash = '{'a' * 64}'", "The head does not name row 10"),
        ("DELETE FROM audit_head", "The head of the audit is gone"),
    ],
)
def test_another_head(record: Record, owner: Owner, changed: str, wrong: str) -> None:
    owner(changed)
    assert record.check(alone=True).startswith(wrong)


def test_the_end_cut_off_and_the_head_moved_back(record: Record, owner: Owner) -> None:
    cut(owner, 6)
    assert record.check(alone=True) == ""  # what only an anchor knows
    assert record.check().startswith("Row 7 is missing: the audit had reached row 8 on 23 Nov")


def test_everything_made_anew_from_some_row_on(
    record: Record, owner: Owner, make_anew: Anew
) -> None:
    owner("UPDATE audit_entries SET person_id = NULL WHERE id = 5")
    make_anew(5)
    assert record.check(alone=True) == ""  # what only an anchor knows
    assert record.check() == (
        "Row 8 is not the one that was anchored on 23 November 2026 at 09:00: "
        "row 4 or a later one was changed, and all after it made anew."
    )


def test_the_end_cut_off_and_grown_again(record: Record, owner: Owner) -> None:
    cut(owner, 6)
    grow(record, owner, 6)
    assert record.check(alone=True) == ""
    assert record.check().startswith("Row 8 is not the one that was anchored")


def test_a_forged_anchor(record: Record, owner: Owner, make_anew: Anew) -> None:
    owner("UPDATE audit_entries SET person_id = NULL WHERE id = 5")
    make_anew(5)
    rewrite(record, 1, hash=dict(hashes())[8])
    assert_refused(record, "Line 2 of the anchors was not signed with this key.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_anchor_signed_with_another_key(record: Record, owner: Owner) -> None:
    cut(owner, 6)
    other = record.file.with_name("other.jsonl")
    anchors.write(other, record.file.with_name("other-key.pem"))
    record.file.write_bytes(other.read_bytes())
    assert_refused(record, "Line 1 of the anchors was not signed with this key.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", [{"place": 6}, {"at": "2026-11-20T09:00:00Z"}])
def test_an_anchor_of_another_place_or_moment(record: Record, change: dict[str, Any]) -> None:
    rewrite(record, 1, **change)
    assert_refused(record, "Line 2 of the anchors was not signed with this key.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_line_that_is_no_anchor(record: Record) -> None:
    with record.file.open("a") as file:
        file.write("nothing\n")
    assert_refused(record, "Line 3 of the anchors was not signed with this key.")


def test_an_old_file_of_anchors(record: Record, owner: Owner, an_hour_later: None) -> None:
    copy = record.file.with_name("elsewhere.jsonl")
    shutil.copy(record.file, copy)
    record.file.write_bytes(record.file.read_bytes().splitlines(keepends=True)[0])
    cut(owner, 6)
    assert record.check() == ""
    assert record.late().startswith("Row 4 was written on 23 November 2026 at 09:00 and no anchor")
    record.file = copy
    assert record.check().startswith("Row 7 is missing")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_anchors_taken_away(record: Record, an_hour_later: None) -> None:
    record.file.unlink()
    assert record.late().startswith("Row 1 was written on 23 November 2026 at 09:00 and no anchor")


def test_no_later_anchor_makes_it_good_again(record: Record, owner: Owner) -> None:
    cut(owner, 6)
    with pytest.raises(anchors.Unusable, match="does not go on from row 8"):
        anchors.write(record.file, record.key)
    grow(record, owner, 6)
    record.anchor()
    assert record.check().startswith("Row 8 is not the one that was anchored")


def test_rows_after_the_last_anchor_are_not_proved(
    record: Record, owner: Owner, make_anew: Anew
) -> None:
    owner("UPDATE audit_entries SET person_id = NULL WHERE id = 9")
    make_anew(9)
    assert record.check() == ""


def insert_copy(owner: Owner, place: int) -> None:
    columns = "at, person_id, did, how, outcome, case_id, about, ranges, why, hash"
    owner(
        f"INSERT INTO audit_entries (id, {columns}) "
        f"SELECT {place}, {columns} FROM audit_entries WHERE id = 3"
    )


def cut(owner: Owner, last: int) -> None:
    owner(f"DELETE FROM audit_entries WHERE id > {last}")
    owner(
        "UPDATE audit_head SET place = :p, hash = (SELECT hash FROM audit_entries WHERE id = :p)",
        p=last,
    )


def grow(record: Record, owner: Owner, last: int) -> None:
    """Other rows in the place of those cut off, in a chain of their own."""
    before = dict(hashes())[last]
    for place in range(last + 1, 13):
        insert_copy(owner, place)
    owner(f"UPDATE audit_entries SET did = 'read help' WHERE id > {last}")
    for row in list(chain.rows(db.LARGEST))[last:]:
        assert row.said is not None
        before = chain.link(before, row.place, chain.digest(row.said))
        owner("UPDATE audit_entries SET hash = :h WHERE id = :p", h=before, p=row.place)
    cut(owner, 12)


def hashes() -> list[tuple[int, str]]:
    return [(row.place, row.hash) for row in chain.rows(db.LARGEST)]


def rewrite(record: Record, line: int, **change: Any) -> None:
    lines = record.file.read_bytes().splitlines()
    lines[line] = json.dumps(json.loads(lines[line]) | change)
    record.file.write_bytes(b"\n".join(lines) + b"\n")


def assert_refused(record: Record, sentence: str) -> None:
    with pytest.raises(anchors.Unusable) as refused:
        record.check()
    assert str(refused.value) == sentence
