"""What is kept of who was told: asked of the rules when it is told, and again when it is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import relay
from app.casework import conflicts, networks
from app.core import clock, db
from app.core.errors import NotFound
from app.models import Activity, Alert, Membership, Message, Notice, Person, Post
from app.monitor import alerts
from app.notices import choices, inbox, tell
from feeds import acknowledgements, comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from tests.alerts import point_out
from tests.cast import MORNING, Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URGENT = Update("Ring me.", worry="urgent", phoned=True)


def publish(author: Person, cast: Cast, update: Update, **more: Any) -> Post:
    with db.transaction():
        return posts.publish(author, cast.amara, update, **more)


def deliver() -> None:
    while relay.deliver():
        pass


def listed(person: Person) -> list[tuple[str, str | None]]:
    """Her list as (reason, by whom), and that what is counted is what stands there."""
    with db.transaction():
        rows = inbox.of(person).rows
        assert inbox.unread(person) == sum(row.read_at is None for row in rows)
        return [(row.reason, row.by) for row in rows]


def test_something_urgent_stands_in_the_list_of_everybody_who_reads_it(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    deliver()
    for person in (cast.priya, cast.ruth, cast.mo):
        assert listed(person) == [("urgent", "Dan Hughes")], person.name
    for person in (cast.dan, cast.lee, cast.olive, cast.otto, cast.zed, cast.ada):
        assert listed(person) == [], person.name


def test_telling_again_tells_nobody_twice(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction() as session:
        done = session.scalars(select(Activity).where(Activity.did == "published")).one()
    tell.of(done)
    assert listed(cast.priya) == [("urgent", "Dan Hughes")]


def test_what_is_for_some_is_told_to_them_alone(cast: Cast) -> None:
    kept = Update(
        "For you, @Ruth Bell, @Lee Park",
        audience="named",
        people=(cast.ruth.id,),
        sharing_reason="Hers to know",
        worry="urgent",
        phoned=True,
    )
    publish(cast.dan, cast, kept)
    deliver()
    assert listed(cast.ruth) == [("urgent", "Dan Hughes")]
    assert [listed(each) for each in (cast.priya, cast.mo, cast.lee)] == [[], [], []]


def test_an_agency_that_is_kept_out_is_told_nothing(cast: Cast) -> None:
    shut = Update(
        "Not for health",
        worry="urgent",
        phoned=True,
        excluded=(cast.ruth.agency_id,),
        sharing_reason="Not theirs",
    )
    publish(cast.dan, cast, shut)
    deliver()
    assert listed(cast.ruth) == []
    assert listed(cast.priya), "and others are"


def test_recipients_are_those_of_the_moment_of_telling(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    deliver()
    with db.transaction() as session:
        assert cast.ruth.id not in session.scalars(select(Notice.person_id)).all()


def test_who_loses_the_case_loses_its_notices(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    deliver()
    assert listed(cast.ruth)
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.mo, "A neighbour of theirs")
    deliver()
    assert listed(cast.ruth) == []
    assert listed(cast.mo) == []


def test_what_was_posted_before_her_history_is_told_to_her_no_more(cast: Cast) -> None:
    post = publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction() as session:
        ruths = session.scalars(
            select(Membership).where(Membership.person_id == cast.ruth.id)
        ).one()
        ruths.history_from = MORNING + HOUR
    assert listed(cast.ruth) == []
    with db.transaction():
        comments.add(cast.ruth, post, "A word")  # whatever she did, she is told nothing of it
        acknowledgements.add(cast.priya, post)
    deliver()
    assert listed(cast.ruth) == []


def test_a_withdrawal_takes_the_notice_away(cast: Cast) -> None:
    post = publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction() as session:
        posts.withdraw(cast.dan, session.get_one(Post, post.id), "Wrong child")
    deliver()
    assert listed(cast.priya) == []
    with db.transaction() as session:
        (one,) = session.scalars(select(Notice.id).where(Notice.person_id == cast.priya.id))
        with pytest.raises(NotFound):
            inbox.one(cast.priya, one)


def test_a_withdrawn_comment_takes_its_notice_with_it(cast: Cast) -> None:
    post = publish(cast.dan, cast, Update("At school today."))
    with db.transaction():
        comment = comments.add(cast.priya, post, "Thank you")
    deliver()
    assert listed(cast.dan) == [("reply", "Priya Shah")]
    with db.transaction() as session:
        comments.withdraw(cast.priya, session.merge(comment), "Wrong post")
    assert listed(cast.dan) == []


def test_one_update_about_two_children_tells_each_person_once(cast: Cast) -> None:
    publish(cast.priya, cast, URGENT, also=[cast.tobi])
    deliver()
    assert listed(cast.dan) == [("urgent", "Priya Shah")]
    assert listed(cast.mo) == [("urgent", "Priya Shah")]


def test_an_edit_tells_who_is_named_now_and_was_not_before(cast: Cast) -> None:
    post = publish(cast.dan, cast, Update("Ask @Ruth Bell"))
    deliver()
    with db.transaction() as session:
        posts.edit(cast.dan, session.get_one(Post, post.id), "Ask @Ruth Bell and @Priya Shah")
    deliver()
    assert listed(cast.ruth) == [("named", "Dan Hughes")]
    assert listed(cast.priya) == [("named", "Dan Hughes")]


def test_what_somebody_switched_off_does_not_come(cast: Cast) -> None:
    with db.transaction():
        choices.choose(cast.priya, {"followed": "off", "reply": "off"})
    publish(cast.dan, cast, Update("Tired again.", worry="worried", meaning="Less sleep"))
    deliver()
    assert listed(cast.priya) == []
    assert listed(cast.ruth) == [("followed", "Dan Hughes")]


def test_a_reason_that_is_off_leaves_the_next_one(cast: Cast) -> None:
    with db.transaction():
        choices.choose(cast.priya, {"named": "off", "news": "kith"})
    publish(cast.dan, cast, Update("Ask @Priya Shah"))
    deliver()
    assert listed(cast.priya) == [("news", "Dan Hughes")]


def test_who_joins_is_told_and_sees_it_only_while_they_do(cast: Cast) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.amara, cast.olive, role="Social worker", reason="Takes over")
    deliver()
    assert listed(cast.olive) == [("access", "Priya Shah")]
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.olive, "Not needed after all")
    assert listed(cast.olive) == []


def test_while_the_lead_is_away_her_cover_is_told_and_only_of_what_they_may_read(
    cast: Cast,
) -> None:
    with db.transaction():
        choices.set_absence(cast.priya, clock.today(), clock.today() + DAY, cast.olive.id)
    publish(cast.dan, cast, Update("Ask @Priya Shah"))
    deliver()
    assert listed(cast.priya) == [("named", "Dan Hughes")]
    assert listed(cast.olive) == [], "she chose somebody who may not read it"
    assert listed(cast.mo) == [("named", "Dan Hughes")], "so her manager is told"
    with db.transaction():
        choices.set_absence(cast.priya, clock.today(), clock.today() + DAY, cast.ruth.id)
    publish(cast.dan, cast, Update("Ask @Priya Shah again"))
    deliver()
    assert listed(cast.ruth) == [("named", "Dan Hughes")]
    with db.transaction():
        (row,) = inbox.of(cast.ruth).rows
    assert row.instead_of == "Priya Shah"


def test_a_message_to_one_alone_is_told_once_until_it_is_opened(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.dan, [cast.priya])
        messages.say(cast.dan, talk, "Are you there?")
        messages.say(cast.dan, talk, "It is about tomorrow.")
    deliver()
    assert listed(cast.priya) == [("message", "Dan Hughes")]
    assert listed(cast.dan) == []
    with db.transaction():
        inbox.seen_in(cast.priya, talk.id)
        messages.say(cast.dan, talk, "And Friday.")
    deliver()
    assert listed(cast.priya) == [("message", "Dan Hughes")] * 2


def test_who_is_named_in_the_talk_of_a_network_hears_of_it_while_they_read_it(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.of_case(cast.dan, cast.amara)
        said = messages.say(cast.dan, talk, "Can you ring me, @Ruth Bell?")
    deliver()
    assert listed(cast.ruth) == [("named", "Dan Hughes")]
    assert listed(cast.priya) == [], "she counts it as unread, and is not named"
    with db.transaction() as session:
        messages.withdraw(cast.dan, session.get_one(Message, said.id))
    assert listed(cast.ruth) == []
    with db.transaction():
        messages.say(cast.dan, talk, "Please, @Ruth Bell")
    deliver()
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    assert listed(cast.ruth) == []


def test_who_is_taken_out_of_a_group_is_told_so_and_nothing_else(cast: Cast) -> None:
    with db.transaction():
        group = conversations.start(
            cast.priya, [cast.dan, cast.ruth, cast.mo], case=cast.amara, name="Plan"
        )
        conversations.remove(cast.priya, group, cast.ruth)
        conversations.leave(cast.dan, group)
    deliver()
    assert listed(cast.ruth) == [("access", None)]
    assert [listed(each) for each in (cast.priya, cast.dan, cast.mo)] == [[], [], []]
    with db.transaction():
        (row,) = inbox.of(cast.ruth).rows
    assert {row.actor_id, row.case_id, row.child_name, row.post_id, row.message_id} == {None}
    with db.transaction() as session:
        done = session.scalars(select(Activity).where(Activity.person_id == cast.ruth.id)).one()
    tell.of(done)
    assert len(listed(cast.ruth)) == 1


def test_who_is_back_in_a_group_or_kept_from_its_case_is_told_no_more_that_they_are_out(
    cast: Cast,
) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.ruth], case=cast.amara, name="Plan")
        other = conversations.start(cast.priya, [cast.dan, cast.ruth], name="Duty")
        for each in (group, other):
            conversations.remove(cast.priya, each, cast.ruth)
            conversations.remove(cast.priya, each, cast.dan)
    deliver()
    assert len(listed(cast.ruth)) == len(listed(cast.dan)) == 2
    with db.transaction():
        conversations.add(cast.priya, other, cast.ruth)
        messages.say(cast.priya, other, "Are you there, @Ruth?")
        conflicts.declare(cast.priya, cast.amara, cast.dan, "An uncle")
    deliver()
    assert listed(cast.ruth) == [("named", "Priya Shah"), ("access", None)]
    assert listed(cast.dan) == [("access", None)], "of what was about no case"
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    assert listed(cast.ruth) == [("named", "Priya Shah")]


def test_a_page_of_notices_ends_where_the_next_begins(cast: Cast) -> None:
    for _ in range(5):
        publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction():
        first = inbox.of(cast.priya, size=3)
        rest = inbox.of(cast.priya, before=first.older, size=3)
    ids = [row.id for row in (*first.rows, *rest.rows)]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 5
    assert rest.older is None


def test_reading_all_leaves_what_came_after(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction():
        newest = inbox.of(cast.priya).rows[0].id
    publish(cast.dan, cast, URGENT)
    deliver()
    with db.transaction():
        inbox.read_all(cast.priya, newest)
        assert inbox.unread(cast.priya) == 1


def test_what_is_old_is_forgotten(cast: Cast) -> None:
    publish(cast.dan, cast, URGENT)
    deliver()
    with clock.held(MORNING + inbox.KEPT + HOUR), db.transaction():
        inbox.forget_old()
        assert inbox.of(cast.priya).rows == []


def alerted(cast: Cast, **more: Any) -> Alert:
    with db.transaction():
        alert = point_out(cast.amara, **more)
    deliver()
    return alert


def change_membership(person: Person, **columns: Any) -> None:
    with db.transaction() as session:
        hers = session.scalars(select(Membership).where(Membership.person_id == person.id)).all()
        for membership in hers:
            for name, value in columns.items():
                setattr(membership, name, value)


@pytest.mark.parametrize("kind", ["busy", "quiet"])
def test_who_leads_is_told_that_a_case_is_unusual(cast: Cast, kind: str) -> None:
    alert = alerted(cast, kind=kind)
    assert listed(cast.priya) == [("unusual", None)]
    for person in (cast.dan, cast.ruth, cast.mo, cast.lee, cast.olive, cast.otto, cast.audrey):
        assert listed(person) == [], person.name
    with db.transaction():
        (row,) = inbox.of(cast.priya).rows
        assert (row.alert_id, row.alert_kind, row.child_name) == (alert.id, kind, "Amara O")


def test_where_nobody_leads_managers_of_members_are_told(cast: Cast) -> None:
    change_membership(cast.priya, is_lead=False)
    alerted(cast)
    assert listed(cast.mo) == [("unusual", None)]
    assert listed(cast.priya) == []


def test_a_lead_who_was_given_nothing_that_old_is_told_nothing_of_it(cast: Cast) -> None:
    change_membership(cast.priya, history_from=MORNING - DAY)
    alerted(cast)
    assert listed(cast.priya) == []
    assert listed(cast.mo) == [("unusual", None)], "and her manager is"


def test_who_may_not_read_an_alert_any_more_loses_its_notice(cast: Cast) -> None:
    alerted(cast)
    change_membership(cast.priya, history_from=MORNING - DAY)
    assert listed(cast.priya) == []


def test_what_only_stands_on_the_board_is_told_to_nobody(cast: Cast) -> None:
    alerted(cast, band=alerts.ON_BOARD)
    assert listed(cast.priya) == []


def test_what_is_over_when_it_is_told_is_told_to_nobody(cast: Cast) -> None:
    with db.transaction():
        alerts.end(point_out(cast.amara))
    deliver()
    assert listed(cast.priya) == []


def test_when_somebody_has_looked_it_is_no_news_any_more(cast: Cast) -> None:
    alert = alerted(cast)
    with db.transaction():
        alerts.answer(cast.mo, alert.id, "contacted_lead", "Rang her at ten")
        assert inbox.unread(cast.priya) == 1
    deliver()
    with db.transaction():
        assert inbox.unread(cast.priya) == 0
        assert [row.alert_id for row in inbox.of(cast.priya).rows] == [alert.id], "it leads there"
