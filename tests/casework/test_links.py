"""Children who stand here twice are linked, refused and unlinked, and nobody sees more for it."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app import access
from app.casework import cases, conflicts, families, links, tellings
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Case, Child, ChildLink, FamilyLink, Membership, Person, Telling

UPN = "A850728973744"


def described(case, **more):
    child = db.session().get_one(Child, case.child_id)
    for name, value in more.items():
        setattr(child, name, value)
    return child


def look():
    with db.transaction():
        known = links.known(None)
    pairs = links.compare(known)
    with db.transaction():
        return links.keep(None, pairs)


@pytest.fixture
def alike(cast):
    """Amara and Tobi may be one child: Priya leads both, Dan sees both, Ruth only Amara's."""
    with db.transaction():
        one = described(cast.amara, postcode="LS1 4AP", upn=None)
        described(
            cast.tobi, name=one.name, born_on=one.born_on, gender=one.gender, postcode="LS1 4AP"
        )
    look()
    with db.transaction() as session:
        return session.scalars(select(ChildLink).where(ChildLink.kind == "same")).one()


def wait(person):
    with db.transaction():
        return [pair.id for pair in links.waiting(person) if pair.kind == "same"]


def seen_by():
    with db.transaction() as session:
        pairs = select(Person.id, Case.id).join(Case, access.sees_case(Person, Case))
        return {tuple(row) for row in session.execute(pairs)}


def test_who_leads_one_and_sees_both_is_asked(cast, alike):
    assert wait(cast.priya) == [alike.id]
    assert wait(cast.mo) == [alike.id]


def test_who_sees_only_one_is_not_told_that_there_is_another(cast, alike):
    assert wait(cast.ruth) == []
    with db.transaction(), pytest.raises(NotFound):
        links.decide(cast.ruth, alike.id, "linked")


def test_who_leads_neither_is_not_asked(cast, alike):
    assert wait(cast.dan) == []
    with db.transaction(), pytest.raises(NotFound):
        links.decide(cast.dan, alike.id, "linked")


def test_a_link_that_is_not_there_answers_as_one_that_is_not_hers(cast, alike):
    sentences = set()
    for number in (alike.id, alike.id + 99, db.LARGEST + 1):
        with db.transaction(), pytest.raises(NotFound) as refused:
            links.decide(cast.ruth, number, "linked")
        sentences.add(refused.value.sentence)

    assert len(sentences) == 1


def test_a_link_grants_nobody_access(cast, alike):
    before = seen_by()
    with db.transaction():
        links.decide(cast.priya, alike.id, "linked")

    assert seen_by() == before


def test_what_the_other_system_told_is_shown_to_who_sees_both_and_nobody_else(cast, alike):
    with db.transaction() as session:
        session.add(
            Telling(
                case_id=cast.tobi.id,
                source="ssda903",
                as_at=date(2026, 3, 31),
                brought_in_at=clock.now(),
                facts={"ethnicity": "WBRI"},
                history=[],
            )
        )
        links.decide(cast.priya, alike.id, "linked")

    def sources(person):
        with db.transaction():
            return len(tellings.of(person, cast.amara, links.same(person, cast.amara)).sources)

    assert (sources(cast.priya), sources(cast.dan), sources(cast.ruth)) == (1, 1, 0)


def test_undone_everything_is_as_it_was_and_waits_again(cast, alike):
    with db.transaction():
        links.decide(cast.priya, alike.id, "linked")
        links.undo(cast.priya, alike.id)
        assert links.same(cast.priya, cast.amara) == []

    assert wait(cast.priya) == [alike.id]


def test_what_was_undone_is_never_linked_by_itself_again(cast):
    with db.transaction():
        one = described(cast.amara, upn=UPN)
        described(cast.tobi, name=one.name, born_on=one.born_on, gender=one.gender, upn=UPN)
    assert look().linked == 1
    with db.transaction() as session:
        link = session.scalars(select(ChildLink).where(ChildLink.kind == "same")).one()
        assert (link.decision, link.decided_by_id) == ("linked", None)
        links.undo(cast.priya, link.id)

    assert look().linked == 0
    assert wait(cast.priya) == [link.id]


def test_what_was_refused_is_not_asked_again(cast, alike):
    with db.transaction():
        links.decide(cast.priya, alike.id, "refused")

    assert look() == links.Found(0, 0)
    assert wait(cast.priya) == []


def test_two_who_decide_at_once_are_told(cast, alike):
    with db.transaction():
        links.decide(cast.priya, alike.id, "refused")

    with db.transaction(), pytest.raises(Conflict):
        links.decide(cast.mo, alike.id, "linked")


def test_a_word_that_is_no_decision_is_refused(cast, alike):
    with db.transaction(), pytest.raises(Invalid):
        links.decide(cast.priya, alike.id, "perhaps")


def test_what_nothing_speaks_for_any_more_is_forgotten(cast, alike):
    with db.transaction():
        described(cast.tobi, name="Tobi Vale", born_on=date(2019, 1, 1), postcode=None)
    look()

    assert wait(cast.priya) == []


def test_a_second_look_finds_nothing_new(cast, alike):
    assert look() == links.Found(0, 0)


def test_who_leaves_one_case_is_not_asked_any_more(cast, alike):
    with db.transaction() as session:
        for each in session.scalars(
            select(Membership).where(Membership.person_id == cast.priya.id)
        ):
            if each.case_id == cast.tobi.id:
                each.until_at = clock.now()

    assert wait(cast.priya) == []


def nobody_is_in(*all_cases):
    with db.transaction() as session:
        numbers = [case.id for case in all_cases]
        for each in session.scalars(select(Membership).where(Membership.case_id.in_(numbers))):
            each.until_at = clock.now()


def test_an_administrator_decides_by_number_and_reads_no_name(cast, alike):
    nobody_is_in(cast.amara, cast.tobi)
    with db.transaction():
        described(cast.amara, council_id="4711")
        name = db.session().get_one(Child, cast.amara.child_id).name
        [pair] = links.waiting_by_number(cast.ada)

    labels = {pair.one.label, pair.other.label}
    assert labels == {"Council number 4711", f"Case {cast.tobi.id}"}
    assert str(name) not in repr(pair)
    with db.transaction():
        links.decide_by_number(cast.ada, alike.id, "linked")


def test_where_a_case_has_people_an_administrator_is_told_nothing(cast, alike):
    nobody_is_in(cast.amara)

    with db.transaction():
        assert links.waiting_by_number(cast.ada) == []
    with db.transaction(), pytest.raises(NotFound):
        links.decide_by_number(cast.ada, alike.id, "linked")


def test_only_administrators_look_and_decide_by_number(cast, alike):
    for act in (
        lambda: links.known(cast.priya),
        lambda: links.keep(cast.priya, []),
        lambda: links.waiting_by_number(cast.priya),
        lambda: links.decide_by_number(cast.priya, alike.id, "linked"),
    ):
        with db.transaction(), pytest.raises(NotAllowed):
            act()


@pytest.fixture
def neighbours(cast):
    """Amara and Noor share an address and a surname; Priya leads both."""
    with db.transaction() as session:
        home = {"address": "4 Mill Lane", "postcode": "LS1 4AP"}
        described(cast.amara, name="Amara Okafor", born_on=date(2015, 1, 1), **home)
        described(cast.noor, name="Noor Okafor", born_on=date(2019, 6, 6), **home)
        case = session.scalars(select(Membership).where(Membership.case_id == cast.noor.id)).all()
        for each in case:
            each.person_id, each.agency_id = cast.priya.id, cast.priya.agency_id
    look()
    with db.transaction() as session:
        return session.scalars(select(ChildLink).where(ChildLink.kind == "family")).one()


def family_links(cast):
    with db.transaction() as session:
        return session.scalar(
            select(func.count())
            .select_from(FamilyLink)
            .where(FamilyLink.relative_child_id == cast.noor.child_id)
        )


def test_brothers_and_sisters_are_linked_once_a_person_says_so(cast, neighbours):
    assert family_links(cast) == 0
    with db.transaction():
        links.decide(cast.priya, neighbours.id, "linked")
        [row] = [row for row in cases.family(cast.priya, cast.amara) if row.case_id == cast.noor.id]

    assert (row.relation, bool(row.same_household)) == ("brother or sister", True)


def test_undone_brothers_and_sisters_are_none(cast, neighbours):
    with db.transaction():
        links.decide(cast.priya, neighbours.id, "linked")
    with db.transaction():
        links.undo(cast.priya, neighbours.id)

    assert family_links(cast) == 0


def test_children_a_person_has_linked_are_not_asked_about(cast, neighbours):
    with db.transaction() as session:
        session.delete(session.get_one(ChildLink, neighbours.id))
        families.link_children(cast.priya, cast.amara, cast.noor, "cousin", False)

    assert look() == links.Found(0, 0)


def test_who_must_know_nothing_of_one_is_not_asked(cast, alike):
    with db.transaction():
        conflicts.declare(cast.priya, cast.tobi, cast.mo, "A relative")

    assert wait(cast.mo) == []
