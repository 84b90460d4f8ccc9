"""The network round one child: joining, leading, leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app import access
from app.casework import networks
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Person
from feeds import drafts, facts, follows, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast

REASON = "Works with the family"


def add(cast: Cast, person: Person, by: Person | None = None, **said: object) -> None:
    given = {"role": person.role, "reason": REASON} | said
    networks.add(by or cast.priya, cast.amara, person, **given)  # type: ignore[arg-type]


def sees(cast: Cast, person: Person) -> bool:
    return access.may(access.sees_case(person.id, cast.amara.id))


def leads(cast: Cast) -> list[str]:
    db.session().flush()
    return [row.name for row in networks.of(cast.amara) if row.is_lead]


def test_a_new_member_sees_follows_and_is_announced(cast: Cast) -> None:
    with db.transaction():
        add(cast, cast.olive, role="Allocated social worker")
        member = next(row for row in networks.of(cast.amara) if row.id == cast.olive.id)
        assert (member.role, member.reason, member.agency_name, member.from_at) == (
            "Allocated social worker",
            REASON,
            "South team",
            MORNING,
        )
        assert sees(cast, cast.olive)
        assert follows.is_following(cast.olive, cast.amara)
        said = timeline.stream(cast.dan, cast.amara).posts[0]
        assert said.body == "Olive Reed, Allocated social worker, joined the network."


def test_joining_needs_a_reason_and_somebody_who_works_with_children(cast: Cast) -> None:
    with db.transaction():
        for person, reason, field in (
            (cast.olive, " ", "reason"),
            (cast.zed, REASON, "person"),
            (cast.ada, REASON, "person"),
            (cast.audrey, REASON, "person"),
        ):
            with pytest.raises(Invalid) as refused, db.attempt():
                add(cast, person, reason=reason)
            assert set(refused.value.fields) == {field}
        with pytest.raises(Conflict, match="Dan Hughes is in this network already"), db.attempt():
            add(cast, cast.dan)


def test_the_lead_or_their_manager_adds_people_and_nobody_else(cast: Cast) -> None:
    with db.transaction():
        add(cast, cast.olive, by=cast.mo)
        with pytest.raises(NotAllowed), db.attempt():
            add(cast, cast.lee, by=cast.dan)
        with pytest.raises(NotFound), db.attempt():
            add(cast, cast.lee, by=cast.lee)


def test_a_leaver_loses_all_at_once(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.ruth, cast.amara, Update("My own post."))
        comment_id = post.id
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Changes post")
        asked: list[Callable[[], object]] = [
            lambda: access.case(cast.ruth, cast.amara.id),
            lambda: access.post(cast.ruth, comment_id),
        ]
        for ask in asked:
            with pytest.raises(NotFound):
                ask()
        assert not sees(cast, cast.ruth)
        assert follows.unread(cast.ruth) == {}
        assert not timeline.home(cast.ruth).posts
        assert timeline.posts(cast.ruth, [comment_id]) == []
        assert cast.ruth.id not in access.viewers(cast.amara.id)
        assert "Ruth Bell" not in [row.name for row in networks.of(cast.amara)]


def test_somebody_removed_may_come_back_and_reads_from_where_they_are_told(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Before."))
        networks.remove(cast.priya, cast.amara, cast.ruth, "Not needed now")
        assert not sees(cast, cast.ruth)
    with clock.held(MORNING + timedelta(days=1)), db.transaction():
        add(cast, cast.ruth, history_from=clock.now())
        assert sees(cast, cast.ruth)
        assert follows.is_following(cast.ruth, cast.amara)
        bodies = [row.body for row in timeline.stream(cast.ruth, cast.amara).posts]
        assert bodies == ["Ruth Bell, Health visitor, joined the network."]


def test_leaving_and_removing_need_a_reason_and_a_member(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Invalid), db.attempt():
            networks.leave(cast.ruth, cast.amara, "")
        with pytest.raises(Invalid), db.attempt():
            networks.remove(cast.priya, cast.amara, cast.ruth, " ")
        with pytest.raises(NotFound), db.attempt():
            networks.remove(cast.priya, cast.amara, cast.lee, "Left before")
        with pytest.raises(NotAllowed), db.attempt():
            networks.remove(cast.dan, cast.amara, cast.ruth, "Not mine to do")
        assert sees(cast, cast.ruth)


def test_the_lead_hands_over_before_they_leave(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Conflict, match="hand over"), db.attempt():
            networks.leave(cast.priya, cast.amara, "New job")
        with pytest.raises(Conflict, match="hand over"), db.attempt():
            networks.remove(cast.mo, cast.amara, cast.priya, "New job")
        networks.hand_over(cast.priya, cast.amara, cast.ruth, "New job")
        assert leads(cast) == ["Ruth Bell"]
        found = facts.of(cast.dan, cast.amara).lead
        assert found is not None
        assert found.name == "Ruth Bell"
        networks.leave(cast.priya, cast.amara, "New job")
        assert not sees(cast, cast.priya)
        assert not sees(cast, cast.mo), "the manager saw it through her"


def test_the_lead_goes_only_to_a_member_who_can_sign_in(cast: Cast) -> None:
    with db.transaction():
        for person, refusal in (
            (cast.olive, NotFound),
            (cast.lee, NotFound),
            (cast.zed, Invalid),
            (cast.priya, Conflict),
        ):
            with pytest.raises(refusal), db.attempt():
                networks.hand_over(cast.priya, cast.amara, person, "New job")
        with pytest.raises(NotAllowed), db.attempt():
            networks.hand_over(cast.dan, cast.amara, cast.dan, "I would like to")
        with pytest.raises(Invalid), db.attempt():
            networks.hand_over(cast.priya, cast.amara, cast.dan, "")
        assert leads(cast) == ["Priya Shah"]


def test_supervising_a_member_gives_sight_and_not_membership(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("Seen."))
        assert sees(cast, cast.mo)
        assert len(timeline.stream(cast.mo, access.case(cast.mo, cast.amara.id)).posts) == 1
        assert not access.may(access.is_member(cast.mo.id, cast.amara.id))
        assert "Mo Akram" not in [row.name for row in networks.of(cast.amara)]
        with pytest.raises(NotFound):
            networks.leave(cast.mo, cast.amara, "Was never in it")
        assert not sees(cast, cast.otto)


def test_the_list_shows_how_far_each_has_read(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen."))
        follows.mark_read(cast.dan, cast.amara, post.position)
        drafts.save(cast.ruth, cast.amara, {"body": "Nobody sees this"})
        rows = {row.name: row for row in networks.of(cast.amara)}
    assert next(iter(rows)) == "Priya Shah", "the lead stands first"
    assert [rows[name].last_read for name in ("Dan Hughes", "Ruth Bell")] == [1, 0]
    assert rows["Dan Hughes"].last_read_at == MORNING
    assert rows["Dan Hughes"].newest == 1
    assert not rows["Zed Cole"].active
