"""What the monitor has pointed out, for tests that do not ask it why."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from app import activity
from app.core import clock, db
from app.models import UNUSUAL, Agency, Alert, AlertAgency, Case
from app.monitor.alerts import TOLD


def point_out(case: Case, kind: str = "busy", **more: Any) -> Alert:
    """One alert of a case, as the monitor would keep it; of one that is busy or quiet, a week."""
    alert = Alert(case_id=case.id, kind=kind, **(_of_days(kind) | more))
    session = db.session()
    session.add(alert)
    session.flush()
    told = kind in UNUSUAL and alert.band == TOLD
    did = "alerted" if told else "pointed_out"
    activity.record(None, did, case_id=case.id, post_id=alert.post_id)
    return alert


def from_agency(alert: Alert, agency: Agency, days: int = 3, *, is_new: bool = False) -> None:
    db.session().add(AlertAgency(alert_id=alert.id, agency_id=agency.id, days=days, is_new=is_new))


def _of_days(kind: str) -> dict[str, Any]:
    at: datetime = clock.now()
    today: date = clock.today()
    found: dict[str, Any] = {"opened_at": at, "since": at - timedelta(days=6), "about_id": 0}
    if kind == "busy":
        found |= {"until_on": today, "window": 7, "updates": 9, "count": 8, "low": 1, "high": 3}
    elif kind == "quiet":
        found |= {"until_on": today, "window": 21, "updates": 0, "count": 0, "low": 4, "high": 9}
    return found
