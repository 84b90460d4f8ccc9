"""A case for its members alone."""

import pytest

from app import access
from app.casework import networks, restrictions
from app.core import db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Person
from feeds import timeline
from tests.cast import Cast


def sees(cast: Cast, person: Person) -> bool:
    return access.may(access.sees_case(person.id, cast.amara.id))


def test_a_manager_loses_a_case_that_is_for_members_only_and_members_keep_it(cast: Cast) -> None:
    with db.transaction():
        assert sees(cast, cast.mo)
        restrictions.restrict(cast.priya, cast.amara, "The father knows staff")
        assert not sees(cast, cast.mo)
        assert sees(cast, cast.dan)
        with pytest.raises(NotFound):
            access.case(cast.mo, cast.amara.id)
        said = timeline.stream(cast.dan, cast.amara).posts[0]
        assert (said.kind, said.body) == (
            "restricted",
            "Managers of members do not see it. The father knows staff",
        )


def test_only_who_loses_sight_is_told_that_the_page_is_gone(cast: Cast) -> None:
    with db.transaction() as session:
        restrictions.restrict(cast.priya, cast.amara, "The father knows staff")
        told = session.query(Activity).where(Activity.did == "access_changed")
        assert [each.person_id for each in told] == [cast.mo.id]


def test_it_is_lifted_with_a_reason_and_the_manager_sees_it_again(cast: Cast) -> None:
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "The father knows staff")
        with pytest.raises(Invalid), db.attempt():
            restrictions.lift(cast.priya, cast.amara, " ")
        restrictions.lift(cast.priya, cast.amara, "He has moved away")
        assert sees(cast, cast.mo)
        assert restrictions.current(cast.amara) is None
        row = restrictions.history(cast.amara)[0]
        assert (row.reason, row.decided_by, row.ended_reason, row.ended_by) == (
            "The father knows staff",
            "Priya Shah",
            "He has moved away",
            "Priya Shah",
        )
        assert timeline.stream(cast.mo, cast.amara).posts[0].kind == "unrestricted"


def test_whoever_leads_decides_with_a_reason_and_nobody_else(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(NotAllowed), db.attempt():
            restrictions.restrict(cast.dan, cast.amara, "I think so")
        with pytest.raises(NotFound), db.attempt():
            restrictions.restrict(cast.olive, cast.amara, "I think so")
        with pytest.raises(Invalid), db.attempt():
            restrictions.restrict(cast.priya, cast.amara, "")
        with pytest.raises(Conflict), db.attempt():
            restrictions.lift(cast.priya, cast.amara, "It never was")
        restrictions.restrict(cast.mo, cast.amara, "The father knows staff")
        with pytest.raises(Conflict), db.attempt():
            restrictions.restrict(cast.priya, cast.amara, "Again")
        with pytest.raises(NotFound), db.attempt():
            restrictions.lift(cast.mo, cast.amara, "He sees it no more")


def test_a_case_that_nobody_could_open_again_is_not_restricted(cast: Cast) -> None:
    with db.transaction():
        db.session().get_one(Person, cast.priya.id).active = False
        with pytest.raises(Conflict, match="hand over the lead first"), db.attempt():
            restrictions.restrict(cast.mo, cast.amara, "The father knows staff")
        networks.hand_over(cast.mo, cast.amara, cast.dan, "Priya has left")
        restrictions.restrict(cast.mo, cast.amara, "The father knows staff")
