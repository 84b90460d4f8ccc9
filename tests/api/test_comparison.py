"""Whether it is getting better, by API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core import db
from tests import readings
from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]

PATH = "/api/v1/cases/1/comparison"


def test_a_program_reads_what_the_page_says(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    with db.transaction():
        readings.a_year(cast)
    answer = program(cast.dan).get(f"{PATH}?on=2026-03-01").json
    conforms(answer, "Comparison")
    assert answer["sentence"].startswith("Since 1 March 2026, 1 measure is better (safety scale)")
    safety, *_ = answer["measures"]
    assert (safety["name"], safety["rows"][0]["word"]) == ("Safety scale", "Better")
    assert safety["headings"] == ["Day", "Said by", "Score", "Time"]
    assert len(safety["readings"]) == len(readings.SAFETY) + 4


def test_what_cannot_be_is_a_problem_with_its_field(cast: Cast, program: Program) -> None:
    answer = program(cast.dan).get(f"{PATH}?on=soon")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["on"])
    assert program(cast.dan).get(f"{PATH}?way=sideways").status_code == 422
    assert program(cast.olive).get(PATH).status_code == 404
