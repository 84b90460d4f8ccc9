"""Naming a colleague after an @."""

from __future__ import annotations

from sqlalchemy import select

from app.casework import networks, people
from app.core import db
from app.models import Mention, Person, Post
from feeds import posts, timeline
from feeds.posts import Update
from tests.cast import Cast


def another(cast: Cast, name: str, email: str) -> Person:
    made = people.add(cast.ada, name=name, email=email, role="Nurse", agency_id=cast.dan.agency_id)
    networks.add(cast.priya, cast.amara, made, role="", reason="Knows the family")
    return made


def named(post: Post) -> set[int]:
    db.session().flush()
    return set(db.session().scalars(select(Mention.person_id).where(Mention.post_id == post.id)))


def test_the_start_of_a_longer_name_names_nobody_else(cast: Cast) -> None:
    with db.transaction():
        lee = another(cast, "Ann Lee", "ann.lee@kith.example")
        leeson = another(cast, "Ann Leeson", "ann.leeson@kith.example")
        post = posts.publish(cast.priya, cast.amara, Update("Thank you @Ann Leeson."))
        assert named(post) == {leeson.id}
        both = posts.publish(cast.priya, cast.amara, Update("@ann lee and @Ann Leeson"))
        assert named(both) == {lee.id, leeson.id}
        neither = posts.publish(cast.priya, cast.amara, Update("@Ann Leesons, a@Ann Lee"))
        assert named(neither) == set()


def test_two_members_of_one_name_are_both_named(cast: Cast) -> None:
    with db.transaction():
        other = another(cast, "Dan Hughes", "dan2@kith.example")
        post = posts.publish(cast.priya, cast.amara, Update("@Dan Hughes, please ring."))
        assert named(post) == {cast.dan.id, other.id}
        assert post.body_html == "<p><strong>@Dan Hughes</strong>, please ring.</p>"


def test_nobody_outside_the_network_is_named(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("@Olive Reed @Lee Park @Zed Cole"))
        assert named(post) == set()


def test_an_edit_names_whom_it_names_now(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("@Dan Hughes, please ring."))
        posts.edit(cast.priya, post, "@Ruth Bell, please ring.")
        assert named(post) == {cast.ruth.id}
        assert timeline.mentions([post.id], cast.ruth) == {post.id}
        assert timeline.mentions([post.id], cast.dan) == set()
