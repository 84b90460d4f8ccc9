"""How long somebody is in a network: chosen, renewed, over; and a case that nobody leads."""

from datetime import date, timedelta
from typing import Any

import pytest

from app import access
from app.casework import cases, conflicts, networks, restrictions
from app.core import clock, db
from app.core.db import AnyRow
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Activity, Child, Membership, Person
from feeds import posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)
TODAY = MORNING.date()


def add(cast: Cast, until_on: date | None = None, **more: Any) -> Membership:
    given: Any = {"role": "", "reason": "Works with the family"} | more
    return networks.add(cast.priya, cast.amara, cast.olive, until_on=until_on, **given)


def sees(cast: Cast, person: Person) -> bool:
    return access.may(access.sees_case(person.id, cast.amara.id))


def ends_soon(cast: Cast, person: Person, days: int = 10) -> None:
    networks.member(cast.amara, person.id).until_at = MORNING + days * DAY


def close(person: Person) -> None:
    db.session().get_one(Person, person.id).active = False


def row_of(cast: Cast, person: Person) -> AnyRow:
    return next(row for row in networks.of(cast.amara) if row.id == person.id)


def test_a_membership_says_on_which_ground_why_until_when_and_who_decided(cast: Cast) -> None:
    with db.transaction():
        add(cast, TODAY + 90 * DAY, legal_basis="consent")
        row = row_of(cast, cast.olive)
        assert (row.legal_basis, row.reason, row.decided_by) == (
            "consent",
            "Works with the family",
            "Priya Shah",
        )
        assert networks.last_day(row.until_at) == TODAY + 90 * DAY


def test_it_lasts_six_months_unless_another_day_is_chosen(cast: Cast) -> None:
    with db.transaction():
        assert networks.last_day(add(cast).until_at) == TODAY + networks.USUAL


def test_the_last_day_counts_to_its_end_and_then_everything_is_lost(cast: Cast) -> None:
    with db.transaction():
        add(cast, TODAY)
    with clock.held(MORNING + timedelta(hours=14, minutes=59)), db.transaction():
        assert sees(cast, cast.olive)
    with clock.held(MORNING + timedelta(hours=15)), db.transaction():
        assert not sees(cast, cast.olive)
        with pytest.raises(NotFound):
            access.case(cast.olive, cast.amara.id)


def test_nobody_joins_for_longer_than_a_year_or_until_yesterday(cast: Cast) -> None:
    with db.transaction():
        for day in (TODAY - DAY, TODAY + networks.LONGEST + DAY, date.max):
            with pytest.raises(Invalid) as refused, db.attempt():
                add(cast, day)
            assert set(refused.value.fields) == {"until_on"}
        made = add(cast, TODAY + networks.LONGEST)
        assert made.until_at - made.from_at <= networks.LONGEST


def test_a_legal_basis_is_one_of_those_the_law_knows(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Invalid) as refused, db.attempt():
            add(cast, legal_basis="curiosity")
        assert set(refused.value.fields) == {"legal_basis"}


def test_a_newcomer_reads_from_the_day_the_lead_chooses(cast: Cast) -> None:
    written = {}
    for days in (20, 5):
        with clock.held(MORNING - days * DAY), db.transaction():
            written[days] = posts.publish(cast.priya, cast.amara, Update("Seen.")).id
    with db.transaction():
        with pytest.raises(Invalid) as refused, db.attempt():
            add(cast, history_from=MORNING + DAY)
        assert set(refused.value.fields) == {"history_from"}
        add(cast, history_from=MORNING - 10 * DAY)
        found = [row.id for row in timeline.stream(cast.olive, cast.amara).posts]
        assert written[5] in found
        assert written[20] not in found


def test_renewing_moves_the_end_and_keeps_who_decided_and_why(cast: Cast) -> None:
    with db.transaction():
        ends_soon(cast, cast.dan)
        networks.renew(
            cast.mo, cast.amara, cast.dan, until_on=TODAY + 200 * DAY, reason="Still his school"
        )
        row = row_of(cast, cast.dan)
        assert networks.last_day(row.until_at) == TODAY + 200 * DAY
        assert (row.renewed_at, row.renewed_by, row.renewed_reason) == (
            MORNING,
            "Mo Akram",
            "Still his school",
        )
        assert [each.did for each in db.session().query(Activity)] == ["renewed"]
        assert timeline.stream(cast.ruth, cast.amara).posts == []


def test_renewing_is_the_leads_with_a_reason_and_for_a_year_at_most(cast: Cast) -> None:
    def renew(by: Person, who: Person, days: int = 30, reason: str = "Needed") -> None:
        networks.renew(by, cast.amara, who, until_on=TODAY + days * DAY, reason=reason)

    with db.transaction():
        with pytest.raises(NotAllowed), db.attempt():
            renew(cast.dan, cast.dan)
        with pytest.raises(NotFound), db.attempt():
            renew(cast.olive, cast.dan)
        with pytest.raises(NotFound), db.attempt():
            renew(cast.priya, cast.olive)
        for days, reason, field in ((366, "Needed", "until_on"), (30, " ", "reason")):
            with pytest.raises(Invalid) as refused, db.attempt():
                renew(cast.priya, cast.dan, days, reason)
            assert set(refused.value.fields) == {field}
        renew(cast.priya, cast.priya)
        assert networks.last_day(row_of(cast, cast.priya).until_at) == TODAY + 30 * DAY


def test_whose_time_is_over_joins_anew(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(Conflict, match="is over: add them again"), db.attempt():
            networks.renew(cast.priya, cast.amara, cast.lee, until_on=TODAY, reason="Back")
        networks.add(cast.priya, cast.amara, cast.lee, role="", reason="Back")
        assert sees(cast, cast.lee)


def test_the_lead_and_their_manager_are_reminded_and_the_member_of_their_own(cast: Cast) -> None:
    with db.transaction():
        ends_soon(cast, cast.dan)
        ends_soon(cast, cast.ruth, days=31)
        ends_soon(cast, cast.zed)  # whose account is closed

        def told(who: Person) -> list[tuple[str, bool]]:
            return [(row.name, row.leads) for row in networks.ending(who)]

        assert told(cast.priya) == told(cast.mo) == [("Dan Hughes", True)]
        assert told(cast.dan) == [("Dan Hughes", False)]
        assert told(cast.ruth) == told(cast.olive) == []
        assert [row.id for row in networks.ending(cast.priya, cast.amara)] == [cast.dan.id]
        assert networks.ending(cast.priya, cast.tobi) == []


def test_what_ended_by_itself_is_listed_for_a_month_unless_they_are_back(cast: Cast) -> None:
    def listed() -> list[str]:
        return [row.name for row in networks.lapsed(cast.amara)]

    with db.transaction():
        ends_soon(cast, cast.dan, days=-5)
        networks.remove(cast.priya, cast.amara, cast.ruth, "Not needed now")
        assert listed() == ["Lee Park", "Dan Hughes"]
        networks.add(cast.priya, cast.amara, cast.lee, role="", reason="Back")
        assert listed() == ["Dan Hughes"]
    with clock.held(MORNING + 26 * DAY), db.transaction():
        assert listed() == []


def test_whoever_opens_a_case_is_in_it_for_a_year(cast: Cast) -> None:
    with db.transaction():
        case = cases.open_case(
            cast.olive,
            cases.ChildDetails(name="Ines T"),
            status="contact",
            since=TODAY,
            reason="A neighbour rang",
        )
        assert networks.of(case)[0].until_at == MORNING + networks.LONGEST


def orphaned(cast: Cast) -> dict[int, object]:
    return {row.id: row.since for row in networks.orphans(cast.ada)}


def test_a_case_whose_lead_is_gone_is_listed_by_its_number_alone(cast: Cast) -> None:
    with db.transaction():
        assert networks.orphans(cast.ada) == []
        close(cast.olive)
        networks.member(cast.amara, cast.priya.id).until_at = MORNING - 2 * DAY
        assert orphaned(cast) == {cast.amara.id: MORNING - 2 * DAY, cast.noor.id: None}
        row = networks.orphans(cast.ada)[0]
        assert row._fields == ("id", "since", "agency_id", "agency_name")
        assert row.agency_name == "North team"
        assert networks.count_orphans(cast.ada) == 2
        for person in (cast.priya, cast.mo, cast.audrey):
            with pytest.raises(NotAllowed):
                networks.orphans(person)


def test_a_case_whose_only_lead_has_a_conflict_is_listed_too(cast: Cast) -> None:
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "Threats to the family")
        conflicts.declare(cast.priya, cast.amara, cast.priya, "My sister")
        assert orphaned(cast) == {cast.amara.id: MORNING}


def test_closed_cases_without_a_lead_are_asked_for_apart(cast: Cast) -> None:
    with db.transaction():
        cases.close(cast.olive, cast.noor, on=TODAY, reason="All is well")
        close(cast.olive)
        assert networks.orphans(cast.ada) == []
        assert [row.id for row in networks.orphans(cast.ada, closed=True)] == [cast.noor.id]


def test_an_administrator_gives_it_to_a_colleague_of_the_last_lead(cast: Cast) -> None:
    with db.transaction():
        networks.member(cast.amara, cast.priya.id).until_at = MORNING - DAY
        able = networks.may_take_on(networks.orphan(cast.ada, cast.amara.id))
        assert [each.name for each in able] == ["Mo Akram", "Priya Shah"]
        for person in (cast.olive, cast.zed, cast.ada):
            with pytest.raises(Invalid), db.attempt():
                networks.appoint_lead(cast.ada, cast.amara.id, person, "The lead has left")
        with pytest.raises(Invalid), db.attempt():
            networks.appoint_lead(cast.ada, cast.amara.id, cast.mo, "")
        networks.appoint_lead(cast.ada, cast.amara.id, cast.mo, "The lead has left")
        assert [row.name for row in networks.of(cast.amara) if row.is_lead] == ["Mo Akram"]
        said = timeline.stream(cast.dan, cast.amara).posts[0]
        assert said.body == "Mo Akram leads the work now. The lead has left"
        assert networks.orphans(cast.ada) == []


def test_a_member_who_is_appointed_leads_and_is_no_second_member(cast: Cast) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.amara, cast.mo, role="", reason="Helps")
        close(cast.priya)
        networks.appoint_lead(cast.ada, cast.amara.id, cast.mo, "The lead has left")
        leads = [(row.name, row.is_lead) for row in networks.of(cast.amara)]
        assert leads.count(("Mo Akram", True)) == 1
        assert ("Priya Shah", False) in leads


def test_a_case_that_is_led_is_not_an_administrators(cast: Cast) -> None:
    with db.transaction():
        for case_id in (cast.amara.id, 987_654, 2**70):
            with pytest.raises(NotFound), db.attempt():
                networks.appoint_lead(cast.ada, case_id, cast.mo, "I would like to")
        with pytest.raises(NotAllowed), db.attempt():
            networks.appoint_lead(cast.mo, cast.amara.id, cast.mo, "I would like to")


def test_nobody_kept_apart_from_a_case_is_made_its_lead(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.mo, "His niece")
        networks.member(cast.amara, cast.priya.id).until_at = MORNING - DAY
        for person in (cast.mo, cast.olive):  # who works elsewhere is refused in the same words
            with pytest.raises(Invalid) as refusal, db.attempt():
                networks.appoint_lead(cast.ada, cast.amara.id, person, "The lead has left")
            assert refusal.value.fields == {
                "person_id": "This colleague cannot lead this case. Choose somebody else."
            }


def test_the_colleagues_offered_to_an_administrator_tell_of_no_conflict(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.mo, "His niece")
        networks.member(cast.amara, cast.priya.id).until_at = MORNING - DAY
        offered = networks.may_take_on(networks.orphan(cast.ada, cast.amara.id))
        assert [each.name for each in offered] == ["Mo Akram", "Priya Shah"]


def test_a_case_that_was_never_led_may_go_to_anybody(cast: Cast) -> None:
    with db.transaction():
        case = cases.add(Child(), cases.ChildDetails(council_id="77"))
        found = networks.orphan(cast.ada, case.id)
        assert (found.since, found.agency_id) == (MORNING, None)
        networks.appoint_lead(cast.ada, case.id, cast.otto, "Brought in from the old system")
        assert access.may(access.sees_case(cast.otto.id, case.id))
