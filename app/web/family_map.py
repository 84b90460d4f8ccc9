"""The family map of one case: who is round the child, as a picture and as lists."""

from __future__ import annotations

from flask import render_template

from app import access, audit
from app.casework import cases, families, networks
from app.core import db
from app.core.db import AnyRow
from app.insight import agencies_round
from app.insight import family_map as insight
from app.models import Case, Child, Person
from app.web import case_head, pages
from app.web.session import content


@pages.get("/cases/<int:case_id>/family-map")
@content
def family_map(viewer: Person, case_id: int) -> str:
    case = access.case(viewer, case_id)
    child = db.session().get_one(Child, case.child_id)
    family = cases.family(viewer, case)
    network = [row for row in networks.of(case, viewer) if not row.conflicted]
    leads = access.leads(viewer, case_id)
    audit.note(viewer, "read family map", how="page", case_id=case_id, ranges=_also(case, family))
    return render_template(
        "family_map.html",
        case=case,
        head=case_head.of(viewer, case, "family map"),
        map=insight.of(child, case.id, family, network),
        people_headings=insight.PEOPLE_HEADINGS,
        round_headings=insight.ROUND_HEADINGS,
        round=_round(viewer, case, child, family),
        leads=leads,
        elsewhere=families.said_elsewhere(viewer, case, family) if leads else (),
    )


def _round(
    viewer: Person, case: Case, child: Child, family: list[AnyRow]
) -> agencies_round.Round | None:
    """The agencies round the children she sees, where there is more than one."""
    children = [(case.id, child.label), *((row.case_id, row.name) for row in family if row.case_id)]
    return agencies_round.of(viewer, children) if len(children) > 1 else None


def _also(case: Case, family: list[AnyRow]) -> list[tuple[int, int, int]] | None:
    """Of brothers and sisters something is shown too, and is on record as well."""
    others = sorted({row.case_id for row in family if row.case_id} - {case.id})
    return [(case_id, 0, 0) for case_id in others] or None
