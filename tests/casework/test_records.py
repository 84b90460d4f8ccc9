"""The whole record of a case: what is in it, for whom, and who took it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.casework import copies, records
from app.core import db
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models import EMERGENCIES, BreakGlass, Measure, Reading
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast


def tables(cast: Cast, who: str) -> dict[str, list[dict[str, Any]]]:
    with db.transaction():
        return {table.name: table.objects for table in records.of(getattr(cast, who), cast.amara)}


def test_it_holds_the_child_the_case_and_all_that_was_told(cast: Cast) -> None:
    with db.transaction() as session:
        post = posts.publish(cast.dan, cast.amara, Update("Late again.", kind="attendance"))
        comments.add(cast.priya, post, "I ring home.")
        measure = session.scalars(select(Measure).where(Measure.key == "attendance")).one()
        session.add(
            Reading(
                case_id=cast.amara.id,
                measure_id=measure.id,
                value=88,
                read_on=date(2026, 11, 1),
                rater="school",
                recorded_at=MORNING,
            )
        )
    found = tables(cast, "priya")
    assert found["child"][0]["name"] == "Amara O"
    assert found["statuses"][0]["category"] == "NEG"
    assert [each["relation"] for each in found["family"]] == ["brother"]
    assert {"Priya Shah", "Dan Hughes"} <= {each["name"] for each in found["network"]}
    (update,) = found["updates"]
    assert (update["body"], update["agency_type"]) == ("Late again.", "2A")
    assert found["comments"][0]["update_id"] == update["id"]
    assert (found["readings"][0]["value"], found["readings"][0]["measure_key"]) == (
        88,
        "attendance",
    )


def test_it_holds_no_more_than_she_may_read(cast: Cast) -> None:
    with db.transaction():
        secret = Update(
            "For Ruth.", audience="named", people=(cast.ruth.id,), sharing_reason="Health"
        )
        comments.add(cast.ruth, posts.publish(cast.priya, cast.amara, secret), "Thank you.")
    assert len(tables(cast, "ruth")["updates"]) == 1, "there is something to keep from Dan"
    assert tables(cast, "dan")["updates"] == tables(cast, "dan")["comments"] == []
    assert tables(cast, "ruth")["family"] == [], "whose brother's case she does not see"


def test_who_took_what_is_for_all_who_see_the_case(cast: Cast) -> None:
    with db.transaction():
        part = copies.Part(from_on=date(2026, 3, 1))
        copies.take(cast.priya, cast.amara, "chronology", "docx", part)
        copies.take(cast.dan, cast.amara, "record", "csv")
        both, one = copies.of(cast.amara), copies.of(cast.amara, "record")
    assert [(row.by, row.what) for row in both] == [
        ("Dan Hughes", "record"),
        ("Priya Shah", "chronology"),
    ]
    assert [row.by for row in one] == ["Dan Hughes"]


def test_nobody_takes_what_is_not_theirs_or_what_there_is_not(cast: Cast) -> None:
    with db.transaction(), pytest.raises(NotFound):
        copies.take(cast.olive, cast.amara, "record", "csv")
    with db.transaction(), pytest.raises(Invalid):
        copies.take(cast.priya, cast.amara, "record", "stone")


def test_an_emergency_lets_somebody_read_and_not_take_the_record_along(cast: Cast) -> None:
    with db.transaction() as session:
        session.add(
            BreakGlass(
                reference="BG-1",
                person_id=cast.olive.id,
                case_id=cast.amara.id,
                emergency=next(iter(EMERGENCIES)),
                reason="Found alone",
                asked_at=MORNING,
                opened_at=MORNING,
                until_at=MORNING + timedelta(hours=1),
            )
        )
    with db.transaction():
        copies.take(cast.olive, cast.amara, "chronology", "print")
        with pytest.raises(NotAllowed, match="not take its record along"):
            copies.take(cast.olive, cast.amara, "record", "json")
