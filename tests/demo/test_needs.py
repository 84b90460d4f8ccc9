"""The demo world shows who needs to know: restrictions, conflicts, emergencies, looks."""

from datetime import timedelta

from sqlalchemy import func, select

from app import access
from app.audit import proof
from app.casework import look_ups, looks, networks, restrictions, review_rules, reviews
from app.core import clock, db
from app.models import AuditEntry, Case, Child, Conflict, Look, LookUp, Person, Review


def person(name):
    return db.session().scalars(select(Person).where(Person.name == name)).one()


def case_of(name):
    return db.session().scalars(select(Case).join(Child).where(Child.name == name)).one()


def test_a_restricted_case_is_seen_by_its_lead_and_not_by_her_manager(northmoor):
    lena = case_of("Lena H")

    assert restrictions.stands(lena)
    assert person("Priya Shah").id in access.viewers(lena.id)
    assert person("Helen Moss").id not in access.viewers(lena.id)
    assert person("Helen Moss").id in access.viewers(case_of("Oskar H").id)


def test_a_neighbour_of_a_partner_agency_is_kept_apart(northmoor):
    conflicts = db.session().scalars(select(Conflict)).all()

    assert {each.case_id for each in conflicts} == {case_of("Lena H").id, case_of("Oskar H").id}
    for each in conflicts:
        assert each.person_id not in access.viewers(each.case_id)


def test_the_auditor_has_an_emergency_of_yesterday_and_one_decided(northmoor):
    noor = person("Noor Aziz")
    waiting = {each.kind: each for each in reviews.open_for(noor)}
    decided = reviews.decided_for(noor)

    assert set(waiting) == {"break_glass", "closed_case"}
    emergency = waiting["break_glass"]
    assert clock.today() - clock.local(emergency.raised_at).date() == timedelta(days=1)
    assert emergency.due_at == clock.working_days_after(emergency.raised_at, 2)
    assert [(each.outcome, each.reviewed_by) for each in decided] == [("justified", "Noor Aziz")]
    assert ("read case", "shown") in {each[:2] for each in reviews.looked_at(noor, emergency)}


def test_one_request_waits_for_priya_and_one_was_answered(northmoor):
    waiting = look_ups.waiting_anywhere(person("Priya Shah"))
    outcomes = db.session().scalars(select(LookUp.outcome)).all()

    assert [(each.child_name, each.many) for each in waiting] == [("Ellis R", 1)]
    assert sorted(outcomes, key=str) == [None, "added"]


def test_places_end_soon_and_one_has_ended_unnoticed(northmoor):
    ending = networks.ending(person("Priya Shah"))
    lapsed = networks.lapsed(case_of("Oskar H"))

    assert "Ruth Bell" in {each.name for each in ending}
    assert len(lapsed) == 1


def test_people_have_looked_as_the_page_and_the_chain_say(northmoor):
    priya, amara = person("Priya Shah"), case_of("Amara O")
    found = looks.of(priya, amara).rows

    assert len(found) > 20
    assert {"read case", "read feed"} <= {each.did for each in found}
    assert all(each.was_member or each.why == "supervision" or not each.why for each in found)
    assert len(db.session().scalars(select(AuditEntry.id)).all()) > 200
    assert len(db.session().scalars(select(Look.id)).all()) > 100


def test_the_chain_of_the_demo_world_is_whole(northmoor_file):
    db.use(f"sqlite:///{northmoor_file}")
    found = proof.check([])
    db.engine().dispose()

    assert found.wrong is None
    assert found.good > 200


def test_no_rule_asks_about_an_invented_past(northmoor):
    before = db.session().scalar(select(func.count(Review.id)))

    assert review_rules.run() == 0
    assert db.session().scalar(select(func.count(Review.id))) == before
