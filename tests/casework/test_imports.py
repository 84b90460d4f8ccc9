"""A council's return is brought in once, however often its file comes, and nobody is told."""

from datetime import date

import pytest
from sqlalchemy import func, select

from app.casework import cases, imports
from app.casework.returns import annex_a
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    Activity,
    AuditEntry,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    Delivery,
    Membership,
    Post,
    PostVersion,
)
from feeds import facts, follows
from tests.workbooks import Line, book, contact, contacts, plan, rows


def bring_in(file, actor=None, **options):
    report = imports.bring_in(actor, annex_a.read(file), each=db.transaction, **options)
    return list(report.lines())


def plans(*facts):
    return book({"List 7": rows(7, *facts)})


def one(query):
    with db.transaction() as session:
        return session.scalars(query).one()


def every(query):
    with db.transaction() as session:
        return list(session.scalars(query))


def how_many(table):
    return one(select(func.count()).select_from(table))


def leads(council_id):
    return every(
        select(Membership.person_id)
        .join(Case, Case.id == Membership.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(Child.council_id == council_id, Membership.is_lead)
    )


def test_each_child_of_the_return_gets_a_case_shown_by_council_number(cast):
    bring_in(contacts(contact(101, Gender="b) Female"), contact(102)))

    child = one(select(Child).where(Child.council_id == "101"))
    assert (child.label, child.name, child.gender) == ("Child 101", None, "Female")


def test_an_event_is_a_row_of_the_stream_with_the_date_of_the_file(cast):
    bring_in(contacts(contact(on="16/07/2026", **{"Contact Source": "q) 6: Police"})))

    post = one(select(Post).where(Post.source == "annex-a"))
    assert (post.kind, post.body, post.author_id) == ("imported", "Contact from the police.", None)
    assert post.occurred_at == clock.instant(date(2026, 7, 16))
    assert post.source_as_at == date(2026, 7, 16)


def test_the_last_line_counts_every_row_once(cast):
    file = contacts(contact(101), contact(102), contact(102), contact(None), contact(103, "soon"))

    assert bring_in(file)[-1] == "2 new, 0 changed, 1 same, 2 refused"


def test_a_second_run_changes_nothing(cast):
    ended = {"Child Protection Plan End Date": "01/06/2026", "Was the Child Seen Alone?": "Yes"}
    file = book({"List 1": rows(1, contact(101)), "List 7": rows(7, plan(101, **ended), plan(102))})
    bring_in(file)
    before = [how_many(table) for table in (Post, CaseStatus, Activity, AuditEntry, PostVersion)]

    assert bring_in(file)[-1] == "0 new, 0 changed, 3 same, 0 refused"
    after = [how_many(table) for table in (Post, CaseStatus, Activity, AuditEntry, PostVersion)]
    assert after == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(cast):
    lines = bring_in(contacts(contact()), dry_run=True)

    assert lines[-2:] == [
        "This was a dry run: nothing was kept.",
        "1 new, 0 changed, 0 same, 0 refused",
    ]
    assert not every(select(Child).where(Child.council_id == "101"))


def test_a_corrected_date_changes_its_row_and_keeps_what_it_said(cast):
    bring_in(plans(plan(**{"Child Protection Plan End Date": "01/06/2026"})))

    lines = bring_in(plans(plan(**{"Child Protection Plan End Date": "02/06/2026"})))

    assert lines[-1] == "0 new, 1 changed, 0 same, 0 refused"
    assert "Changed: List 7, row 2: plan ended was on 1 June 2026, is on 2 June 2026" in lines
    ended = one(select(Post).where(Post.source_key.contains("plan_ended")))
    assert ended.occurred_at == clock.instant(date(2026, 6, 2))
    assert (ended.version, how_many(PostVersion)) == (2, 1)


def test_a_row_that_says_more_than_before_is_changed(cast):
    bring_in(plans(plan()))

    lines = bring_in(plans(plan(**{"Child Protection Plan End Date": "01/06/2026"})))

    assert "Changed: List 7, row 2: plan ended is new" in lines
    assert lines[-1] == "0 new, 1 changed, 0 same, 0 refused"


@pytest.mark.parametrize("number", [1, 3])
def test_a_corrected_source_changes_its_row(cast, number):
    what = {1: "Contact", 3: "Referral"}[number]

    def told(code):
        row = {"Child Unique ID": 101, f"Date of {what}": "16/06/2026", f"{what} Source": code}
        return bring_in(book({f"List {number}": rows(number, row)}))[-1]

    assert told("6") == "1 new, 0 changed, 0 same, 0 refused"
    assert told("2A") == "0 new, 1 changed, 0 same, 0 refused"
    assert "a school" in one(select(Post.body).where(Post.source == "annex-a"))


def test_a_corrected_date_of_birth_changes_the_child(cast):
    bring_in(contacts(contact(**{"Date of Birth": "20/06/2026"})))

    lines = bring_in(contacts(contact(**{"Date of Birth": "21/06/2026"})))

    assert lines[-1] == "0 new, 1 changed, 0 same, 0 refused"
    assert one(select(Child).where(Child.council_id == "101")).born_on == date(2026, 6, 21)


def test_a_birth_puts_the_date_in_place_of_the_expected_one(cast):
    bring_in(contacts(contact(**{"Date of Birth": "20/12/2026"})))
    with db.transaction() as session:
        session.scalars(select(Child).where(Child.council_id == "101")).one().name = "Robin"

    bring_in(contacts(contact(**{"Date of Birth": "20/11/2026"})))

    child = one(select(Child).where(Child.council_id == "101"))
    assert (child.born_on, child.expected_on) == (date(2026, 11, 20), None)
    assert child.name == "Robin"


def test_an_expected_date_in_an_old_file_does_not_undo_a_birth(cast):
    bring_in(contacts(contact(**{"Date of Birth": "20/11/2026"})))

    lines = bring_in(contacts(contact(**{"Date of Birth": "20/12/2026"})))

    assert lines[-1] == "0 new, 0 changed, 1 same, 0 refused"
    assert one(select(Child).where(Child.council_id == "101")).expected_on is None


def test_what_has_no_date_of_its_own_is_the_same_in_a_later_file(cast):
    leaver = {"Child Unique ID": 101, "Eligibility Category": "b) Former relevant child"}
    for as_at in ("01/06/2026", "01/07/2026"):
        front: list[Line] = [["Data as at", as_at]]
        lines = bring_in(book({"Front": front, "List 9": rows(9, leaver)}))

    assert lines[-1] == "0 new, 0 changed, 1 same, 0 refused"
    assert one(select(Post)).source_as_at == date(2026, 6, 1)


def test_a_line_of_the_history_that_turns_out_to_change_nothing_goes(cast):
    bring_in(plans(plan()))
    cared_for = {"Child Unique ID": 101, "Date Started to be Looked After": "01/01/2025"}

    bring_in(book({"List 7": rows(7, plan()), "List 8": rows(8, cared_for)}))

    assert every(select(CaseStatus.status).where(CaseStatus.source == "annex-a")) == [
        "looked_after"
    ]


def test_the_status_history_is_dated_and_follows_a_correction(cast):
    def history():
        return every(select(CaseStatus).where(CaseStatus.source == "annex-a"))

    bring_in(plans(plan(**{"Child Protection Plan End Date": "01/06/2026"})))
    bring_in(plans(plan(**{"Child Protection Plan End Date": "02/06/2026"})))

    assert sorted((str(line.since), line.status) for line in history()) == [
        ("2025-03-03", "child_protection_plan"),
        ("2026-06-02", "closed"),
    ]


def test_what_a_later_file_no_longer_tells_of_stays(cast):
    bring_in(book({"List 1": rows(1, contact(on="01/02/2025")), "List 7": rows(7, plan())}))

    bring_in(plans(plan(**{"Child Protection Plan End Date": "01/06/2026"})))

    found = every(select(CaseStatus.status).where(CaseStatus.source == "annex-a"))
    assert sorted(found) == ["child_protection_plan", "closed", "contact"]
    assert how_many(Post) == 3


def test_a_status_a_person_recorded_stays(cast):
    bring_in(plans(plan()), lead=cast.priya)
    with db.transaction():
        case = one_case("101")
        cases.change_status(cast.priya, case, "closed", since=date(2026, 11, 1), reason="Moved")

    bring_in(plans(plan()))

    with db.transaction():
        assert cases.status_of(one_case("101")) == "closed"


def one_case(council_id):
    return (
        db.session().scalars(select(Case).join(Child).where(Child.council_id == council_id)).one()
    )


def test_a_plan_carries_its_category_into_the_history(cast):
    bring_in(plans(plan(**{"Latest Category of Abuse": "a) Neglect"})))

    assert one(select(CaseStatus.category).where(CaseStatus.source == "annex-a")) == "NEG"


def test_a_conference_booked_ahead_is_said_to_be_planned(cast):
    enquiry = {
        "Child Unique ID": 101,
        "Strategy discussion initiating Section 47 Enquiry Start Date": "16/11/2026",
        "Date of Initial Child Protection Conference": "01/12/2026",
    }

    bring_in(book({"List 5": rows(5, enquiry)}))

    said = every(select(Post.body).order_by(Post.position))
    assert said[-1] == "Planned: Initial child protection conference."


def test_the_councils_last_visit_tells_when_the_child_was_last_seen(cast):
    visit = {
        "Date of the Last Statutory Visit": "20/11/2026",
        "Was the Child Seen Alone?": "a) Yes",
    }
    bring_in(plans(plan(**visit)), lead=cast.priya)

    with db.transaction():
        last_seen = facts.of(cast.priya, one_case("101")).last_seen
        line = next(each for each in cases.mine(cast.priya) if each.council_id == "101")

    assert last_seen
    assert last_seen.occurred_at == line.last_seen_at == clock.instant(date(2026, 11, 20))
    assert last_seen.seen_alone


def test_nobody_is_told_and_nothing_is_news(cast):
    bring_in(plans(plan()), lead=cast.priya)
    with db.transaction() as session:
        case = one_case("101")
        assert case.id not in follows.unread(cast.priya)
        assert session.get_one(CaseHead, case.id).posted_at is None

    assert how_many(Delivery) == 0


def test_formatting_and_links_in_a_cell_stay_words(cast):
    source = "[see](https://example.org) *now* <b>" + "!" * 60
    bring_in(contacts(contact(**{"Contact Source": source})))

    html = one(select(Post.body_html))
    assert "<a" not in html
    assert "<em" not in html


def test_nobody_sees_a_case_without_a_network_until_it_is_given_a_lead(cast):
    bring_in(contacts(contact(101), contact(102)))
    with db.transaction():
        assert [row.council_id for row in imports.without_network()] == ["101", "102"]
        imports.allocate(cast.ada, "101", cast.priya, "Allocated by the duty manager")

    assert leads("101") == [cast.priya.id]
    with db.transaction():
        assert [row.council_id for row in imports.without_network()] == ["102"]


def test_only_a_case_without_a_network_can_be_allocated(cast):
    bring_in(contacts(contact()), lead=cast.priya)

    with db.transaction(), pytest.raises(Conflict):
        imports.allocate(cast.ada, "101", cast.olive, "Wrongly allocated")


def test_an_administrator_cannot_be_given_a_case(cast):
    bring_in(contacts(contact()))

    with db.transaction(), pytest.raises(Invalid):
        imports.allocate(cast.ada, "101", cast.ada, "Curious")


def test_allocating_a_number_nobody_brought_in_finds_nothing(cast):
    with db.transaction(), pytest.raises(NotFound):
        imports.allocate(cast.ada, "999", cast.priya, "Allocated")


def test_a_named_lead_leads_new_cases_and_takes_over_no_other(cast):
    bring_in(contacts(contact(101)), lead=cast.priya)
    bring_in(contacts(contact(101), contact(102)), lead=cast.olive)

    assert leads("101") == [cast.priya.id]
    assert leads("102") == [cast.olive.id]


@pytest.mark.parametrize("written", ["Priya Shah", "priya\xa0shah ", "Shah, Priya"])
def test_the_allocated_worker_leads_when_asked_for(cast, written):
    bring_in(plans(plan(**{"Allocated Worker": written})), allocated=True)

    assert leads("101") == [cast.priya.id]


def test_a_worker_of_another_agency_is_not_taken_for_the_allocated_one(cast):
    bring_in(plans(plan(**{"Allocated Worker": cast.ruth.name})), allocated=True)

    with db.transaction():
        assert [row.council_id for row in imports.without_network()] == ["101"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_only_administrators_bring_a_return_in(cast, dry_run):
    with pytest.raises(NotAllowed):
        bring_in(contacts(contact()), actor=cast.priya, dry_run=dry_run)

    assert bring_in(contacts(contact()), actor=cast.ada)[-1].startswith("1 new")


def test_what_was_brought_in_is_in_the_audit_without_words(cast):
    bring_in(contacts(contact()), actor=cast.ada, how="page")

    entry = one(select(AuditEntry).where(AuditEntry.did == "imported"))
    assert (entry.person_id, entry.how, entry.about) == (cast.ada.id, "page", "annex-a")


def test_a_case_people_opened_by_council_number_is_added_to_and_not_opened_twice(cast):
    with db.transaction():
        details = cases.ChildDetails(name="Robin Vale", council_id="101")
        cases.open_case(
            cast.priya, details, status="contact", since=date(2026, 1, 5), reason="Told"
        )

    bring_in(plans(plan(101)))

    assert one(select(Child).where(Child.council_id == "101")).name == "Robin Vale"
    assert leads("101") == [cast.priya.id]


def test_progress_is_told_child_by_child(cast):
    told = []

    file = contacts(contact(101), contact(102))

    bring_in(file, group=1, progress=lambda far: told.append((far.done, far.returned.total)))

    assert told == [(1, 2), (2, 2)]


def test_the_report_names_refused_rows_with_cell_and_reason_and_counts_adopters(cast):
    adopters = rows(11, {"Individual adopter identifier": 1})
    file = book({"List 1": rows(1, contact(None), contact()), "List 11": adopters})

    lines = bring_in(file)

    reason = "the child's identifier is missing"
    assert f"Refused: List 1, A2 “Child Unique ID”: {reason} (empty)" in lines
    assert "List 11: 1 adopters, not imported" in lines
