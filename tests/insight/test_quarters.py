"""A team beside itself: what is counted, over which cases, and of no one person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.core import clock, db
from app.insight import quarters
from app.insight.quarters import Quarters
from app.models import Person
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import Cast
from tests.readings import missing


def of(viewer: Person) -> Quarters:
    with db.transaction():
        return quarters.of(viewer)


@pytest.mark.parametrize(
    ("today", "this", "last"),
    [
        (date(2026, 11, 23), (date(2026, 10, 1), 54), (date(2026, 7, 1), date(2026, 8, 23))),
        (date(2026, 2, 1), (date(2026, 1, 1), 32), (date(2025, 10, 1), date(2025, 11, 1))),
        (date(2026, 6, 30), (date(2026, 4, 1), 91), (date(2026, 1, 1), date(2026, 3, 31))),
    ],
)
def test_a_quarter_stands_beside_as_many_days_of_the_last(
    today: date, this: tuple[date, int], last: tuple[date, date]
) -> None:
    then, now = quarters.beside(today).spans
    assert (now.from_on, now.days) == this
    assert (then.from_on, then.until_on) == last


def test_it_counts_the_cases_of_those_she_supervises(cast: Cast) -> None:
    with db.transaction():
        posts.publish(
            cast.priya, cast.amara, Update("Seen.", kind="visit", seen=True, seen_alone=True)
        )
        posts.publish(cast.dan, cast.tobi, Update("At school."))
        posts.publish(
            cast.olive, cast.noor, Update("Seen.", kind="visit", seen=True, seen_alone=True)
        )
        missing(cast.amara, cast.dan, clock.now() - timedelta(days=100), 90)
    found = of(cast.mo)
    assert found.comparison is not None
    assert (found.people, found.cases) == (1, [cast.amara.id, cast.tobi.id])
    months = {panel.measure.name: panel.readings for panel in found.comparison.panels}
    assert months["Updates"][0] == ("November 2026", "2")
    assert months["Visits"][0] == ("November 2026", "1")
    assert ("August 2026", "1") in months["Times missing"]


def test_an_update_told_in_two_cases_counts_once(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Both seen."), [cast.tobi])
    found = of(cast.mo)
    assert found.comparison is not None
    assert found.comparison.panels[0].readings[0] == ("November 2026", "1")


def test_what_she_may_not_read_is_not_counted(cast: Cast) -> None:
    with db.transaction():
        only = Update(
            "For Ruth.", audience="named", people=(cast.ruth.id,), sharing_reason="Health"
        )
        posts.publish(cast.priya, cast.amara, only)
    found = of(cast.mo)
    assert found.comparison is not None
    assert found.comparison.panels == []


def test_questions_without_an_answer_are_those_at_the_end_of_either_time(cast: Cast) -> None:
    due = clock.now() + timedelta(days=1)
    with db.transaction():
        for words in ("Seen?", "Heard?"):
            asked = posts.publish(
                cast.priya, cast.amara, Update(words, kind="question", due_at=due)
            )
        comments.accept(cast.priya, asked, comments.add(cast.dan, asked, "Yes."))
    found = of(cast.mo)
    assert (found.open_then, found.open_now) == (0, 1)
    assert found.questions.startswith("Questions without an answer: 1 on 23 November 2026, 0 on")


def test_who_supervises_nobody_has_no_team(cast: Cast) -> None:
    found = of(cast.priya)
    assert (found.people, found.cases, found.comparison) == (0, [], None)
