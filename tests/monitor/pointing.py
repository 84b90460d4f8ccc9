"""Ways to have something pointed out about a case, without the year of updates it would take."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock, db
from app.models import Alert, Case, Person
from app.monitor import alerts
from app.monitor.counts import Noted
from feeds import posts
from feeds.posts import Update
from tests.monitor.words_said import standing


def quiet(case: Case, *, score: float = 4.0) -> Alert:
    """Nothing for four weeks."""
    today = clock.today()
    found = alerts.Unusual(
        until_on=today,
        window=28,
        count=0,
        low=4,
        high=9,
        score=score,
        lift=score,
        band=1,
        is_young=False,
        noted=(),
    )
    with db.transaction():
        alerts.keep_quiet(case.id, found)
    return standing(case, "quiet")[0]


def busy(case: Case, *authors: Person, new: bool = False, lift: float = 4.0) -> Alert:
    """An update each this week; with `new`, the last of them had recorded nothing before."""
    today = clock.today()
    with db.transaction():
        noted = [
            Noted(posts.publish(each, case, Update("Today.")).id, case.id, today, agency, each.id)
            for each in authors
            for agency in [each.agency_id]
        ]
        known = authors[:-1] if new else authors
        earlier = [
            Noted(0, case.id, today - timedelta(days=20), each.agency_id, each.id) for each in known
        ]
        found = alerts.Unusual(
            until_on=today,
            window=7,
            count=len(authors),
            low=0,
            high=1,
            score=4.0,
            lift=lift,
            band=1,
            is_young=False,
            noted=[*earlier, *noted],
        )
        alerts.keep_busy(case.id, found, today)
    return standing(case, "busy")[0]
