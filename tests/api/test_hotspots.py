"""What needs a look, by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core import db
from app.models import AuditEntry, Disposition
from tests.cast import MORNING, Cast
from tests.monitor.pointing import busy, quiet

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]

BOARD = "/api/v1/hotspots"
KEPT = {"decided": "expected", "reason": "A review week"}


def path(alert_id: int) -> str:
    return f"/api/v1/alerts/{alert_id}"


def test_a_program_reads_the_board_of_whose_token_it_holds(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    alert = busy(cast.amara, cast.priya, cast.dan, cast.ruth, new=True)
    quiet(cast.noor)
    answer = program(cast.dan).get(BOARD).json
    conforms(answer, "Hotspots")
    assert (answer["children"], answer["of"]) == (1, 2)
    (card,) = answer["cards"]
    conforms(card, "HotspotCard")
    (child,) = card["children"]
    conforms(child, "HotspotChild")
    assert (card["part"], child["name"], child["lead"]) == ("busy", "Amara O", "Priya Shah")
    (line,) = child["alerts"]
    conforms(line, "AlertLine")
    assert (line["id"], line["updates"], line["low"], line["high"]) == (alert.id, 3, 0, 1)
    assert [each["name"] for each in line["agencies"] if each["is_new"]] == ["Vale health visitors"]
    assert not {"score", "lift", "band"} & {*line, *child, *card}


def test_the_board_is_narrowed_and_what_is_not_hers_finds_nothing(
    cast: Cast, program: Program
) -> None:
    for case in cast.cases:
        quiet(case)
    mo = program(cast.mo)
    for query, many in (
        (f"team={cast.mo.id}", 2),
        (f"agency={cast.ruth.agency_id}", 1),
        (f"person={cast.olive.id}", 0),
        ("person=987654", 0),
    ):
        assert mo.get(f"{BOARD}?{query}").json["of"] == many, query
    assert mo.get(f"{BOARD}?team=many").status_code == 422


def test_an_alert_says_what_is_behind_it_and_what_was_decided(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    alert = busy(cast.amara, cast.priya, cast.dan)
    ruth = program(cast.ruth)
    before = ruth.get(path(alert.id)).json
    conforms(before, "Alert")
    assert (before["needs_a_look"], before["post_ids"], before["dispositions"]) == (
        True,
        [2, 1],
        [],
    )
    made = ruth.post(f"{path(alert.id)}/disposition", json=KEPT)
    assert (made.status_code, made.json) == (201, {"id": 1})
    after = ruth.get(path(alert.id)).json
    assert after["needs_a_look"] is False
    conforms(after["dispositions"][0], "Disposition")
    assert after["dispositions"][0]["by"] == "Ruth Bell"
    assert ruth.get(BOARD).json["children"] == 0


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"decided": "ignored", "reason": "Because"}, "decided"),
        ({"decided": "expected"}, "reason"),
        ({"decided": "expected", "reason": " "}, "reason"),
        ({"decided": "snoozed", "reason": "Because"}, "until_on"),
        ({"decided": "snoozed", "reason": "Because", "until_on": "soon"}, "until_on"),
    ],
)
def test_each_field_that_is_wrong_has_its_sentence(
    cast: Cast, program: Program, sent: dict[str, str], field: str
) -> None:
    alert = quiet(cast.amara)
    answer = program(cast.priya).post(f"{path(alert.id)}/disposition", json=sent)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_snooze_says_until_when(cast: Cast, program: Program) -> None:
    alert = quiet(cast.amara)
    day = (MORNING + timedelta(days=3)).date().isoformat()
    sent = {"decided": "snoozed", "reason": "Because", "until_on": day}
    priya = program(cast.priya)
    assert priya.post(f"{path(alert.id)}/disposition", json=sent).status_code == 201
    assert priya.get(path(alert.id)).json["again_at"].startswith(day)


def test_sent_twice_it_is_decided_once_and_a_later_colleague_is_refused(
    cast: Cast, program: Program
) -> None:
    alert = quiet(cast.amara)
    place, key = f"{path(alert.id)}/disposition", {"Idempotency-Key": "a"}
    mo = program(cast.mo)
    assert [mo.post(place, json=KEPT, headers=key).json for _ in range(2)] == [{"id": 1}] * 2
    assert program(cast.priya).post(place, json=KEPT).status_code == 409
    with db.transaction() as session:
        assert len(session.scalars(select(Disposition)).all()) == 1


def test_what_is_not_hers_is_not_there_and_a_reading_token_decides_nothing(
    cast: Cast, program: Program
) -> None:
    alert = quiet(cast.amara)
    olive = program(cast.olive)
    for number in (alert.id, 987_654):
        assert olive.get(path(number)).status_code == 404
        assert olive.post(f"{path(number)}/disposition", json=KEPT).status_code == 404
    reader = program(cast.priya, "read")
    assert reader.post(f"{path(alert.id)}/disposition", json=KEPT).status_code == 403


def test_a_program_that_looks_is_on_record(cast: Cast, program: Program) -> None:
    alert = quiet(cast.amara)
    dan = program(cast.dan)
    dan.get(BOARD)
    dan.get(path(alert.id))
    with db.transaction() as session:
        rows = select(AuditEntry).where(AuditEntry.how == "api").order_by(AuditEntry.id)
        entries = session.scalars(rows).all()
        assert [(each.did, each.case_id) for each in entries] == [
            ("read hotspots", None),
            ("read hotspot", cast.amara.id),
        ]
