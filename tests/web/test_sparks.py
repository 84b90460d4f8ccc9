"""The picture, the sentence and the table say the same: they are drawn from one object."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask, render_template_string

from app.monitor.board import Weeks
from app.web.sparks import HEIGHT, RIM, Spark

UNTIL = date(2026, 11, 23)
COUNTS = [2, 1, 0, 5, *([2] * 21), 9]


def spark(counts: list[int] | None = None, low: int = 1, high: int = 4, before: int = 0) -> Spark:
    return Spark(Weeks(counts or COUNTS, low, high, before), UNTIL)


def test_the_sentence_says_the_newest_week_and_what_is_usual() -> None:
    assert spark().sentence == "9 this week, usual 1–4"
    assert spark(low=2, high=2).sentence == "9 this week, usual 2"


def test_the_table_has_a_row_a_week_and_says_how_each_compares() -> None:
    rows = spark().rows
    assert len(rows) == 26
    assert rows[-1] == (UNTIL, 9, "more than usual")
    assert rows[2] == (UNTIL - timedelta(weeks=23), 0, "fewer than usual")
    assert rows[0][2] == "usual"


def test_the_line_goes_through_what_the_table_says() -> None:
    drawn = spark()
    heights = [int(place.split(",")[1]) for place in drawn.line.split()]
    rises = [height < other for height, other in pairwise(heights)]
    assert rises == [one[1] > other[1] for one, other in pairwise(drawn.rows)]
    assert (min(heights), heights[2]) == (RIM, RIM + HEIGHT)


def test_each_earlier_week_that_was_not_usual_has_a_dot() -> None:
    drawn = spark()
    unusual = [row for row in drawn.rows[:-1] if row[2] != "usual"]
    assert len(unusual) == drawn.apart.count("M") == 2


def test_the_line_begins_with_the_case() -> None:
    drawn = spark(before=20)
    assert len(drawn.rows) == len(drawn.line.split()) == 6
    assert drawn.places[-1] == spark().places[-1], "the newest week stands where it always does"


def test_a_case_of_which_nothing_was_recorded_is_a_flat_line() -> None:
    drawn = spark([0] * 26, 0, 0)
    assert {y for _, y in drawn.places} == {RIM + HEIGHT}
    assert (drawn.sentence, drawn.apart) == ("0 this week, usual 0", "")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_picture_is_small_and_nothing_in_it_is_only_seen(app: Flask) -> None:
    many = [0, 9] * 13
    draw = "{% import 'components/hotspots.html' as spots %}{{ spots.picture(spark) }}"
    with app.test_request_context():
        html = render_template_string(draw, spark=spark(many))
    assert len(html) < 2048
    assert 'aria-hidden="true"' in html
    assert re.sub(r"<[^>]+>|\s+", " ", html).split() == "9 this week , usual 1–4".split()
