"""A cell means the same however a council typed it, and what cannot be read is refused."""

from datetime import date, datetime, time

import pytest

from app.casework.returns import cells

EPOCH = date(1899, 12, 30)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "typed",
    [
        date(2025, 4, 3),
        datetime(2025, 4, 3, 14, 30),  # noqa: DTZ001
        45750,
        45750.6,
        "45750",
        20250403,
        "03/04/2025",
        "3.4.25",
        " 03-04-2025\xa0",
        "03/04/2025 00:00",
        "2025-04-03",
        "2025-04-03T09:15:00Z",
        "3 April 2025",
        "3rd Apr 2025",
        "03-Apr-25",
        "Thursday, 3 April 2025",
    ],
)
def test_a_date_is_read_day_first_in_every_way_it_is_typed(typed):
    assert cells.day(typed, EPOCH) == date(2025, 4, 3)


@pytest.mark.parametrize(
    "typed", [None, "", " ", "\xa0", "#N/A", "n/a", "-", "–", "NULL", time(0), 0]
)
def test_an_empty_date_is_no_date(typed):
    assert cells.day(typed, EPOCH) is None


@pytest.mark.parametrize(
    "typed", ["04/25/2025", "31/02/2025", "last week", "#REF!", True, -3, 1_000_000, "01/01/1900"]
)
def test_what_is_no_day_is_refused(typed):
    with pytest.raises(cells.Unreadable):
        cells.day(typed, EPOCH)


def test_what_is_refused_is_described_and_never_repeated():
    with pytest.raises(cells.Unreadable) as refused:
        cells.day("Rosalind", EPOCH)

    assert refused.value.value_shape == "text of 8 characters"
    assert "Rosalind" not in refused.value.reason


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Female", "female"),
        ("b) Female", "female"),
        ("B)  FEMALE", "female"),
        (2, "female"),
        (2.0, "female"),
        ("F", "female"),
        ("a) Male", "male"),
        ("1", "male"),
        ("d) Neither", "neither"),
        ("c) Not stated/recorded", None),
        ("Unknown", None),
        ("", None),
    ],
)
def test_a_gender_is_read_from_words_numbers_and_list_letters(typed, meant):
    assert cells.gender(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Neglect", "NEG"),
        ("a) Neglect", "NEG"),
        ("NEG", "NEG"),
        ("Physical abuse", "PHY"),
        ("Sexual Abuse", "SAB"),
        ("Emotional", "EMO"),
        ("e) Multiple", "MUL"),
        ("Physical and emotional abuse", "MUL"),
        (None, None),
    ],
)
def test_a_category_of_abuse_is_one_of_five(typed, meant):
    assert cells.abuse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a) Yes", True),
        ("Y", True),
        (1, True),
        ("b) No", False),
        ("N", False),
        (0, False),
        ("c) Unknown", None),
        ("Not stated", None),
        ("#N/A", None),
    ],
)
def test_yes_and_no_are_read_from_words_letters_and_numbers(typed, meant):
    assert cells.yes(typed) is meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("a) WBRI", "WBRI"), ("wbri", "WBRI"), ("White British", "WBRI")]
)
def test_an_ethnicity_is_its_census_code(typed, meant):
    assert cells.ethnicity(typed) == meant


def test_a_disability_code_of_the_census_means_yes():
    assert cells.disabled("AUT") is True


@pytest.mark.parametrize(
    ("typed", "meant"), [(612306, "612306"), (612306.0, "612306"), (" 0A-7 ", "0A-7")]
)
def test_a_councils_identifier_is_kept_as_written_without_spaces(typed, meant):
    assert cells.council_id(typed) == meant


@pytest.mark.parametrize("typed", ["Unborn", "EDD 20/06/2026", "Due: 20/06/2026", "20/06/2026"])
def test_an_expected_date_makes_an_unborn_child(typed):
    born, expected, unborn = cells.birth(typed, EPOCH, TODAY)

    assert born is None
    assert unborn
    assert expected == (None if typed == "Unborn" else date(2026, 6, 20))


def test_an_expected_date_years_ahead_is_refused():
    with pytest.raises(cells.Unreadable, match="that far ahead"):
        cells.birth("20/06/2062", EPOCH, TODAY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("q) 6: Police", "the police"),
        ("i) 3C: Health services", "a school nurse"),
        ("10", "an unknown source"),
        ("Neighbour at no 6", "Neighbour at no 6"),
        (None, None),
    ],
)
def test_who_made_contact_is_said_in_words(typed, meant):
    assert cells.source(typed) == meant
