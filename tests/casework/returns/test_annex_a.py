"""An Annex A workbook is read in whatever shape it comes; every row is accounted for."""

from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest

from app.casework.returns import annex_a
from app.core import clock
from app.core.errors import Invalid
from tests.workbooks import HEADINGS, Line, book, broken, contact, contacts, plan, rows


@pytest.fixture(autouse=True)
def _today():
    with clock.held(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        yield


@pytest.mark.parametrize(
    "title",
    ["List 1", "List_1", "LIST 01", "List 1 - Contacts", " list\xa01 ", "List1", "Annex A List 1"],
)
def test_a_list_is_found_by_its_name_however_it_is_written(title):
    workbook = annex_a.read(book({title: rows(1, contact())}))

    assert [event.what for event in workbook.events] == ["contact"]


def test_list_1_is_not_mistaken_for_lists_10_and_11():
    workbook = annex_a.read(
        book(
            {
                "List 10": rows(
                    10, {"Child Unique ID": 7, "Date the Child Entered Care": "1/2/2020"}
                ),
                "List 11": rows(11, {"Individual adopter identifier": 9}),
                "List 1": rows(1, contact()),
            }
        )
    )

    assert {number: n for number, n in workbook.counts.items() if n} == {1: 1, 10: 1, 11: 1}


def test_a_sheet_with_another_name_is_known_by_its_headings():
    workbook = annex_a.read(book({"Notes": [["Read me"]], "CP plans": rows(7, plan())}))

    assert workbook.counts[7] == 1


def test_headings_may_stand_below_a_title_and_an_empty_line():
    lines: list[Line] = [["Annex A: contacts"], [], *rows(1, contact())]

    workbook = annex_a.read(book({"List 1": lines}))

    assert workbook.rows[0].row_no == 4


def test_headings_vary_in_case_spaces_quotes_and_line_breaks():
    headings: Line = ["CHILD\nUnique\xa0ID", "Sex", "date of  CONTACT ", "Contact Source"]
    lines: list[Line] = [headings, [101, "2", "16/09/2025", "q) 6: Police"]]

    workbook = annex_a.read(book({"List 1": lines}))

    assert workbook.children["101"].gender == "female"
    assert workbook.events[0].detail == "Contact from the police."


def test_both_headings_of_the_missing_count_are_read_with_curly_or_straight_quotes():
    curly = HEADINGS[8].index(next(h for h in HEADINGS[8] if "‘Missing’" in h))
    lines = rows(8, {"Child Unique ID": 5, "Date Started to be Looked After": "1/4/2024"})
    lines[0][curly] = str(lines[0][curly]).replace("‘", "'").replace("’", "'")
    lines[1][curly] = 3

    workbook = annex_a.read(book({"List 8": lines}))

    assert workbook.events[-1].detail == "In twelve months: 3 missing episodes, 0 absent episodes."
    assert workbook.events[-1].occurred_on is None


def test_a_heading_is_read_when_a_note_was_added_to_it():
    lines = rows(7, plan())
    lines[0] = [f"{heading} (Y/N)" if "Start" in str(heading) else heading for heading in lines[0]]

    workbook = annex_a.read(book({"List 7": lines}))

    assert workbook.events[0].what == "plan_started"


def test_a_child_without_an_identifier_is_refused_with_the_cell_and_the_reason():
    workbook = annex_a.read(contacts(contact(child=None), contact()))

    refusal = workbook.refusals[0]
    assert (refusal.sheet, refusal.cell, refusal.heading) == ("List 1", "A2", "Child Unique ID")
    assert refusal.reason == "the child's identifier is missing"
    assert [row.refused for row in workbook.rows] == [True, False]


def test_a_name_in_the_place_of_an_identifier_is_refused_and_never_repeated():
    workbook = annex_a.read(contacts(contact(child="Rosalind Quince"), contact()))

    assert "Quince" not in str(workbook.refusals[0])
    assert workbook.refusals[0].value_shape == "text of 15 characters"


def test_a_contact_in_the_future_is_refused():
    workbook = annex_a.read(contacts(contact(on="03/03/2026"), contact()))

    assert workbook.refusals[0].cell == "F2"
    assert "in the future" in workbook.refusals[0].reason


def test_a_conference_that_is_booked_ahead_is_accepted():
    start = "Strategy discussion initiating Section 47 Enquiry Start Date"
    conference = "Date of Initial Child Protection Conference"
    row = {"Child Unique ID": 5, start: "27/02/2026", conference: "10/03/2026"}

    workbook = annex_a.read(book({"List 5": rows(5, row)}))

    assert [str(event.occurred_on) for event in workbook.events] == ["2026-02-27", "2026-03-10"]
    assert not workbook.warnings


def test_a_row_with_one_bad_cell_keeps_what_else_it_says_and_the_cell_is_noted():
    row = plan(**{"Child Protection Plan End Date": "soon"})

    workbook = annex_a.read(book({"List 7": rows(7, row)}))

    assert [event.what for event in workbook.events] == ["plan_started"]
    assert not workbook.refusals
    assert workbook.warnings[0].cell == "M2"


def test_a_row_without_any_date_is_refused():
    workbook = annex_a.read(contacts(contact(on="#N/A"), contact()))

    assert workbook.refusals[0].reason == "the row holds no date of anything"


def test_a_repeated_row_says_nothing_new():
    workbook = annex_a.read(contacts(contact(), contact()))

    assert len(workbook.events) == 1
    assert [row.repeats for row in workbook.rows] == [False, True]


def test_two_different_events_of_one_day_keep_apart():
    seen = {"Was the Child Seen Alone?": "a) Yes", "Date of the Last Statutory Visit": "4/5/2025"}
    other = {**seen, "Was the Child Seen Alone?": "b) No"}

    workbook = annex_a.read(book({"List 7": rows(7, plan(**seen), plan(**other))}))

    visits = [each for each in workbook.events if each.what == "statutory_visit"]
    assert [(each.seen, each.seen_alone) for each in visits] == [(True, True), (None, False)]
    assert visits[0].natural_key != visits[1].natural_key


def test_a_corrected_end_date_keeps_the_key_of_its_event():
    def ended(on):
        row = plan(**{"Child Protection Plan End Date": on})
        return annex_a.read(book({"List 7": rows(7, row)})).events[-1]

    assert ended("01/06/2025").occurred_on != ended("02/06/2025").occurred_on
    assert ended("01/06/2025").natural_key == ended("02/06/2025").natural_key


def test_adopters_are_counted_and_left_alone():
    adopters = rows(11, {"Individual adopter identifier": 1}, {"Individual adopter identifier": 2})

    workbook = annex_a.read(book({"List 1": rows(1, contact()), "List 11": adopters}))

    assert workbook.adopters == 2
    assert list(workbook.children) == ["101"]


def test_an_unborn_child_has_an_expected_date():
    workbook = annex_a.read(contacts(contact(**{"Date of Birth": "20/06/2026"})))

    child = workbook.children["101"]
    assert (child.date_of_birth, child.expected_on) == (None, date(2026, 6, 20))
    assert child.unborn


def test_rows_that_disagree_about_a_child_keep_the_first_and_say_so():
    first = contact(**{"Date of Birth": "20/06/2016"})
    second = contact(on="17/09/2025", **{"Date of Birth": "21/06/2016"})

    workbook = annex_a.read(contacts(first, second))

    assert workbook.children["101"].date_of_birth == date(2016, 6, 20)
    assert workbook.warnings[0].cell == "D3"


def test_the_date_of_the_file_is_what_its_front_sheet_says():
    front: list[Line] = [["Annex A"], ["Data as at", None, "31/01/2026"]]

    workbook = annex_a.read(book({"Front": front, "List 1": rows(1, contact())}))

    assert workbook.as_at == date(2026, 1, 31)


def test_the_date_may_stand_above_the_headings_of_a_list():
    lines: list[Line] = [["Contacts, as at 31 January 2026"], *rows(1, contact())]

    assert annex_a.read(book({"List 1": lines})).as_at == date(2026, 1, 31)


def test_rows_outside_the_size_the_sheet_claims_are_read():
    claimed = BytesIO()
    with ZipFile(contacts(contact())) as tidy, ZipFile(claimed, "w") as dirty:
        for part in tidy.namelist():
            content = tidy.read(part).replace(b'<dimension ref="A1:G2"', b'<dimension ref="A1:A1"')
            dirty.writestr(part, content)

    assert len(annex_a.read(claimed).events) == 1


def test_without_a_front_sheet_the_newest_event_dates_the_file():
    workbook = annex_a.read(contacts(contact(), contact(102, "20/09/2025")))

    assert workbook.as_at == date(2025, 9, 20)


def test_the_rows_of_a_list_without_headings_are_refused_one_by_one():
    workbook = annex_a.read(book({"List 1": rows(1, contact()), "List 2": [[1, 2], [3, 4]]}))

    assert [refusal.cell for refusal in workbook.refusals] == ["A1", "A2"]


def test_empty_rows_are_no_rows():
    lines = rows(1, contact(), {}, contact(102))
    lines.append([" ", "\xa0", None])

    assert annex_a.read(book({"List 1": lines})).counts[1] == 2


@pytest.mark.parametrize(
    "content", [b"", b"Child Unique ID,Gender\n1,2\n", b"PK\x03\x04 not really"]
)
def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid, match="not an Excel workbook"):
        annex_a.read(BytesIO(content))


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>
<worksheet><sheetData><row><c t="str"><v>&i;</v></c></row></sheetData></worksheet>""" % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 30) for name in b"bcdefghi"
)


@pytest.mark.parametrize("content", [b"", b"<worksheet><sheetData><row", ENTITIES])
@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]
)
def test_a_workbook_broken_inside_is_refused_with_a_sentence(part, content):
    with pytest.raises(Invalid, match=r"not an Excel workbook|None of the lists"):
        annex_a.read(broken(part, content))


def test_a_workbook_that_is_larger_than_the_reader_may_take_is_refused():
    file = contacts(contact(101), contact(102), contact(103))
    assert annex_a.read(file, most_rows=3).counts[1] == 3

    with pytest.raises(annex_a.TooLarge):
        annex_a.read(file, most_rows=2)
    with pytest.raises(annex_a.TooLarge):
        annex_a.read(file, largest=1000)


def test_two_contacts_of_one_day_are_numbered_in_the_order_of_the_file():
    police, school = ({"Contact Source": source} for source in ("6", "2A"))

    workbook = annex_a.read(contacts(contact(**police), contact(**school)))

    keys = [event.natural_key for event in workbook.events]
    assert keys == ["L1:101:contact:2025-09-16", "L1:101:contact:2025-09-16#2"]


def test_a_workbook_without_any_of_the_lists_is_refused_with_a_sentence():
    with pytest.raises(Invalid, match="None of the lists"):
        annex_a.read(book({"Budget": [["Cost", "Year"], [1, 2]]}))


def test_a_file_on_disk_is_read_by_its_path(tmp_path):
    path = tmp_path / "return.xlsx"
    path.write_bytes(contacts(contact()).getvalue())

    assert annex_a.read(path).counts[1] == 1
