"""Somebody who must know nothing of a case."""

import pytest

from app import access
from app.casework import cases, conflicts, networks
from app.core import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Person
from feeds import audiences, facts, follows, posts, timeline
from feeds.posts import Update
from search import find
from tests.cast import Cast

WHY = "Lives with the mother"


def sees(cast: Cast, person: Person) -> bool:
    return access.may(access.sees_case(person.id, cast.amara.id))


def told_to_drop(cast: Cast) -> list[int | None]:
    rows = db.session().query(Activity).where(Activity.did == "access_changed")
    return [each.person_id for each in rows if each.person_id]


def test_i_know_this_family_takes_effect_at_once(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen."))
        conflicts.declare(cast.ruth, cast.amara, cast.ruth, "My neighbours")
        assert not sees(cast, cast.ruth)
        with pytest.raises(NotFound):
            access.case(cast.ruth, cast.amara.id)
        assert cast.ruth.id not in access.readers(post.id)
        assert follows.unread(cast.ruth) == {}
        assert timeline.home(cast.ruth).posts == []
        assert told_to_drop(cast) == [cast.ruth.id]


def test_a_colleague_who_never_saw_the_case_is_kept_apart_and_told_nothing(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.olive, WHY)
        assert told_to_drop(cast) == []
        with pytest.raises(Invalid, match="A conflict of interest keeps Olive Reed"), db.attempt():
            networks.add(cast.priya, cast.amara, cast.olive, role="", reason="Helps")
        assert not sees(cast, cast.olive)


def test_only_whoever_leads_declares_it_of_others(cast: Cast) -> None:
    with db.transaction():
        for actor, refusal in ((cast.dan, NotAllowed), (cast.olive, NotFound)):
            with pytest.raises(refusal), db.attempt():
                conflicts.declare(actor, cast.amara, cast.ruth, WHY)
            with pytest.raises(refusal), db.attempt():
                conflicts.of(actor, cast.amara)
        with pytest.raises(NotFound), db.attempt():
            conflicts.declare(cast.olive, cast.amara, cast.olive, "Is there such a case?")
        with pytest.raises(Invalid), db.attempt():
            conflicts.declare(cast.priya, cast.amara, cast.ruth, " ")
        conflicts.declare(cast.mo, cast.amara, cast.ruth, WHY)
        with pytest.raises(Conflict, match="already"), db.attempt():
            conflicts.declare(cast.priya, cast.amara, cast.ruth, WHY)


def test_members_learn_that_somebody_sees_nothing_and_not_why(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.ruth, WHY)
        apart = [row.name for row in networks.of(cast.amara) if row.conflicted]
        assert apart == ["Ruth Bell"]
        assert timeline.stream(cast.dan, cast.amara).posts == []
        assert [row.reason for row in conflicts.of(cast.priya, cast.amara)] == [WHY]


def test_who_is_kept_apart_is_not_counted_among_who_is_reached(cast: Cast) -> None:
    with db.transaction():

        def reached() -> set[int]:
            return {row.id for row in audiences.members([cast.amara.id])}

        assert reached() == {cast.priya.id, cast.dan.id, cast.ruth.id}
        conflicts.declare(cast.priya, cast.amara, cast.ruth, WHY)
        assert reached() == {cast.priya.id, cast.dan.id}
        db.session().get_one(Person, cast.dan.id).account = "administrator"
        assert reached() == {cast.priya.id}


def test_lifted_with_a_reason_everything_is_as_before(cast: Cast) -> None:
    with db.transaction():
        conflict = conflicts.declare(cast.ruth, cast.amara, cast.ruth, "My neighbours")
        with pytest.raises(NotFound), db.attempt():
            conflicts.lift(cast.ruth, cast.amara, conflict.id, "I was wrong")
        with pytest.raises(Invalid), db.attempt():
            conflicts.lift(cast.priya, cast.amara, conflict.id, "")
        with pytest.raises(NotFound), db.attempt():
            conflicts.lift(cast.priya, cast.tobi, conflict.id, "Another case")
        conflicts.lift(cast.priya, cast.amara, conflict.id, "Another family of that name")
        assert sees(cast, cast.ruth)
        with pytest.raises(Conflict), db.attempt():
            conflicts.lift(cast.priya, cast.amara, conflict.id, "Twice")
        row = conflicts.of(cast.priya, cast.amara)[0]
        assert (row.declared_by, row.ended_by) == ("Ruth Bell", "Priya Shah")


def test_a_lead_with_a_conflict_loses_all_and_the_manager_hands_over(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.priya, "My cousin")
        for ask in (access.case, access.led_case):
            with pytest.raises(NotFound):
                ask(cast.priya, cast.amara.id)
        with pytest.raises(NotFound), db.attempt():
            networks.leave(cast.priya, access.case(cast.priya, cast.amara.id), "Then I go")
        networks.hand_over(cast.mo, cast.amara, cast.dan, "A conflict of interest")
        assert [row.name for row in networks.of(cast.amara) if row.is_lead] == ["Dan Hughes"]


def test_the_lead_is_not_handed_to_somebody_kept_apart(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.ruth, WHY)
        with pytest.raises(Invalid), db.attempt():
            networks.hand_over(cast.priya, cast.amara, cast.ruth, "New job")


def test_nothing_of_the_child_is_found_by_who_is_kept_apart(cast: Cast) -> None:
    with db.transaction():
        before = find.cases(cast.dan, "amara")
        assert before
        conflicts.declare(cast.priya, cast.amara, cast.dan, WHY)
        assert find.cases(cast.dan, "amara") == []
        assert [row.name for row in cases.family(cast.dan, cast.tobi) if row.case_id] == []
        assert networks.shared(cast.dan, cast.ruth) == []
        assert networks.ending(cast.dan) == []


def test_a_lead_with_a_conflict_is_not_named_as_the_one_to_ask(cast: Cast) -> None:
    with db.transaction():
        assert facts.of(cast.dan, cast.amara).lead
        conflicts.declare(cast.mo, cast.amara, cast.priya, WHY)
        assert facts.of(cast.dan, cast.amara).lead is None
        lines = {row.id: row.lead_name for row in cases.mine(cast.dan)}
    assert lines[cast.amara.id] is None
    assert lines[cast.tobi.id] == "Priya Shah"
