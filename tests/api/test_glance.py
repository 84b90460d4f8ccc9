"""A case at a glance, what changed and what happened while away, by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock, db
from app.models import AuditEntry
from feeds import follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.insight.test_moves import read

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]

DAY = timedelta(days=1)


def talk(cast: Cast) -> None:
    with clock.held(MORNING - 9 * DAY), db.transaction():
        read(cast.amara, 3, days=90)
        posts.publish(cast.dan, cast.amara, Update("Tired.", worry="worried", meaning="Less"))
        posts.publish(
            cast.dan,
            cast.amara,
            Update("Seen?", kind="question", due_at=MORNING + DAY),
        )
    with db.transaction():
        read(cast.amara, 7, days=0)


def test_a_program_reads_the_weeks_of_a_case(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    talk(cast)
    answer = program(cast.priya).get("/api/v1/cases/1/weeks").json
    conforms(answer, "CaseWeeks")
    school = next(row for row in answer["groups"] if row["group"] == "school")
    assert (sum(school["counts"]), sum(answer["worried"])) == (2, 1)
    assert answer["sentence"].startswith("2 updates; somebody was worried in 1 week, ")


def test_a_program_reads_what_changed_since_a_day(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    talk(cast)
    priya = program(cast.priya)
    answer = priya.get("/api/v1/cases/1/changes?since=2026-11-01").json
    conforms(answer, "Meanwhile")
    assert [each["body"] for each in answer["events"]] == ["Tired."]
    assert [each["change"] for each in answer["moved"]] == ["better"]
    later = priya.get("/api/v1/cases/1/changes?since=2026-11-20").json
    assert (later["events"], len(later["questions"])) == ([], 1), "it still waits"
    assert priya.get("/api/v1/cases/1/changes?since=soon").status_code == 422
    for path in ("cases/1/changes", "away"):
        refused = priya.get(f"/api/v1/{path}?since=2099-01-01")
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["since"])


def test_it_is_on_record_and_marks_nothing_as_read(cast: Cast, program: Program) -> None:
    talk(cast)
    assert len(program(cast.priya).get("/api/v1/away").json["cases"]) == 2
    with db.transaction() as session:
        assert follows.last_read(cast.priya, cast.amara) == 0
        noted = select(AuditEntry.did).where(AuditEntry.person_id == cast.priya.id)
        assert "read what happened while away" in session.scalars(noted).all()


def test_another_childs_case_is_not_there(cast: Cast, program: Program) -> None:
    olive = program(cast.olive)
    for path in ("weeks", "changes"):
        assert olive.get(f"/api/v1/cases/3/{path}").status_code == 200, "her own"
        assert olive.get(f"/api/v1/cases/1/{path}").status_code == 404
