"""Whom a post is for: named people and agencies, agencies kept out, and what others learn of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import access
from app.casework import networks
from app.core import clock, db
from app.core.errors import Invalid, NotFound
from app.models import Audience, Exclusion, Mention, Post
from feeds import (
    acknowledgements,
    audiences,
    changes,
    comments,
    facts,
    follows,
    news,
    posts,
    timeline,
)
from feeds.posts import Update
from tests.cast import Cast

WHY = "Mum has not been told yet"


def for_dan(cast: Cast, words: str = "Between us.", **more: Any) -> Post:
    """Priya posts about Amara for Dan alone; Ruth is in the network too."""
    return posts.publish(cast.priya, cast.amara, named(words, people=(cast.dan.id,), **more))


def not_for_ruth(cast: Cast, words: str = "Kept apart.", **more: Any) -> Post:
    update = Update(words, excluded=(cast.ruth.agency_id,), sharing_reason=WHY, **more)
    return posts.publish(cast.priya, cast.amara, update)


def named(words: str = "Between us.", **more: Any) -> Update:
    return Update(words, audience="named", **({"sharing_reason": WHY} | more))


def refused(author: Any, case: Any, update: Update, also: Any = ()) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal, db.transaction():
        posts.publish(author, case, update, also)
    return refusal.value.fields


def test_only_those_named_and_the_author_read_it(cast: Cast) -> None:
    with db.transaction():
        post = for_dan(cast)
        readers = access.readers(post.id)
        everyone = access.readers(posts.publish(cast.priya, cast.amara, Update("To all.")).id)
    assert set(readers) == {cast.priya.id, cast.dan.id}
    assert {cast.ruth.id, cast.mo.id} <= set(everyone)


def test_a_named_agency_is_whoever_works_there_in_the_network(cast: Cast) -> None:
    with db.transaction():
        update = named(agencies=(cast.ruth.agency_id,))
        post = posts.publish(cast.priya, cast.amara, update)
        assert set(access.readers(post.id)) == {cast.priya.id, cast.ruth.id}


def test_an_agency_kept_out_reads_nothing_and_managers_of_others_do(cast: Cast) -> None:
    with db.transaction():
        post = not_for_ruth(cast)
        assert set(access.readers(post.id)) == {cast.priya.id, cast.dan.id, cast.mo.id}


def test_for_whom_it_is_and_why_is_kept_with_the_post(cast: Cast) -> None:
    with db.transaction():
        post = for_dan(cast, agencies=(cast.dan.agency_id,), excluded=(cast.ruth.agency_id,))
        row = timeline.post(cast.dan, post.id)
        shared = audiences.of([row])[post.id]
    assert (row.audience, row.sharing_reason) == ("named", WHY)
    assert shared.people == [(cast.dan.id, "Dan Hughes")]
    assert shared.agencies == [(cast.dan.agency_id, "Hillside Primary")]
    assert shared.excluded == [(cast.ruth.agency_id, "Vale health visitors")]


@pytest.mark.parametrize(
    ("update", "field"),
    [
        (named(), "audience"),
        (Update("x", audience="friends"), "audience"),
        (Update("x", people=(2,)), "audience"),
        (named(people=(2,), sharing_reason=" "), "sharing_reason"),
        (Update("x", excluded=(3,)), "sharing_reason"),
        (named(agencies=(2,), excluded=(2,)), "excluded"),
    ],
)
def test_a_choice_says_what_it_still_needs(cast: Cast, update: Update, field: str) -> None:
    assert field in refused(cast.priya, cast.amara, update)


def test_nobody_outside_the_network_can_be_named(cast: Cast) -> None:
    for person in (cast.olive, cast.lee, cast.mo, cast.zed):
        update = named(people=(cast.dan.id, person.id))
        assert refused(cast.priya, cast.amara, update) == {"audience": audiences.MEMBERS_ONLY}
    there = named(people=(cast.dan.id,), agencies=(cast.lee.agency_id,))
    assert refused(cast.priya, cast.amara, there) == {"audience": audiences.MEMBERS_ONLY}


def test_nobody_keeps_out_their_own_agency_one_they_name_or_one_that_is_not(cast: Cast) -> None:
    own = Update("x", excluded=(cast.priya.agency_id,), sharing_reason=WHY)
    both = named(people=(cast.dan.id,), excluded=(cast.dan.agency_id,))
    nowhere = Update("x", excluded=(2**70,), sharing_reason=WHY)
    assert "own agency" in refused(cast.priya, cast.amara, own)["excluded"]
    assert "Dan Hughes works for" in refused(cast.priya, cast.amara, both)["excluded"]
    assert "excluded" in refused(cast.priya, cast.amara, nowhere)


def test_what_nobody_else_could_read_is_not_posted(cast: Cast) -> None:
    alone = named(people=(cast.priya.id,))
    urgent = Update(
        "Help.", worry="urgent", phoned=True, excluded=(cast.dan.agency_id,), sharing_reason=WHY
    )
    assert refused(cast.priya, cast.amara, alone) == {"audience": audiences.NOBODY}
    assert refused(cast.priya, cast.tobi, urgent) == {"excluded": audiences.NOBODY}
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Post)) == 0


def test_a_post_about_siblings_names_in_each_case_who_is_in_it(cast: Cast) -> None:
    with db.transaction() as session:
        update = named(people=(cast.dan.id, cast.ruth.id))
        first = posts.publish(cast.priya, cast.amara, update, also=[cast.tobi])
        copies = {copy.case_id: copy.id for copy in posts.copies(first)}
        rows = session.execute(select(Audience.post_id, Audience.person_id)).all()
        assert set(access.readers(copies[cast.tobi.id])) == {cast.priya.id, cast.dan.id}
    assert set(map(tuple, rows)) == {
        (copies[cast.amara.id], cast.dan.id),
        (copies[cast.amara.id], cast.ruth.id),
        (copies[cast.tobi.id], cast.dan.id),
    }


def test_a_post_about_siblings_is_refused_where_nobody_could_read_it(cast: Cast) -> None:
    update = named(people=(cast.ruth.id,))
    found = refused(cast.priya, cast.amara, update, also=[cast.tobi])
    assert found == {"audience": audiences.NOBODY_THERE}


def test_an_exclusion_holds_in_every_siblings_case(cast: Cast) -> None:
    with db.transaction() as session:
        update = Update("Both.", excluded=(cast.ruth.agency_id,), sharing_reason=WHY)
        posts.publish(cast.priya, cast.amara, update, also=[cast.tobi])
        assert session.scalar(select(func.count()).select_from(Exclusion)) == 2


def test_members_are_told_that_there_is_something_and_nobody_else_is(cast: Cast) -> None:
    with db.transaction():
        for_dan(cast)
        counts = {
            person.name: facts.of(person, cast.amara).withheld
            for person in (cast.ruth, cast.dan, cast.priya, cast.mo)
        }
    assert counts == {"Ruth Bell": 1, "Dan Hughes": 0, "Priya Shah": 0, "Mo Akram": 0}


def test_what_others_may_not_know_of_is_told_to_nobody(cast: Cast) -> None:
    with db.transaction():
        for_dan(cast, is_known=False)
        for_dan(cast, excluded=(cast.ruth.agency_id,))
        not_for_ruth(cast)
        assert facts.of(cast.ruth, cast.amara).withheld == 0


@pytest.mark.parametrize("post", [for_dan, not_for_ruth])
def test_who_does_not_read_it_finds_no_trace_in_any_list(cast: Cast, post: Any) -> None:
    with db.transaction():
        start = changes.newest()
        told = post(cast, "Nobody else. @Ruth Bell", worry="urgent", phoned=True)
        comments.add(cast.dan, told, "I have it.")
        acknowledgements.add(cast.dan, told)
    with db.transaction():
        assert timeline.home(cast.dan).posts, "somebody reads it"
        assert not timeline.stream(cast.ruth, cast.amara).posts
        assert not timeline.home(cast.ruth).posts
        assert not timeline.posts(cast.ruth, [told.id])
        assert follows.unread(cast.ruth) == {}
        assert follows.news(cast.ruth) == 0
        assert not news.of(cast.ruth)
        assert changes.since(cast.ruth, start) == []
        with pytest.raises(NotFound):
            access.post(cast.ruth, told.id)


def test_the_top_of_a_case_says_nothing_of_what_is_for_others(cast: Cast) -> None:
    soon = clock.now() + timedelta(hours=3)
    with db.transaction():
        for_dan(cast, kind="visit", seen=True, seen_alone=True)
        for_dan(cast, kind="question", due_at=soon)
        for_dan(cast, kind="planned_visit", due_at=soon)
        for_dan(cast, worry="urgent", phoned=True)
        his, hers = facts.of(cast.dan, cast.amara), facts.of(cast.ruth, cast.amara)
    assert (len(his.questions), len(his.unacknowledged), his.next_at) == (1, 1, soon)
    assert his.last_seen is not None
    assert (hers.questions, hers.unacknowledged, hers.next_at, hers.last_seen) == (
        [],
        [],
        None,
        None,
    )


def test_only_who_may_read_it_is_counted_and_listed_as_a_reader(cast: Cast) -> None:
    with db.transaction():
        post = for_dan(cast)
        follows.mark_read(cast.dan, cast.amara, post.position)
        row = timeline.post(cast.dan, post.id)
        assert (row.read_count, row.reader_count) == (1, 1)
        assert [each.name for each in follows.readers_of(post)] == ["Dan Hughes"]


def test_who_marks_all_as_read_learns_no_position_of_what_is_hidden(cast: Cast) -> None:
    with db.transaction():
        seen = posts.publish(cast.priya, cast.amara, Update("To all."))
        for_dan(cast)
        follows.mark_read(cast.ruth, cast.amara, 1000)
        follows.mark_read(cast.dan, cast.amara, 1000)
        assert follows.last_read(cast.ruth, cast.amara) == seen.position
        assert follows.last_read(cast.dan, cast.amara) == seen.position + 1


def test_only_who_reads_a_post_can_be_mentioned_in_it(cast: Cast) -> None:
    with db.transaction() as session:
        post = for_dan(cast, "@Dan Hughes knows, @Ruth Bell does not.")
        posts.edit(cast.priya, post, "@Dan Hughes knows. Not @Ruth Bell.")
        mentioned = session.scalars(select(Mention.person_id)).all()
    assert mentioned == [cast.dan.id]
    assert "<strong>@Dan Hughes</strong>" in post.body_html
    assert "Not @Ruth Bell." in post.body_html


def test_a_lead_who_does_not_read_a_post_can_neither_see_nor_withdraw_it(cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, named(people=(cast.ruth.id,)))
        assert access.leads(cast.priya, cast.amara.id)
        with pytest.raises(NotFound):
            access.post(cast.priya, post.id)
        assert facts.of(cast.priya, cast.amara).withheld == 1


def test_who_leaves_the_network_reads_no_named_post_any_more(cast: Cast) -> None:
    with db.transaction():
        post = for_dan(cast)
        networks.leave(cast.dan, cast.amara, "Changed schools")
        assert access.readers(post.id) == [cast.priya.id]
