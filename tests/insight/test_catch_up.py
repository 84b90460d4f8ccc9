"""What happened since: of what she may read, and nothing from before."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy import select

from app import access
from app.casework import cases, networks
from app.core import clock, db
from app.insight import catch_up, events, strip
from app.insight.strip import Tally
from app.models import CaseStatus
from feeds import acknowledgements, comments, follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.insight.test_moves import read

DAY = timedelta(days=1)
ASKED = Update("Seen since Friday?", kind="question", due_at=MORNING + DAY)
WORRY = Update("Asleep in lessons.", worry="worried", meaning="May not sleep at home")


def test_it_tells_what_came_after_and_nothing_before(cast: Cast) -> None:
    with clock.held(MORNING - 9 * DAY), db.transaction():
        posts.publish(cast.dan, cast.amara, WORRY)
    with clock.held(MORNING - 2 * DAY), db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Not brought.", worry="worried", meaning="x"))
        cases.change_status(
            cast.priya,
            cast.amara,
            "looked_after",
            since=clock.today(),
            reason="Court order",
        )
        networks.add(cast.priya, cast.amara, cast.olive, role="Cover", reason="Priya is away")
    with db.transaction():
        told = catch_up.of(cast.dan, cast.amara, MORNING - 5 * DAY)
    assert [row.body for row in told.events] == ["Not brought."]
    assert [row.status for row in told.statuses] == ["looked_after"]
    assert [row.body for row in told.people] == ["Olive Reed, Cover, joined the network."]
    assert told.sentence == "1 update, all from Health."


def test_who_went_missing_matters_though_nobody_said_so(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("Not home since noon.", kind="missing"))
        posts.publish(cast.dan, cast.amara, Update("A good day."))
        told = catch_up.of(cast.priya, cast.amara, MORNING - DAY)
        shown = events.recent(cast.priya, cast.amara)
    assert [row.kind for row in told.events] == [row.kind for row in shown.rows] == ["missing"]


def test_what_waits_is_told_however_old_it_is(cast: Cast) -> None:
    with clock.held(MORNING - 9 * DAY), db.transaction():
        urgent = posts.publish(
            cast.ruth, cast.amara, Update("Ring me.", worry="urgent", phoned=True)
        )
        asked = posts.publish(cast.dan, cast.amara, ASKED)
    with db.transaction():
        before = catch_up.of(cast.priya, cast.amara, MORNING - DAY)
        acknowledgements.add(cast.priya, urgent)
        comments.add(cast.ruth, asked, "Yes, on Sunday.")
        comments.accept(cast.dan, asked, access.comment(cast.dan, 1))
    with db.transaction():
        after = catch_up.of(cast.priya, cast.amara, MORNING - DAY)
    assert [row.id for row in before.urgent] == [urgent.id]
    assert [row.id for row in before.open_questions] == [asked.id]
    assert before.sentence.endswith("1 urgent update that nobody has taken on. 1 open question.")
    assert (after.urgent, after.open_questions) == ([], [])
    assert [row.id for row in after.questions] == [asked.id], "it was answered meanwhile"


def _brought_in(cast: Cast, on: date, kind: str = "missing") -> None:
    post = posts.publish(cast.dan, cast.amara, Update("Missing episode.", kind=kind))
    post.source, post.occurred_at = "ssda903", clock.instant(on, time(12))
    post.author_id = post.agency_id = None


def test_years_that_a_file_brings_in_are_no_news(cast: Cast) -> None:
    with db.transaction() as session:
        for on in (date(2017, 3, 1), date(2018, 3, 1), date(2026, 11, 2)):
            _brought_in(cast, on)
        for since in (date(2017, 3, 3), date(2026, 11, 1)):
            session.add(
                CaseStatus(
                    case_id=cast.amara.id,
                    status="looked_after",
                    since=since,
                    recorded_at=clock.now(),
                    source="ssda903",
                )
            )
    with db.transaction():
        told = catch_up.of(cast.priya, cast.amara, MORNING - events.RECENT)
        months = events.recent(cast.priya, cast.amara)
    assert [row.id for row in told.events] == [row.id for row in months.rows]
    assert [row.since for row in told.statuses if row.source] == [date(2026, 11, 1)]
    assert told.sentence == (
        "No updates. 1 significant event from other systems. "
        "2 significant events of before came from other systems: see the chronology."
    )


def test_how_a_case_that_was_here_stands_by_an_old_day_is_news(cast: Cast) -> None:
    with db.transaction() as session:
        (stood,) = session.scalars(select(CaseStatus).where(CaseStatus.case_id == cast.amara.id))
        stood.since, stood.source = date(2017, 3, 3), "ssda903"
    with db.transaction():
        before = catch_up.of(cast.priya, cast.amara, cast.amara.opened_at - DAY)
        after = catch_up.of(cast.priya, cast.amara, cast.amara.opened_at + DAY)
        (again,) = db.session().scalars(select(CaseStatus).where(CaseStatus.id == stood.id))
        again.recorded_at = cast.amara.opened_at + 2 * DAY
        db.session().flush()
        later = catch_up.of(cast.priya, cast.amara, cast.amara.opened_at + DAY)
    assert (len(before.statuses), len(after.statuses), len(later.statuses)) == (0, 0, 1)


def test_what_is_for_others_is_not_told(cast: Cast) -> None:
    with db.transaction():
        named = Update(
            "For Dan alone.",
            worry="worried",
            meaning="x",
            audience="named",
            people=(cast.dan.id,),
            sharing_reason="He asked",
        )
        posts.publish(cast.priya, cast.amara, named)
        dan, ruth = (catch_up.of(who, cast.amara, MORNING - DAY) for who in (cast.dan, cast.ruth))
    assert ([row.body for row in dan.events], dan.many) == (["For Dan alone."], 1)
    assert (ruth.events, ruth.many, ruth.withheld) == ([], 0, 1)


def test_a_reading_that_moved_is_told_and_one_that_did_not_is_not(cast: Cast) -> None:
    with db.transaction():
        for days, value in ((90, 3), (2, 7)):
            read(cast.amara, value, days=days)
            read(cast.amara, 5, days=days, rater="mother")
        told = catch_up.of(cast.priya, cast.amara, MORNING - 5 * DAY)
        later = catch_up.of(cast.priya, cast.amara, MORNING - DAY)
    assert [(move.by, move.change) for move in told.moved] == [("child", "better")]
    assert later.moved == []


def test_each_case_counts_from_when_she_last_read_it(cast: Cast) -> None:
    with clock.held(MORNING - 9 * DAY), db.transaction():
        first = posts.publish(cast.dan, cast.amara, WORRY)
        posts.publish(cast.dan, cast.tobi, WORRY)
        follows.mark_read(cast.priya, cast.amara, first.position)
    with clock.held(MORNING - 2 * DAY), db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Weighed."))
    with db.transaction():
        found = {each.child_name: each for each in catch_up.away(cast.priya)}
        assert catch_up.last_read_at(cast.priya) == MORNING - 9 * DAY
    assert (found["Amara O"].many, len(found["Amara O"].events)) == (1, 0)
    assert (found["Tobi O"].many, len(found["Tobi O"].events)) == (1, 1)


def test_a_case_in_which_nothing_happened_is_left_out(cast: Cast) -> None:
    with db.transaction():
        for case in (cast.amara, cast.tobi):
            follows.mark_read(cast.priya, case, 0)
    with clock.held(MORNING + DAY), db.transaction():
        posts.publish(cast.dan, cast.tobi, WORRY)
        assert [each.child_name for each in catch_up.away(cast.priya)] == ["Tobi O"]
        assert {each.child_name for each in catch_up.away(cast.olive)} == {"Noor R"}
        assert catch_up.away(cast.lee) == [], "he has left"


def test_a_date_that_has_come_is_told_until_it_is_done(cast: Cast) -> None:
    with db.transaction():
        due = cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING - DAY)
        cases.add_key_date(cast.priya, cast.amara, "Review", MORNING + 60 * DAY)
        before = catch_up.of(cast.dan, cast.amara, MORNING - 5 * DAY)
        cases.finish_key_date(cast.priya, cast.amara, due.id)
        after = catch_up.of(cast.dan, cast.amara, MORNING + DAY)
    assert [row.what for row in before.passed] == ["Core group"]
    assert ([row.what for row in before.coming], before.soon) == (["Review"], [])
    assert after.passed == [], "it was done before"


def test_a_gap_stands_between_the_events_on_either_side(cast: Cast) -> None:
    for days in (80, 3):
        with clock.held(MORNING - days * DAY), db.transaction():
            posts.publish(cast.dan, cast.amara, WORRY)
    posted = [Tally(week, "2A", 1) for week in range(strip.WEEKS) if not 42 <= week <= 48]
    with db.transaction():
        gap = strip.of(posted, {}, clock.today()).gap
        told = events.recent(cast.priya, cast.amara, gap)
    assert told.gap
    assert (told.gap.weeks, told.gap_at, len(told.rows)) == (7, 1, 2)


def test_of_many_events_the_newest_are_told(cast: Cast) -> None:
    with db.transaction():
        for _ in range(events.SHOWN + 1):
            posts.publish(cast.dan, cast.amara, WORRY)
        told = events.recent(cast.priya, cast.amara)
    assert (len(told.rows), told.more) == (events.SHOWN, True)
