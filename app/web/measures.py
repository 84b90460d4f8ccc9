"""What is compared over time, for administrators: what comes with Kith, and their own."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from app import audit
from app.casework import measures
from app.casework.measures import Scale
from app.core.errors import Invalid
from app.models import DIRECTIONS, KINDS, Measure, Person
from app.web import forms, pages, scores
from app.web.session import administrator

NUMBERS = ("lowest", "highest", "step", "threshold", "noise")
WORDS = ("name", "about", "unit", "better", "threshold_means")
NOT_A_NUMBER = "Write a number, such as 10 or 0.5."
NEEDED = {"step": "Write how far one score lies from the next, such as 1.", "noise": NOT_A_NUMBER}


@pages.get("/measures", endpoint="measures")
@administrator
def shown_measures(viewer: Person) -> str:
    audit.note(viewer, "read measures", how="page")
    return _page({})


@pages.post("/measures")
@administrator
def add_measure(viewer: Person) -> Any:
    def act() -> str:
        made = measures.define(viewer, _scale())
        return _done(viewer, "added measure", made)

    return forms.send(viewer, act, _page, done="The measure is there: it can be scored from now.")


@pages.get("/measures/<int:measure_id>")
@administrator
def measure(viewer: Person, measure_id: int) -> str:
    shown = measures.one(measure_id)
    audit.note(viewer, "read measure", how="page", about=f"measure:{shown.id}")
    return _form(shown, {})


@pages.post("/measures/<int:measure_id>")
@administrator
def change_measure(viewer: Person, measure_id: int) -> Any:
    changed = measures.one(measure_id)

    def act() -> str:
        measures.change(viewer, changed, _scale(changed))
        return _done(viewer, "changed measure", changed)

    return forms.send(viewer, act, lambda errors: _form(changed, errors), done="Saved.")


@pages.post("/measures/<int:measure_id>/retirement")
@administrator
def retire_measure(viewer: Person, measure_id: int) -> Any:
    """Retires a measure, or offers a retired one again, as the form it came from said."""
    changed, again = measures.one(measure_id), forms.flag("again")

    def act() -> str:
        (measures.offer_again if again else measures.retire)(viewer, changed)
        return _done(viewer, "offered measure" if again else "retired measure", changed)

    said = "It can be scored again." if again else "It is retired. What was scored stays."
    return forms.send(viewer, act, lambda errors: _form(changed, errors), done=said)


def _scale(shown: Measure | None = None) -> Scale:
    """What the form says; of what it does not ask, what is so already."""
    said: dict[str, Any] = {} if shown is None else _as_kept(shown)
    asked = measures.may_change(shown) if shown else set(Scale.__dataclass_fields__)
    said |= {name: forms.text(name) for name in WORDS if name in asked}
    if "counts_kind" in asked:
        said["counts_kind"] = forms.text("counts_kind") or None
    wrong = {}
    for name in NUMBERS:
        if name not in asked:
            continue
        written = forms.text(name).strip()
        said[name] = scores.as_value(written)
        if said[name] is None and (written or name in NEEDED):
            wrong[name] = NOT_A_NUMBER if written else NEEDED[name]
    if wrong:
        raise Invalid(**wrong)
    return Scale(**said)


def _as_kept(shown: Measure) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in Scale.__dataclass_fields__}


def _page(errors: forms.Errors) -> str:
    found = measures.every()
    return render_template(
        "measures.html",
        errors=errors,
        values=forms.values(step="1", noise="1", better="up"),
        key=forms.new_key(),
        in_use=[_line(each) for each in found if each.retired_at is None],
        retired=[_line(each) for each in found if each.retired_at is not None],
        **_choices(),
    )


def _form(shown: Measure, errors: forms.Errors) -> str:
    kept = _as_kept(shown) | {"unit": shown.unit.strip(), "counts_kind": shown.counts_kind or ""}
    for name in NUMBERS:
        kept[name] = "" if kept[name] is None else measures.as_number(kept[name])
    return render_template(
        "measure.html",
        errors=errors,
        values=forms.values(**kept),
        key=forms.new_key(),
        measure=shown,
        line=_line(shown),
        asked=measures.may_change(shown),
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {"directions": list(DIRECTIONS.items()), "kinds": list(KINDS.items())}


def _line(shown: Measure) -> dict[str, Any]:
    """One measure in words: from where to where, which way is better, from where it matters."""
    low, high = shown.lowest, shown.highest
    counts = f"Counts updates of the type {KINDS[shown.counts_kind]}" if shown.counts_kind else ""
    reach = "" if low is None and high is None else measures.reach(shown)
    unit = "" if shown.unit.startswith(" of ") else shown.unit  # as the range says already
    at = shown.threshold
    return {
        "id": shown.id,
        "name": shown.name,
        "about": shown.about or "",
        "scale": counts or f"{reach}{unit}".strip().capitalize() or "Any number",
        "better": DIRECTIONS[shown.better],
        "threshold": ""
        if at is None
        else f"{measures.as_number(at)}{shown.unit}: {shown.threshold_means}",
        "comes_with_kith": shown.key is not None,
    }


def _done(viewer: Person, did: str, changed: Measure) -> str:
    audit.note(viewer, did, how="page", about=f"measure:{changed.id}", outcome="done")
    return url_for("web.measures")
