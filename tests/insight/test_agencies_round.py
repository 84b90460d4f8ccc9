"""Which agencies are round the children of one family, as far as somebody sees them."""

from __future__ import annotations

from datetime import timedelta

from app.casework import restrictions
from app.core import clock, db
from app.insight import agencies_round
from app.insight.agencies_round import Round
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast


def seen(cast: Cast, who: str = "priya") -> Round:
    children = [(cast.amara.id, "Amara O"), (cast.tobi.id, "Tobi O")]
    with db.transaction():
        return agencies_round.of(getattr(cast, who), children)


def test_each_agency_says_how_many_it_sends_and_when_it_last_told(cast: Cast) -> None:
    with clock.held(MORNING - timedelta(days=40)), db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Weighed."))
    with db.transaction():
        posts.publish(cast.dan, cast.tobi, Update("At school."))
    drawn = seen(cast)
    said = {row[0]: row[1:] for row in drawn.rows}
    assert said["Hillside Primary"] == (
        "1 person, no update",
        "1 person, last update 23 November 2026",
    )
    assert said["Vale health visitors"] == (
        "1 person, last update 14 October 2026",
        "Nobody in the network",
    )
    assert drawn.sentence == (
        "3 agencies round 2 children of this family. 1 agency is not with every child."
    )


def test_picture_and_table_hold_the_same_cells(cast: Cast) -> None:
    drawn = seen(cast)
    words = [cell for row in drawn.rows for cell in row[1:]]
    assert [cell.words for _, _, cell in drawn.circles] == words
    wide, high = drawn.size
    assert all(0 < x < wide and 0 < y < high for x, y, _ in drawn.circles)


def test_what_is_for_others_and_whose_case_is_not_seen_counts_nowhere(cast: Cast) -> None:
    with db.transaction():
        kept = Update("For Ruth.", audience="named", people=(cast.ruth.id,), sharing_reason="H")
        posts.publish(cast.priya, cast.amara, kept)
    told = [cells[0].told_on for cells in seen(cast, "ruth").cells]
    assert any(told), "there is something to keep from Dan"
    assert not any(cells[0].told_on for cells in seen(cast, "dan").cells)
    assert not any(cells[1].people for cells in seen(cast, "ruth").cells)
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "A relative works here")
    assert not any(cells[0].people for cells in seen(cast, "mo").cells)
