"""Scores in the form an update is written in: what is offered, and what came back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

from flask import request

from app.casework import measures
from app.casework.measures import Score
from app.core import clock
from app.core.errors import Invalid
from app.models import RATERS, Measure
from app.web import forms
from app.web.filters import agency_group

FIELDS = ("score_measure", "score_value", "score_rater")
# A conference says how safe it is in so many voices; who has more posts again.
ROWS = 4
# Whose word somebody writes down when they say nothing else: that of where they work.
OWN = {"care": "social_care", "school": "school", "health": "health", "police": "police"}
_NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,6})?")


def sent() -> list[Score]:
    """The scores in the form: one a row in which a value stands, of the day it happened."""
    on = _told_of()
    kept = {name: request.form.getlist(name)[: measures.MOST] for name in FIELDS}
    return [
        Score(forms.as_number(measure) or 0, as_value(value), rater, on)
        for measure, value, rater in _filled(kept)
    ]


def offered(
    agency_type: str | None, values: dict[str, Any], errors: forms.Errors
) -> dict[str, Any]:
    """What the composer draws: the measures, who may have said it, and the rows.

    `agency_type` is that of where the author works.
    """
    choices = measures.offered()
    own = OWN.get(agency_group(agency_type), "other")
    filled = _filled(values)
    empty = [("", "", own)] * (ROWS - len(filled))
    return {
        "measures": [(each.id, each.name) for each in choices],
        "raters": RATERS.items(),
        "rows": [_row(*each, choices) for each in (*filled, *empty)],
        "is_open": bool(filled),
        "error": errors.get("scores", ""),
    }


def _filled(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows in which a value stands: what is chosen beside none was chosen beforehand."""
    rows = zip_longest(*(values.get(name, ()) for name in FIELDS), fillvalue="")
    return [(measure, value, rater) for measure, value, rater in rows if value.strip()]


def _row(measure: str, value: str, rater: str, choices: Sequence[Measure]) -> dict[str, Any]:
    chosen = forms.as_number(measure)
    is_gone = bool(value) and all(each.id != chosen for each in choices)
    return {"measure": chosen, "value": value, "rater": rater, "is_gone": is_gone}


def as_value(written: str) -> float | None:
    """85, 85.5, 85,5 or 85%: a number, or none."""
    found = written.strip().removesuffix("%").rstrip()
    return float(found.replace(",", ".")) if _NUMBER.fullmatch(found) else None


def _told_of() -> date:
    today = clock.today()
    try:
        at = forms.moment("occurred_at")
    except Invalid:
        return today  # the moment has a sentence of its own
    return min(clock.local(at).date(), today) if at else today
