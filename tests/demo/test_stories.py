"""One case escalates, one goes silent, one is only busy, one may be either."""

from collections import Counter
from datetime import timedelta
from statistics import median

from sqlalchemy import select

from app.core import clock, db
from app.models import KINDS, UNUSUAL, Acknowledgement, Alert, Case, Child, Person, Post
from feeds import facts, timeline


def case_of(name):
    return db.session().scalars(select(Case).join(Child).where(Child.name == name)).one()


def told(name):
    """What people wrote about the child: (day it happened, agency, author), withdrawn or not."""
    rows = db.session().execute(
        select(Post.occurred_at, Post.agency_id, Post.author_id).where(
            Post.case_id == case_of(name).id, Post.kind.in_(KINDS)
        )
    )
    return [(clock.local(at).date(), agency, author) for at, agency, author in rows]


def days_ago(day):
    return (clock.today() - day).days


def agency_days(name, window=14):
    """Distinct agencies a day, summed over each window back from yesterday."""
    each = {(day, agency) for day, agency, _ in told(name)}
    windows = Counter((days_ago(day) - 1) // window for day, _ in each)
    return [windows[number] for number in range(24)]


def test_amara_escalates_over_three_weeks(northmoor):
    now, before, *usual = agency_days("Amara O", window=7)

    assert now >= 2 * median(usual)
    assert now > before > median(usual)


def test_several_agencies_notice_something_about_amara(northmoor):
    def agencies(since, until):
        return {agency for day, agency, _ in told("Amara O") if since <= days_ago(day) < until}

    assert len(agencies(0, 14)) >= 6
    assert agencies(0, 14) - agencies(21, 42)


def test_nothing_is_told_of_skye_for_four_weeks(northmoor):
    days = [days_ago(day) for day, _, _ in told("Skye M")]

    assert min(days) > 28
    assert len([day for day in days if 28 < day <= 84]) >= 16


def test_nobody_has_said_how_the_visit_to_skye_went(northmoor):
    tom = db.session().scalars(select(Person).where(Person.name == "Tom Reid")).one()

    assert "Planned visit" in facts.of(tom, case_of("Skye M")).overdue


def test_two_people_keep_mason_busy_all_year(northmoor):
    authors = Counter(author for _, _, author in told("Mason B"))
    each_fortnight = [count for count in agency_days("Mason B")[1:] if count]

    assert len(authors) == 2
    assert agency_days("Mason B")[0] <= 1.5 * median(each_fortnight)


def test_jayden_has_many_posts_and_few_agency_days(northmoor):
    week = [row for row in told("Jayden P") if days_ago(row[0]) <= 14]
    most = max(Counter(author for _, _, author in week).values())

    assert most >= len(week) / 2
    assert len({(day, agency) for day, agency, _ in week}) < 1.5 * len({day for day, _, _ in week})


def test_one_urgent_post_waits_for_somebody_to_take_it(northmoor):
    taken = select(Acknowledgement.post_id)
    waiting = db.session().scalars(
        select(Post).where(Post.worry == "urgent", Post.id.not_in(taken))
    )

    post = waiting.one()
    assert post.case_id == case_of("Noor R").id
    assert clock.now() - post.posted_at < timedelta(days=3)


def test_a_question_about_amara_is_overdue(northmoor):
    priya = db.session().scalars(select(Person).where(Person.name == "Priya Shah")).one()

    assert "Unanswered question" in facts.of(priya, case_of("Amara O")).overdue


def test_some_of_what_is_told_of_amara_is_not_for_everybody(northmoor):
    def seen(name):
        person = db.session().scalars(select(Person).where(Person.name == name)).one()
        rows = timeline.stream(person, case_of("Amara O"), size=100).posts
        return {row.sharing_reason for row in rows} - {None}, facts.of(
            person, case_of("Amara O")
        ).withheld

    assert [len(seen(name)[0]) for name in ("Priya Shah", "Dan Hughes", "Carol Beech")] == [3, 1, 0]
    assert [seen(name)[1] for name in ("Priya Shah", "Dan Hughes", "Carol Beech")] == [0, 2, 2]


def test_the_night_points_out_amara_and_skye_and_nobody_who_is_merely_busy(northmoor):
    rows = db.session().execute(
        select(Alert.kind, Child.name)
        .join(Case, Case.id == Alert.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(Alert.kind.in_(UNUSUAL))
    )
    assert sorted(tuple(row) for row in rows) == [("busy", "Amara O"), ("quiet", "Skye M")]
