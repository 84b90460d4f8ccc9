"""What other systems told of a child stands beside what stands here, for whoever may read it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.casework import imports, measures, networks, tellings
from app.casework.returns import cin_census, ssda903
from app.core import clock, db
from app.models import Case, Child, Membership, Telling
from feeds import posts
from feeds.posts import Update
from tests.returns import census, child, episode, looked_after, stay, table


@pytest.fixture
def told(cast):
    """Priya leads the case of child 101, of whom two returns tell."""
    files = (
        cin_census.read(census(child(101, episode(), PersonBirthDate="2012-02-02"))),
        ssda903.read(
            looked_after(
                table("header", {"CHILD": 101, "DOB": "01/02/2012", "SEX": 2, "ETHNIC": "WBRI"}),
                table("episodes", stay()),
                table("oc2", {"CHILD": 101, "SDQ_SCORE": 17}),
                table("missing", {"CHILD": 101, "MISSING": "M", "MIS_START": "04/02/2026"}),
            )
        ),
    )
    for file in files:
        imports.bring_in(None, file, each=db.transaction, lead=cast.priya)

    def of(viewer):
        with db.transaction() as session:
            case = session.scalars(select(Case).join(Child).where(Child.council_id == "101")).one()
            return tellings.of(viewer, case)

    return of


def said(beside, label):
    return next(line for line in beside.lines if line.label == label)


def test_each_system_stands_with_its_day(cast, told):
    sources = told(cast.priya).sources

    assert [(each.title, str(each.as_at)) for each in sources] == [
        ("the CIN census", "2026-07-21"),
        ("the SSDA903 return", "2026-02-04"),
    ]


def test_what_two_say_otherwise_differs_and_is_said(cast, told):
    beside = told(cast.priya)
    line = said(beside, "Date of birth")

    assert (line.here, line.told) == ("2 February 2012", ("2 February 2012", "1 February 2012"))
    assert line.differs
    assert "date of birth" in beside.sentence


def test_what_only_one_says_does_not_differ(cast, told):
    line = said(told(cast.priya), "Ethnicity")

    assert line.told == ("Not said", "White British")
    assert not line.differs


def test_scores_and_times_missing_are_shown(cast, told):
    beside = told(cast.priya)

    assert said(beside, "SDQ, newest").told[1] == "17 on 4 February 2026, carer"
    assert said(beside, "Times missing").told[1] == "1, last on 4 February 2026"


def test_what_stands_here_stands_beside_what_each_told(cast, told):
    with db.transaction() as session:
        case = session.scalars(select(Case).join(Child).where(Child.council_id == "101")).one()
        sdq = next(each for each in measures.offered() if each.key == "sdq_total")
        measures.record(cast.priya, case, [measures.Score(sdq.id, 16, "mother", clock.today())])
        posts.publish(cast.priya, case, Update("Not at school.", kind="missing"))
    today = f"{clock.today().day} {clock.today():%B %Y}"

    beside = told(cast.priya)

    assert said(beside, "SDQ, newest").here == f"16 on {today}, mother"
    assert said(beside, "SDQ, newest").told[1] == "17 on 4 February 2026, carer"
    assert said(beside, "Times missing").here == f"2, last on {today}"
    assert not said(beside, "SDQ, newest").differs


def test_what_stands_here_is_only_what_she_may_read(cast, told):
    with db.transaction() as session:
        case = session.scalars(select(Case).join(Child).where(Child.council_id == "101")).one()
        networks.join(cast.priya, case, cast.dan, role="School", reason="Attends")
        away = Update(
            "Away.",
            kind="missing",
            excluded=(cast.dan.agency_id,),
            sharing_reason="His family works there",
        )
        posts.publish(cast.priya, case, away)

    assert said(told(cast.priya), "Times missing").here.startswith("2,")
    assert said(told(cast.dan), "Times missing").here.startswith("1,")


def test_a_system_that_tells_of_a_child_twice_is_one_system(cast):
    with db.transaction() as session:
        for case in (cast.amara, cast.tobi):
            session.add(
                Telling(
                    case_id=case.id,
                    source="ssda903",
                    as_at=clock.today(),
                    brought_in_at=clock.now(),
                    facts={},
                    history=[],
                )
            )
        session.flush()
        beside = tellings.of(cast.priya, cast.amara, [cast.tobi])

    assert beside.sentence == "1 other system tells of this child in 2 cases."


def test_whoever_was_given_only_what_came_later_is_not_told_of_before(cast, told):
    with db.transaction() as session:
        member = session.scalars(select(Membership).order_by(Membership.id.desc()).limit(1)).one()
        member.history_from = clock.now() + timedelta(seconds=1)

    labels = {line.label for line in told(cast.priya).lines}

    assert "Status" in labels
    assert not {"SDQ, newest", "Times missing"} & labels


def test_a_case_no_system_tells_of_says_so(cast):
    with db.transaction():
        beside = tellings.of(cast.priya, cast.amara)

    assert (beside.sources, beside.lines) == ((), ())
