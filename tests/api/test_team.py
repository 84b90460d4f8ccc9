"""The team board, by API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]


def test_a_program_reads_the_board_of_whose_token_it_holds(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    answer = program(cast.mo).get("/api/v1/team?sort=child&down=true").json
    conforms(answer, "TeamBoard")
    assert [each["name"] for each in answer["cases"]] == ["Tobi O", "Amara O"]
    assert [each["cases"] for each in answer["workload"]] == [2]
    assert program(cast.mo).get("/api/v1/team?sort=money").status_code == 422
    assert program(cast.lee).get("/api/v1/team").json["cases"] == []
