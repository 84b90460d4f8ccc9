"""`kith import scores` brings in a file of scores, and again, and accounts for every row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from app.casework import measures
from app.core import db
from app.models import Activity, Child, Delivery, Reading
from tests.cast import Cast

Run = Callable[..., Result]
HEAD = "council_id,measure,value,read_on,rater\n"
ROWS = "101,attendance,92.5,2026-09-30,school\n101,attendance,90,2026-10-31,school\n"


@pytest.fixture
def bring(cast: Cast, kith: Run, tmp_path: Path) -> Run:
    with db.transaction() as session:
        session.get_one(Child, cast.amara.child_id).council_id = "101"
    path = tmp_path / "scores.csv"

    def run(rows: str, *options: str, head: str = HEAD) -> Result:
        path.write_text(head + rows)
        return kith("import", "scores", str(path), *options)

    return run


def last(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.output.splitlines()[-1]


def test_the_same_file_again_changes_nothing(bring: Run, cast: Cast) -> None:
    assert last(bring(ROWS)) == "2 new, 0 changed, 0 same, 0 refused"
    assert last(bring(ROWS)) == "0 new, 0 changed, 2 same, 0 refused"
    assert last(bring(ROWS.replace("90,", "91,"))) == "0 new, 1 changed, 1 same, 0 refused"
    with db.transaction() as session:
        rows = measures.readings(cast.dan, cast.amara)
        assert [(row.value, row.source, row.recorded_by) for row in rows] == [
            (92.5, "scores", None),
            (91, "scores", None),
        ]
        assert set(session.scalars(select(Activity.did))) == {"imported"}
        assert session.scalars(select(Delivery)).all() == []


def test_a_dry_run_says_the_same_and_keeps_nothing(bring: Run) -> None:
    done = bring(ROWS, "--dry-run")
    assert "nothing was kept" in done.output
    assert last(done) == "2 new, 0 changed, 0 same, 0 refused"
    with db.transaction() as session:
        assert session.scalars(select(Reading)).all() == []


def test_every_row_is_accounted_for_and_a_refused_one_named_by_its_line(bring: Run) -> None:
    wrong = (
        "999,attendance,90,2026-10-31,school\n"
        "101,luck,90,2026-10-31,school\n"
        "101,attendance,many,2026-10-31,school\n"
        "101,attendance,90,31/10/2026,school\n"
        "101,attendance,900,2026-10-31,school\n"
        "101,attendance,90,2026-10-31,neighbour\n"
        "\n"
    )
    done = bring(ROWS + wrong)
    assert last(done) == "2 new, 0 changed, 0 same, 6 refused"
    said = [line.removeprefix("Refused: ") for line in done.output.splitlines()[:6]]
    assert said == [
        "line 4: No case, or more than one, has this council number.",
        "line 5: There is no measure of this name.",
        "line 6: The value is not a number.",
        "line 7: The day is not written like 2026-03-31.",
        "line 8: School attendance goes from 0 to 100.",
        "line 9: Choose who said it.",
    ]


def test_two_scores_of_one_day_are_told_apart_by_their_keys(bring: Run) -> None:
    head = HEAD.replace("rater", "rater,key")
    rows = "101,sdq_total,20,2026-09-30,carer,a\n101,sdq_total,22,2026-09-30,carer,b\n"
    assert last(bring(rows, head=head)) == "2 new, 0 changed, 0 same, 0 refused"


def test_a_file_without_its_columns_is_refused_in_a_sentence(bring: Run) -> None:
    done = bring(ROWS, head="child,score\n")
    assert done.exit_code == 2
    assert "council_id, measure, value, read_on, rater" in done.output
