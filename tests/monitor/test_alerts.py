"""Alerts: one an episode, for whoever may know, until somebody says what is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import access
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotFound
from app.models import Activity, Alert, Disposition, Membership, Person, Post
from app.monitor import alerts, watch, words
from feeds import acknowledgements, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.monitor.words_said import DAY, burst, look, standing, take_back, tell

HOUR = timedelta(hours=1)


def busy(cast: Cast) -> Alert:
    burst(cast)
    look(cast.amara)
    (alert,) = standing(cast.amara, "busy")
    return alert


def decide(actor: Person, alert: Alert, decided: str = "expected", **more: Any) -> None:
    with db.transaction():
        alerts.answer(actor, alert.id, decided, "The conference is on Friday", **more)


def waiting(cast: Cast) -> list[str]:
    with db.transaction() as session:
        rows = select(Alert.kind).where(alerts.is_waiting(), Alert.case_id == cast.amara.id)
        return sorted(session.scalars(rows))


def test_a_decision_clears_the_card_for_everybody_and_stands_in_the_stream(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert, "strategy_discussion")
    assert "busy" not in waiting(cast)
    with db.transaction() as session:
        note = session.scalars(select(Post).where(Post.kind == "looked_into")).one()
        assert note.author_id == cast.mo.id
        assert note.body == (
            "Busier than usual. I have asked for a strategy discussion: The conference is on Friday"
        )
        kept = session.scalars(select(Disposition)).one()
        assert (kept.decided, kept.at) == ("strategy_discussion", MORNING)


def test_two_who_look_at_once_do_not_both_decide(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert)
    with pytest.raises(Conflict, match="colleague"):
        decide(cast.priya, alert)


def test_a_decision_wants_a_reason_and_a_snooze_its_day(cast: Cast) -> None:
    alert = busy(cast)
    with pytest.raises(Invalid) as refused, db.transaction():
        alerts.answer(cast.mo, alert.id, "expected", "  ")
    assert "reason" in refused.value.fields
    with pytest.raises(Invalid), db.transaction():
        alerts.answer(cast.mo, alert.id, "ignored", "Because")
    for day in (None, MORNING.date(), MORNING.date() + timedelta(days=91)):
        with pytest.raises(Invalid) as refused:
            decide(cast.mo, alert, "snoozed", until_on=day)
        assert "until_on" in refused.value.fields
    assert "busy" in waiting(cast)


def test_all_that_a_decision_lacks_is_told_at_once(cast: Cast) -> None:
    alert = busy(cast)
    with pytest.raises(Invalid) as refused, db.transaction():
        alerts.answer(cast.mo, alert.id, "", " ")
    assert list(refused.value.fields) == ["decided", "reason"]
    with pytest.raises(Invalid) as refused, db.transaction():
        alerts.answer(cast.mo, alert.id, "snoozed", "")
    assert list(refused.value.fields) == ["until_on", "reason"]


def test_what_was_snoozed_comes_back_on_its_day(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert, "snoozed", until_on=(MORNING + 3 * DAY).date())
    with clock.held(MORNING + 2 * DAY):
        assert "busy" not in waiting(cast)
    with clock.held(MORNING + 3 * DAY):
        assert "busy" in waiting(cast)


def test_what_was_snoozed_comes_back_on_its_day_though_it_is_long_over(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert, "snoozed", until_on=(MORNING + 40 * DAY).date())
    for day in (16, 39, 40):
        look(cast.amara, MORNING + day * DAY)
    with clock.held(MORNING + 40 * DAY):
        assert "busy" in waiting(cast)
    look(cast.amara, MORNING + 54 * DAY)
    assert standing(cast.amara, "busy") == []


def test_an_episode_that_was_decided_about_is_not_pointed_out_again(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert)
    tell(cast.dan, cast.amara)
    look(cast.amara)
    assert "busy" not in waiting(cast)


@pytest.mark.parametrize("decided", ["expected", "snoozed"])
def test_unless_it_becomes_much_more_unusual(cast: Cast, decided: str) -> None:
    alert = busy(cast)
    with db.transaction() as session:
        session.get_one(Alert, alert.id).score = alert.score - 3
    decide(cast.mo, alert, decided, until_on=(MORNING + 60 * DAY).date())
    look(cast.amara)
    assert "busy" in waiting(cast)
    (other,) = standing(cast.amara, "busy")
    assert other.id != alert.id


def test_a_snooze_is_kept_while_it_goes_on_as_it_was(cast: Cast) -> None:
    alert = busy(cast)
    decide(cast.mo, alert, "snoozed", until_on=(MORNING + 60 * DAY).date())
    burst(cast, until=-16)
    look(cast.amara, MORNING + 16 * DAY)
    assert "busy" not in waiting(cast)


def test_what_is_overdue_is_asked_again_after_a_week(cast: Cast) -> None:
    look(cast.amara)
    (alert,) = standing(cast.amara, "not_seen")
    decide(cast.priya, alert, "contacted_lead")
    with clock.held(MORNING + 6 * DAY):
        assert waiting(cast) == []
    with clock.held(MORNING + 8 * DAY):
        assert waiting(cast) == ["not_seen"]


def test_what_is_done_is_over(cast: Cast) -> None:
    look(cast.amara)
    assert waiting(cast) == ["not_seen"]
    tell(cast.priya, cast.amara, kind="visit", seen=True, seen_alone=True)
    look(cast.amara)
    assert waiting(cast) == []
    alert = ended(cast)
    with pytest.raises(Conflict, match="over"):
        decide(cast.priya, alert)


def ended(cast: Cast) -> Alert:
    with db.transaction() as session:
        return session.scalars(select(Alert).where(Alert.ended_at.is_not(None))).one()


@pytest.mark.parametrize("name", ["olive", "otto", "lee", "zed", "ada", "audrey"])
def test_to_others_an_alert_is_not_there(cast: Cast, name: str) -> None:
    alert = busy(cast)
    with pytest.raises(NotFound), db.transaction():
        access.alert(getattr(cast, name), alert.id)
    with pytest.raises(NotFound), db.transaction():
        alerts.answer(getattr(cast, name), alert.id, "expected", "Because")


def test_who_was_given_a_later_history_is_not_told_how_busy_it_was(cast: Cast) -> None:
    alert = busy(cast)
    with db.transaction() as session:
        session.query(Membership).filter_by(person_id=cast.dan.id, case_id=cast.amara.id).update(
            {"history_from": MORNING - DAY}
        )
    with pytest.raises(NotFound), db.transaction():
        access.alert(cast.dan, alert.id)
    with db.transaction():
        assert access.alert(cast.ruth, alert.id).id == alert.id


def test_what_waits_for_some_alone_is_known_to_them_alone(cast: Cast) -> None:
    with db.transaction():
        urgent = posts.publish(
            cast.priya,
            cast.amara,
            Update(
                "Only you.",
                kind="concern",
                worry="urgent",
                phoned=True,
                audience="named",
                people=(cast.ruth.id,),
                sharing_reason="Her father works here",
            ),
        ).id
    look(cast.amara, MORNING + 3 * HOUR)
    (alert,) = standing(cast.amara, "unacknowledged")
    with db.transaction():
        assert access.alert(cast.ruth, alert.id).post_id == urgent
    for other in (cast.dan, cast.mo):
        with pytest.raises(NotFound), db.transaction():
            access.alert(other, alert.id)
    decide(cast.ruth, alert, "contacted_lead")
    with db.transaction() as session:
        notes = select(func.count(Post.id)).where(Post.kind == "looked_into")
        assert session.scalar(notes) == 0, "the others would read of it"


def test_an_alert_about_a_withdrawn_update_is_gone_at_once(cast: Cast) -> None:
    with db.transaction():
        urgent = posts.publish(
            cast.dan, cast.amara, Update("Now.", kind="concern", worry="urgent", phoned=True)
        ).id
    look(cast.amara, MORNING + 3 * HOUR)
    (alert,) = standing(cast.amara, "unacknowledged")
    take_back(cast.dan, urgent)
    with pytest.raises(NotFound), db.transaction():
        access.alert(cast.priya, alert.id)


def test_what_passes_with_the_hours_needs_no_night(cast: Cast) -> None:
    with db.transaction():
        urgent = posts.publish(
            cast.dan, cast.amara, Update("Now.", kind="concern", worry="urgent", phoned=True)
        ).id
    with clock.held(MORNING + 3 * HOUR):
        watch.look_by_the_hour()
        assert standing(cast.amara, "unacknowledged")
        with db.transaction():
            acknowledgements.add(cast.priya, access.post(cast.priya, urgent))
        watch.look_by_the_hour()
        assert not standing(cast.amara, "unacknowledged")


def test_nothing_the_monitor_puts_on_record_says_a_word_of_the_case(cast: Cast) -> None:
    decide(cast.mo, busy(cast))
    with db.transaction() as session:
        did = set(session.scalars(select(Activity.did).where(Activity.case_id == cast.amara.id)))
        assert {"alerted", "looked_into"} <= did


def test_the_reason_is_said_in_words_that_can_be_checked(cast: Cast) -> None:
    alert = busy(cast)
    agencies = [words.Agency(each, str(each), "6", 5, each == 3) for each in (1, 2, 3)]
    said = words.of(alert, agencies)
    assert said.startswith("15 updates in 7 days from 3 agencies, 1 of them new; usual is ")
    assert said.endswith(" in similar cases in their first four weeks.") == alert.is_young


def test_the_days_are_named_once_they_are_past(cast: Cast) -> None:
    alert = busy(cast)
    agencies = [words.Agency(1, "1", "6", 5, is_new=False)]
    with clock.held(MORNING + DAY):
        assert " in 7 days from " in words.of(alert, agencies)
    with clock.held(MORNING + 9 * DAY):
        assert " in 7 days up to 23 November from " in words.of(alert, agencies)
