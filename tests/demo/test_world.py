"""The demo world is the same every time, as large as promised, and within the rules."""

import re
from collections import defaultdict
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import access
from app.casework import cases, children
from app.core import clock, db, text
from app.demo import families, people, world
from app.models import (
    ACCOUNTS,
    KINDS,
    WORRIES,
    Activity,
    Agency,
    Audience,
    Case,
    CaseHead,
    Child,
    Comment,
    Delivery,
    Exclusion,
    FamilyLink,
    Follow,
    Membership,
    Mention,
    Person,
    Post,
    PostVersion,
)
from config.demo import SUGGESTED
from feeds import facts, posts
from tests.cast import MORNING

DRAMA = re.compile(r"01632 960\d{3}|07700 900\d{3}")


def count(*nouns):
    return [db.session().scalar(select(func.count()).select_from(noun)) for noun in nouns]


def written():
    return db.session().scalars(select(Post).where(Post.kind.in_(KINDS))).all()


@pytest.mark.slow
def test_one_day_gives_one_world():
    today = MORNING.date()

    assert world.year(today) == world.year(today)


def test_the_world_is_as_large_as_it_says(northmoor):
    assert count(Child, Person, Agency) == [40, 60, 12]
    assert len(families.families()) == 30
    assert 3000 < count(Post)[0] < 5000
    assert min(count(Comment, Mention, FamilyLink, PostVersion)) > 10


def test_every_kind_every_worry_and_every_account_is_there(northmoor):
    kinds = set(db.session().scalars(select(Post.kind).distinct()))

    assert kinds >= set(KINDS)
    assert set(db.session().scalars(select(Post.worry).distinct())) == set(WORRIES)
    assert set(db.session().scalars(select(Person.account).distinct())) == set(ACCOUNTS)


def test_everybody_who_wrote_was_in_the_network_when_they_wrote(northmoor):
    there = (
        select(Membership.id)
        .where(
            Membership.case_id == Post.case_id,
            Membership.person_id == Post.author_id,
            Membership.from_at <= Post.posted_at,
            Membership.until_at >= Post.posted_at,
        )
        .exists()
    )

    assert db.session().scalars(select(Post.id).where(Post.kind.in_(KINDS), ~there)).all() == []


def test_everybody_who_commented_was_in_the_network_or_manages_somebody_in_it(northmoor):
    member = select(Membership.id).where(
        Membership.case_id == Comment.case_id, Membership.person_id == Comment.author_id
    )
    strangers = select(Person.account).join(Comment, Comment.author_id == Person.id)

    found = set(db.session().scalars(strangers.where(~member.exists())))
    assert found == {"manager"}


def test_every_post_is_one_that_could_have_been_published(northmoor):
    chosen = {"people": Audience.person_id, "agencies": Audience.agency_id}
    chosen |= {"excluded": Exclusion.agency_id}
    fields = set(posts.Update.__dataclass_fields__) - {*chosen, "attachments", "alt"}
    lists = {name: _by_post(column) for name, column in chosen.items()}
    for post in written():
        said: Any = {name: getattr(post, name) for name in fields}
        whom: Any = {name: tuple(found.get(post.id, ())) for name, found in lists.items()}
        with clock.held(post.posted_at):
            posts.check(posts.Update(**said, **whom))


def _by_post(column):
    found = defaultdict(list)
    rows = select(column.class_.post_id, column).where(column.is_not(None))
    for post_id, number in db.session().execute(rows):
        found[post_id].append(number)
    return found


def test_only_members_are_named_and_only_readers_answer(northmoor):
    session = db.session()
    for post in written():
        if post.audience == "named" and post.withdrawn_at is None:
            named = set(session.scalars(select(Audience.person_id).filter_by(post_id=post.id)))
            answered = select(Comment.author_id).where(Comment.post_id == post.id)
            assert named <= set(access.readers(post.id))
            assert set(session.scalars(answered)) <= set(access.readers(post.id))


def test_what_is_kept_is_what_cleaning_gives(northmoor):
    plain = [post for post in written() if "@" not in post.body]

    assert plain
    assert all(post.body_html == text.clean(post.body).html for post in plain[::20])


def test_a_mentioned_colleague_stands_out(northmoor):
    bodies = db.session().scalars(select(Post.body_html).join(Mention, Mention.post_id == Post.id))

    assert all("<strong>@" in body for body in bodies)


def test_positions_have_no_gap_and_follow_the_clock(northmoor):
    rows = db.session().execute(
        select(Post.case_id, Post.position, Post.posted_at).order_by(Post.case_id, Post.position)
    )
    streams: dict[int, list] = {}
    for case_id, position, posted_at in rows:
        streams.setdefault(case_id, []).append(posted_at)
        assert position == len(streams[case_id])
    heads = dict(db.session().execute(select(CaseHead.case_id, CaseHead.position)).all())
    assert heads == {case_id: len(times) for case_id, times in streams.items()}
    assert all(times == sorted(times) for times in streams.values())


def test_activities_have_one_order_without_a_gap(northmoor):
    done = db.session().execute(select(Activity.position, Activity.at).order_by(Activity.position))

    positions, times = zip(*done, strict=True)
    assert list(positions) == list(range(1, len(positions) + 1))
    assert list(times) == sorted(times)


def test_nobody_is_told_of_an_invented_past(northmoor):
    assert count(Delivery) == [0]


def test_nothing_has_happened_after_last_night(northmoor):
    midnight = clock.instant(clock.today(), time(0))

    late = select(Activity.position).where(Activity.at >= midnight)
    assert db.session().scalars(late).all() == []
    assert db.session().scalars(select(Follow).where(Follow.last_read_at >= midnight)).all() == []


def test_nobody_real_can_be_reached(northmoor):
    everybody = db.session().scalars(select(Person)).all()

    assert all(each.email.endswith("@kith.example") for each in everybody)
    assert all(DRAMA.fullmatch(each.phone or "") for each in everybody)
    assert all(
        number.startswith("999")
        for number in db.session().scalars(select(Child.nhs_number))
        if number
    )


def test_every_suggested_account_is_somebody(northmoor):
    emails = set(db.session().scalars(select(Person.email)))

    assert {each.email for each in SUGGESTED} <= emails
    assert people.GONE not in {each.who.split(",")[0] for each in SUGGESTED}


def test_every_open_case_has_one_lead(northmoor):
    leads = dict(
        db.session()
        .execute(
            select(Membership.case_id, func.count())
            .where(Membership.is_lead, access.current(Membership))
            .group_by(Membership.case_id)
        )
        .all()
    )

    assert leads == dict.fromkeys(db.session().scalars(select(Case.id)), 1)


def test_unborn_looked_after_closed_and_nameless_children_are_there(northmoor):
    session = db.session()
    found = {cases.status_of(each) for each in session.scalars(select(Case))}

    assert found >= {"looked_after", "closed", "early_help", "assessment", "child_protection_plan"}
    assert session.scalars(select(Child).where(Child.expected_on > clock.today())).one()
    assert session.scalars(select(Child.label).where(Child.name.is_(None))).all() == [
        "Child N205295"
    ]


def test_brothers_and_sisters_share_posts(northmoor):
    copies = db.session().scalars(select(Post).where(Post.original_id.is_not(None))).all()
    originals = {each.id: each for each in written()}

    assert len(copies) > 50
    assert all(each.body == originals[each.original_id].body for each in copies)


def test_some_have_read_everything_and_some_not_for_weeks(northmoor):
    read = (
        select(Follow.last_read_at, (Follow.last_read == CaseHead.position).label("all"))
        .join(CaseHead, CaseHead.case_id == Follow.case_id)
        .where(Follow.following)
    )
    rows = db.session().execute(read).all()

    assert sum(row.all for row in rows) > 30
    assert sum(row.last_read_at < clock.now() - timedelta(days=14) for row in rows) > 10


def test_a_withdrawn_and_an_edited_post_are_there(northmoor):
    session = db.session()

    assert session.scalars(
        select(Post.withdrawn_reason).where(Post.withdrawn_at.is_not(None))
    ).all()
    assert session.scalars(select(Post.id).where(Post.edited_at.is_not(None))).all()


def test_facts_of_amara_say_what_is_next_and_what_is_late(northmoor):
    session = db.session()
    priya = session.scalars(select(Person).where(Person.name == "Priya Shah")).one()
    amara = session.scalars(select(Case).join(Child).where(Child.name == "Amara O")).one()

    known = facts.of(priya, amara)
    assert (known.status, known.category) == ("child_protection_plan", "NEG")
    assert known.last_seen
    assert (known.next_what, known.last_seen.seen_alone) == ("Visit", True)
    assert "School nurse to see Amara about sleep" in known.overdue


def test_after_the_demo_world_people_go_on_posting(database):
    with clock.held(MORNING):
        with db.transaction():
            world.build(clock.today())
        with db.transaction() as session:
            priya = session.scalars(select(Person).where(Person.name == "Priya Shah")).one()
            amara = session.scalars(select(Case).join(Child).where(Child.name == "Amara O")).one()
            before = session.get_one(CaseHead, amara.id).position
            assert posts.publish(priya, amara, posts.Update("Rang Mum.")).position == before + 1


def test_a_world_with_somebody_real_in_it_is_no_demo_world(database):
    with clock.held(MORNING), db.transaction() as session:
        world.build(clock.today())
        assert world.is_demo()
        session.scalars(select(Person)).all()[0].email = "somebody@council.example"
        session.flush()
        assert not world.is_demo()


def test_everybody_has_a_home_that_cannot_be_real_and_families_share_it(northmoor):
    homes = {child.id: child.postcode or "" for child in db.session().scalars(select(Child))}

    for postcode in homes.values():
        assert children.postcode(postcode) == postcode
        assert postcode.startswith("NM")
    for link in db.session().scalars(select(FamilyLink)):
        if link.relative_child_id is not None:
            assert homes[link.child_id] == homes[link.relative_child_id]
