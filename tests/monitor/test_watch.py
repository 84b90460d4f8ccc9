"""Watching a case by day and all of them by night."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sqlalchemy import delete, func, select, update

from app import relay
from app.casework import cases
from app.core import clock, db
from app.models import (
    Activity,
    AlertAgency,
    AlertPost,
    Case,
    CaseCounts,
    CaseStatus,
    Delivery,
    MonitorPass,
    Post,
)
from app.monitor import board, bursts, watch
from app.monitor.recall import recall
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.monitor.words_said import DAY, burst, look, standing, take_back, tell


def test_one_case_is_recalled_as_many_are_followed() -> None:
    chance = np.random.default_rng(7)
    counts = chance.poisson(0.4, (6, 400)) * (1 + 5 * (chance.random((6, 400)) < 0.02))
    exposure = chance.choice([0.0, 0.3, 1.0, 1.5], (6, 400))
    exposure[1, :300] = 0
    many = bursts.judge(bursts.follow(counts, exposure))
    for row in range(6):
        one = bursts.judge(recall(counts[row].tolist(), exposure[row].tolist()))
        assert one.p[0] == pytest.approx(many.p[row], rel=1e-4)
        assert one.window[0] == many.window[row]


def test_what_is_learnt_is_kept_as_it_was() -> None:
    chance = np.random.default_rng(1)
    learnt = watch.Learnt(cohort=bursts.fit(chance.poisson(0.3, (60, 120))))
    again = watch.Learnt.of(learnt.plain())
    assert (again.cohort, again.cut) == (learnt.cohort, learnt.cut)
    assert again.ratios.by_day.tolist() == learnt.ratios.by_day.tolist()


def test_a_burst_is_pointed_out_with_what_made_it(cast: Cast) -> None:
    told = burst(cast)
    look(cast.amara)
    (alert,) = standing(cast.amara, "busy")
    assert (alert.count, alert.updates, alert.window) == (15, 15, 7)
    with db.transaction() as session:
        contributing = select(AlertPost.post_id).where(AlertPost.alert_id == alert.id)
        assert sorted(session.scalars(contributing)) == sorted(told)
        days = select(AlertAgency.days).where(AlertAgency.alert_id == alert.id)
        assert list(session.scalars(days)) == [5, 5, 5]


def test_a_quiet_case_is_not(cast: Cast) -> None:
    for ago in range(2, 30, 5):
        tell(cast.priya, cast.amara, ago)
    look(cast.amara)
    assert standing(cast.amara, "busy") == []


def test_one_persons_fifteen_notes_are_no_burst(cast: Cast) -> None:
    for ago in range(15):
        tell(cast.priya, cast.amara, ago, noted=0)
    tell(cast.dan, cast.amara, 20)
    look(cast.amara)
    assert standing(cast.amara, "busy") == []


def test_what_several_write_down_late_is_a_burst_all_the_same(cast: Cast) -> None:
    long_open(cast)
    for who in (cast.priya, cast.dan, cast.ruth):
        for ago in (5, 6, 7, 8, 9):
            tell(who, cast.amara, ago, noted=ago - 3)
    look(cast.amara)
    assert len(standing(cast.amara, "busy")) == 1


def test_the_same_burst_is_pointed_out_once(cast: Cast) -> None:
    burst(cast)
    look(cast.amara)
    tell(cast.dan, cast.amara)
    look(cast.amara)
    (alert,) = standing(cast.amara, "busy")
    assert alert.updates == 16
    assert done(cast, "alerted") == 1


def test_it_stands_for_two_weeks_after_it_was_last_unusual(cast: Cast) -> None:
    burst(cast)
    look(cast.amara)
    look(cast.amara, MORNING + 13 * DAY)
    assert standing(cast.amara, "busy")
    look(cast.amara, MORNING + 30 * DAY)
    assert standing(cast.amara, "busy") == []


def test_a_withdrawn_update_made_nothing_busy(cast: Cast) -> None:
    told = burst(cast)
    look(cast.amara)
    for post_id in told[:3]:
        take_back(cast.priya, post_id)
    look(cast.amara)
    (alert,) = standing(cast.amara, "busy")
    assert alert.updates == 12


def test_a_burst_whose_updates_are_withdrawn_was_none(cast: Cast) -> None:
    told = burst(cast)
    look(cast.amara)
    for number, post_id in enumerate(told):
        take_back((cast.priya, cast.dan, cast.ruth)[number % 3], post_id)
    look(cast.amara, MORNING + DAY)
    assert standing(cast.amara, "busy") == []


def test_a_closed_case_needs_no_look(cast: Cast) -> None:
    burst(cast)
    look(cast.amara)
    with db.transaction():
        cases.close(cast.priya, cast.amara, on=MORNING.date(), reason="Moved away")
    look(cast.amara)
    assert standing(cast.amara, "busy") == []


def test_a_post_is_on_the_board_as_soon_as_it_is_delivered(cast: Cast) -> None:
    burst(cast, until=1)
    deliver_all()
    with db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Again."))
    deliver_all()
    (alert,) = standing(cast.amara, "busy")
    assert alert.updates == 16


def test_the_monitor_does_not_wake_itself(cast: Cast) -> None:
    burst(cast)
    deliver_all()
    with db.transaction() as session:
        assert session.scalar(select(func.count(Delivery.id))) == 0
    assert done(cast, "alerted") == 1


def test_the_night_finds_what_the_day_did_not_hear_of(cast: Cast) -> None:
    burst(cast, until=1)
    assert watch.sweep()
    assert len(standing(cast.amara, "busy")) == 1
    assert standing(cast.noor, "busy") == []
    assert not watch.sweep(), "it is done"


def test_a_pass_that_died_goes_on_where_it_stopped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst(cast, until=1)
    monkeypatch.setattr(watch, "AT_ONCE", 1)

    def die(done: int, every: int) -> None:
        assert every == 3
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch.sweep(say=die)
    with db.transaction() as session:
        under_way = session.get_one(MonitorPass, MORNING.date() - DAY)
        assert (under_way.cases, under_way.reached) == (2, cast.tobi.id)
    assert not watch.sweep(), "whoever is at it may still be alive"
    seen: list[int] = []
    with clock.held(MORNING + 2 * watch.LEASE):
        assert watch.sweep(say=lambda done, _: seen.append(done))
    assert seen == [3]
    assert len(standing(cast.amara, "busy")) == 1


def test_it_is_due_until_it_is_done(cast: Cast) -> None:
    assert watch.is_due()
    watch.sweep()
    assert not watch.is_due()
    with clock.held(MORNING + DAY):
        assert watch.is_due()


def test_a_silence_ends_with_the_first_word(cast: Cast) -> None:
    long_open(cast)
    for ago in range(40, 160, 2):
        tell(cast.priya, cast.amara, ago)
    tell(cast.dan, cast.amara, 159)
    watch.sweep()
    (alert,) = standing(cast.amara, "quiet")
    assert (alert.count, alert.window) == (0, 28)
    tell(cast.priya, cast.amara)
    look(cast.amara)
    assert standing(cast.amara, "quiet") == []


def test_of_two_silences_the_one_where_more_is_usual_stands_first(cast: Cast) -> None:
    for case, often in ((cast.amara, 2), (cast.tobi, 1)):
        long_open(cast, case)
        for ago in range(40, 160, often):
            tell(cast.priya, case, ago)
    watch.sweep()
    with db.transaction():
        quiet = board.of(cast.priya).part("quiet")
    order = [child.case_id for card in quiet for child in card.children]
    assert order == [cast.tobi.id, cast.amara.id]


def test_counts_that_were_lost_are_made_anew(cast: Cast) -> None:
    burst(cast, until=1)
    look(cast.amara)
    with db.transaction() as session:
        session.execute(delete(CaseCounts))
        session.execute(delete(MonitorPass))
    watch.sweep()
    assert len(standing(cast.amara, "busy")) == 1


def test_a_look_by_the_hour_leaves_a_case_counted(cast: Cast) -> None:
    burst(cast, until=1)
    with clock.held(MORNING - DAY), db.transaction():
        posts.publish(
            cast.dan, cast.amara, Update("Now.", kind="concern", worry="urgent", phoned=True)
        )
    watch.look_by_the_hour()
    assert standing(cast.amara, "unacknowledged")
    watch.sweep()
    assert len(standing(cast.amara, "busy")) == 1


def test_a_year_brought_in_is_no_burst(cast: Cast) -> None:
    told = burst(cast)
    with db.transaction() as session:
        for post_id in told:
            session.get_one(Post, post_id).source = "annex-a"
    watch.sweep()
    look(cast.amara)
    assert standing(cast.amara, "busy") == []


def long_open(cast: Cast, case: Case | None = None) -> None:
    """The case, Amara's by itself, was opened a year ago, and has stood as it stands since."""
    with db.transaction() as session:
        session.merge(case or cast.amara).opened_at = MORNING - 360 * DAY
        session.execute(update(CaseStatus).values(since=(MORNING - 360 * DAY).date()))


def done(cast: Cast, did: str) -> int:
    with db.transaction() as session:
        found = select(func.count(Activity.position)).where(
            Activity.did == did, Activity.case_id == cast.amara.id
        )
        return session.scalar(found) or 0


def deliver_all() -> None:
    while relay.deliver():
        pass


def test_the_last_pass_is_what_single_cases_are_judged_by(cast: Cast) -> None:
    with db.transaction():
        assert watch.newest() == watch.Learnt()
    watch.sweep(on=date(2026, 11, 22))
    with db.transaction() as session:
        kept = session.get_one(MonitorPass, date(2026, 11, 22))
        assert kept.ended_at == MORNING
        assert watch.newest().plain() == watch.Learnt.of(kept.learnt).plain()
