"""What other systems told of the cast, and who of them may be one child."""

from __future__ import annotations

from app.core import clock, db
from app.models import ChildLink, Telling
from tests.cast import Cast


def told(cast: Cast) -> None:
    """Three systems tell of Amara; she and Tobi may be one child, and are said to be no other."""
    facts = {"born_on": "2017-05-01", "gender": "Female", "ethnicity": "WBRI"}
    for number, source in enumerate(("annex-a", "cin-census", "ssda903"), 1):
        db.session().add(
            Telling(
                case_id=cast.amara.id,
                source=source,
                as_at=clock.today(),
                brought_in_at=clock.now(),
                facts=facts | {"born_on": f"2017-05-0{number}"},
                history=[["2026-01-05", "child_in_need", None, "x"]],
            )
        )
    pair(cast, "same", None)
    pair(cast, "family", "linked")


def pair(cast: Cast, kind: str, decision: str | None) -> ChildLink:
    first, last = sorted((cast.amara.child_id, cast.tobi.child_id))
    link = ChildLink(
        child_id=first,
        other_child_id=last,
        kind=kind,
        score=21,
        why="born_swapped forename surname_close" if kind == "same" else "address",
        found_at=clock.now(),
        decision=decision,
        decided_at=clock.now() if decision else None,
    )
    db.session().add(link)
    db.session().flush()
    return link
