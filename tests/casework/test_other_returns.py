"""The CIN census and SSDA903 are brought in once, beside Annex A and beside each other."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app.casework import cases, imports
from app.casework.returns import annex_a, cin_census, ssda903
from app.core import clock, db
from app.models import (
    Activity,
    AuditEntry,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    Delivery,
    KeyDate,
    Post,
    PostVersion,
    Reading,
    Telling,
)
from tests.returns import census, child, episode, looked_after, part, stay, table
from tests.workbooks import book, contact, contacts, rows

TABLES = (Post, CaseStatus, Activity, AuditEntry, PostVersion, Reading, KeyDate, Telling)


def bring_in(returned, **options):
    return list(imports.bring_in(None, returned, each=db.transaction, **options).lines())


def bring_in_census(*children, **options):
    return bring_in(cin_census.read(census(*children, **options)))


def bring_in_care(*tables):
    return bring_in(ssda903.read(looked_after(*tables)))


def every(query):
    with db.transaction() as session:
        return list(session.scalars(query))


def one(query):
    [found] = every(query)
    return found


def how_many():
    with db.transaction() as session:
        return [session.scalar(select(func.count()).select_from(each)) for each in TABLES]


def history():
    lines = every(select(CaseStatus).where(CaseStatus.source.is_not(None)))
    return sorted((str(line.since), line.status, line.source) for line in lines)


def whole_return():
    sdq = {"CHILD": 101, "SDQ_SCORE": 17}
    reviews = [{"CHILD": 101, "REVIEW": on} for on in ("01/03/2026", "01/02/2027")]
    missing = {"CHILD": 101, "MISSING": "M", "MIS_START": "04/03/2026", "MIS_END": "06/03/2026"}
    return [
        table("header", {"CHILD": 101, "ETHNIC": "WBRI", "DOB": "01/02/2012"}),
        table("episodes", stay(), stay(child=102)),
        table("reviews", *reviews),
        table("oc2", sdq),
        table("missing", missing),
    ]


@pytest.mark.usefixtures("cast")
def test_a_census_becomes_cases_with_their_history():
    planned = part("ChildProtectionPlans", {"CPPstartDate": "2026-03-01"})
    lines = bring_in_census(child(101, episode("2026-01-05", planned)))

    assert lines[-1] == "3 new, 0 changed, 0 same, 0 refused"
    assert history() == [
        ("2026-01-05", "child_in_need", "cin-census"),
        ("2026-03-01", "child_protection_plan", "cin-census"),
    ]
    assert (
        one(
            select(CaseStatus.category)
            .where(CaseStatus.category.is_not(None))
            .where(CaseStatus.source == "cin-census")
        )
        == "MUL"
    )


@pytest.mark.usefixtures("cast")
def test_a_return_of_looked_after_children_becomes_events_readings_and_dates():
    lines = bring_in_care(*whole_return())

    assert lines[-1] == "7 new, 0 changed, 0 same, 0 refused"
    assert one(select(Reading)).value == 17
    assert (one(select(KeyDate)).what, one(select(KeyDate)).done_at) == (
        "Looked-after review",
        None,
    )
    kinds = every(select(Post.kind).where(Post.source == "ssda903").order_by(Post.occurred_at))
    assert kinds == ["imported", "imported", "imported", "missing", "returned"]


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("which", ["census", "care"])
def test_a_second_run_changes_nothing(which):
    def run():
        if which == "care":
            return bring_in_care(*whole_return())
        return bring_in_census(
            child(101, episode()), child(102, episode(CINclosureDate="2026-02-01"))
        )

    run()
    before = how_many()

    assert " 0 changed" in run()[-1]
    assert run()[-1].startswith("0 new, 0 changed")
    assert how_many() == before


@pytest.mark.usefixtures("cast")
def test_a_dry_run_keeps_nothing():
    before = how_many()

    bring_in(ssda903.read(looked_after(*whole_return())), dry_run=True)

    assert how_many() == before


@pytest.mark.usefixtures("cast")
def test_nobody_is_told_and_nothing_is_news():
    bring_in_care(*whole_return())

    assert every(select(Delivery)) == []
    heads = every(select(CaseHead).join(Case).join(Child).where(Child.council_id == "101"))
    assert [head.posted_at for head in heads] == [None]
    assert heads[0].position == 4


@pytest.mark.usefixtures("cast")
def test_positions_are_without_a_gap():
    bring_in_care(*whole_return())
    bring_in_census(child(101, episode()))

    found = select(Post.position).join(Case, Case.id == Post.case_id).join(Child)
    positions = every(found.where(Child.council_id == "101").order_by(Post.position))
    assert positions == list(range(1, len(positions) + 1))


@pytest.mark.usefixtures("cast")
def test_all_returns_tell_of_one_case():
    bring_in(annex_a.read(contacts(contact(101, "16/01/2026"))))
    bring_in_census(child(101, episode()))
    bring_in_care(table("episodes", stay()))

    assert len(every(select(Child).where(Child.council_id == "101"))) == 1
    assert sorted(every(select(Telling.source))) == ["annex-a", "cin-census", "ssda903"]


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("census_first", [True, False])
def test_the_history_is_the_same_whichever_return_comes_first(census_first):
    def care():
        bring_in_care(table("episodes", stay("01/02/2026", DEC="01/05/2026", REC="E17")))

    if not census_first:
        care()
    bring_in_census(child(101, episode("2026-01-05")), as_at="2026-05-01")
    if census_first:
        care()

    assert history() == [
        ("2026-01-05", "child_in_need", "cin-census"),
        ("2026-02-01", "looked_after", "ssda903"),
        ("2026-05-01", "child_in_need", "cin-census"),
    ]


@pytest.mark.usefixtures("cast")
def test_an_older_return_does_not_undo_what_a_newer_one_says_of_the_child():
    newer = child(101, episode(), PersonBirthDate="2012-02-02")
    bring_in_census(newer)
    header = table("header", {"CHILD": 101, "ETHNIC": "WBRI", "DOB": "01/02/2012"})

    bring_in_care(header, table("episodes", stay()))
    lines = bring_in_census(newer)

    assert one(select(Child.born_on).where(Child.council_id == "101")) == date(2012, 2, 2)
    assert lines[-1] == "0 new, 0 changed, 2 same, 0 refused"
    assert bring_in_care(header, table("episodes", stay()))[-1].startswith("0 new, 0 changed")


@pytest.mark.usefixtures("cast")
def test_a_pupil_number_that_is_here_is_not_replaced():
    bring_in_census(child(101, UPN="A850728973744"))
    bring_in_census(child(101, UPN="A141396438491"))

    assert one(select(Child.upn).where(Child.council_id == "101")) == "A850728973744"


@pytest.mark.usefixtures("cast")
def test_a_corrected_score_changes_its_reading():
    def score(value):
        sdq = table("oc2", {"CHILD": 101, "SDQ_SCORE": value})
        return bring_in_care(table("episodes", stay()), sdq)[-1]

    score(17)

    assert score(18) == "0 new, 1 changed, 1 same, 0 refused"
    assert one(select(Reading)).value == 18


@pytest.mark.usefixtures("cast")
def test_a_review_that_was_due_is_done_once_a_file_says_so(monkeypatch):
    due = table("reviews", {"CHILD": 101, "REVIEW": "01/02/2027"})
    bring_in_care(table("episodes", stay()), due)
    later = clock.now() + timedelta(days=120)
    monkeypatch.setattr(clock, "now", lambda: later)

    same = bring_in_care(table("episodes", stay()), due)
    held = bring_in_care(table("episodes", stay(), stay("20/02/2027", RNE="P")), due)

    assert same[-1] == "0 new, 0 changed, 2 same, 0 refused"
    assert held[-1] == "2 new, 0 changed, 1 same, 0 refused"
    assert one(select(KeyDate)).done_at == clock.instant(date(2027, 2, 1))


@pytest.mark.usefixtures("cast")
def test_what_is_not_kept_is_counted():
    lines = bring_in_care(table("oc2", {"CHILD": 101, "SDQ_REASON": "SDQ2", "CONVICTED": 0}))

    assert lines[-1] == "0 new, 0 changed, 0 same, 0 refused, 1 not kept"
    assert "Not kept: CONVICTED (1)" in lines


@pytest.mark.usefixtures("cast")
def test_a_file_that_breaks_at_its_end_keeps_nothing():
    before = how_many()
    broken = census(child(101, episode())).getvalue()[:-12]

    with pytest.raises(Exception, match="breaks at line"):
        bring_in(cin_census.read(BytesIO(broken)))

    assert how_many() == before


def test_a_case_that_people_opened_gets_what_the_returns_tell(cast):
    with db.transaction():
        details = cases.ChildDetails(name="Robin Vale", council_id="101")
        cases.open_case(
            cast.priya, details, status="contact", since=date(2026, 1, 5), reason="Told"
        )

    bring_in_census(child(101, episode()))

    assert one(select(Child.name).where(Child.council_id == "101")) == "Robin Vale"


@pytest.mark.usefixtures("cast")
def test_many_children_are_kept_in_groups_and_all_are_there():
    children = [child(number, episode()) for number in range(200, 320)]

    assert bring_in_census(*children)[-1] == "240 new, 0 changed, 0 same, 0 refused"
    assert bring_in_census(*children)[-1] == "0 new, 0 changed, 240 same, 0 refused"


@pytest.mark.usefixtures("cast")
def test_an_annex_a_that_says_less_than_the_census_does_not_close_the_case():
    bring_in_census(child(101, episode("2026-01-05")))
    lists = {"List 1": rows(1, contact(101, "16/06/2026"))}

    bring_in(annex_a.read(book(lists)))

    assert history()[-1] == ("2026-01-05", "child_in_need", "cin-census")
