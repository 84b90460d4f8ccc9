"""The bell, the list behind it, and the pages on which somebody says how they want to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import relay
from app.casework import networks
from app.core import clock, db
from app.models import AuditEntry, Person, Post
from app.notices import choices, inbox
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]
BELL = re.compile(r'data-count="notices"( hidden)?>(\d+)<')


def deliver() -> None:
    while relay.deliver():
        pass


def urgent(cast: Cast) -> Post:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, Update("Ring me.", worry="urgent", phoned=True))
    deliver()
    return post


def bell(client: FlaskClient, path: str = "/people") -> int:
    found = BELL.search(client.get(path).text)
    assert found
    assert bool(found[1]) == (found[2] == "0"), "nothing is shown of nothing"
    return int(found[2])


def notice_of(person: Person) -> int:
    with db.transaction():
        number: int = inbox.of(person).rows[0].id
        return number


def test_the_bell_counts_and_the_list_says_what_and_by_whom(cast: Cast, browser: Browser) -> None:
    priya = browser(cast.priya)
    assert bell(priya) == 0
    assert "Nothing waits for you" in priya.get("/notices").text
    urgent(cast)
    assert bell(priya) == 1
    page = priya.get("/notices").text
    assert "Urgent update about Amara O" in page
    assert "Dan Hughes" in page
    assert "Ring me" not in page


def test_opening_one_leads_there_and_reads_it(cast: Cast, browser: Browser) -> None:
    post = urgent(cast)
    priya = browser(cast.priya)
    answer = priya.get(f"/notices/{notice_of(cast.priya)}")
    assert (answer.status_code, answer.location) == (303, f"/posts/{post.id}")
    assert bell(priya) == 0


@pytest.mark.parametrize("page", ["/posts/{post}", "/cases/1", "/cases/1/fragments?after=0"])
def test_seeing_the_update_reads_its_notice(cast: Cast, browser: Browser, page: str) -> None:
    post, priya = urgent(cast), browser(cast.priya)
    assert bell(priya) == 1
    priya.get(page.format(post=post.id))
    assert bell(priya) == 0


def test_one_or_all_are_marked_as_read(cast: Cast, browser: Browser) -> None:
    for _ in range(3):
        urgent(cast)
    priya = browser(cast.priya)
    newest = notice_of(cast.priya)
    assert priya.post(f"/notices/{newest}/read").location == "/notices"
    assert bell(priya) == 2
    priya.post("/notices/read", data={"up_to": str(newest)})
    assert bell(priya) == 0
    assert "Mark all as read" not in priya.get("/notices").text


def test_a_notice_of_somebody_else_is_not_there(cast: Cast, browser: Browser) -> None:
    urgent(cast)
    number = notice_of(cast.priya)
    olive = browser(cast.olive)
    hidden, absent = olive.get(f"/notices/{number}"), olive.get("/notices/987654")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def test_what_is_lost_is_neither_shown_nor_counted_nor_opened(cast: Cast, browser: Browser) -> None:
    urgent(cast)
    number, ruth = notice_of(cast.ruth), browser(cast.ruth)
    with db.transaction():
        networks.leave(cast.ruth, cast.amara, "Moved away")
    assert bell(ruth) == 0
    assert "Amara" not in ruth.get("/notices").text
    assert ruth.get(f"/notices/{number}").status_code == 404


def test_the_list_is_on_record_for_each_case_it_names(cast: Cast, browser: Browser) -> None:
    urgent(cast)
    browser(cast.priya).get("/notices")
    with db.transaction() as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.did == "read notices"))
    assert row.ranges == [[cast.amara.id, 1, 1]]
    assert "saw notices of updates" in browser(cast.priya).get("/cases/1/access").text


def test_an_open_page_is_told_how_many(cast: Cast, browser: Browser) -> None:
    urgent(cast)
    assert browser(cast.priya).get("/sync").json["notices"] == 1  # type: ignore[index]


def test_a_reply_leads_to_the_comment(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        asked = Update("Seen?", kind="question", due_at=MORNING + timedelta(hours=1))
        post = posts.publish(cast.dan, cast.amara, asked)
        comment = comments.add(cast.ruth, post, "Yes")
    deliver()
    dan = browser(cast.dan)
    assert "An answer to your question about Amara O" in dan.get("/notices").text
    place = dan.get(f"/notices/{notice_of(cast.dan)}").location
    assert place == f"/posts/{post.id}#comment-{comment.id}"


def test_who_is_taken_out_of_a_group_finds_that_and_no_way_into_it(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.ruth], name="Secret plan")
        conversations.remove(cast.priya, group, cast.ruth)
    deliver()
    ruth = browser(cast.ruth)
    assert bell(ruth) == 1
    page = ruth.get("/notices").text
    assert "You were taken out of a conversation" in page
    opened = ruth.get(f"/notices/{notice_of(cast.ruth)}", follow_redirects=True)
    assert opened.request.path == "/conversations"
    assert "nothing of it is yours to read any more" in opened.text
    for each in (page, opened.text):
        assert "Secret plan" not in each
        assert "Priya" not in each
    assert bell(ruth) == 0
    hers = f"/conversations/{group.id}"
    for page in ("", "/people", "/fragments"):
        gone, absent = ruth.get(hers + page), ruth.get(f"/conversations/987654{page}")
        assert (
            (gone.status_code, gone.data) == (absent.status_code, absent.data) == (404, gone.data)
        )


def test_ways_and_quiet_hours_are_kept_and_wrong_ones_come_back(
    cast: Cast, browser: Browser
) -> None:
    priya, place = browser(cast.priya), "/settings/notices"
    with db.transaction():
        chosen = choices.ways(cast.priya)
    form = {**chosen, "reply": "at_once", "from_time": "18:00", "until_time": "08:00"}
    assert priya.post(place, data={**form, "days": ["5", "6"]}).status_code == 303
    with db.transaction():
        assert choices.ways(cast.priya)["reply"] == "at_once"
        hours = choices.quiet(cast.priya)
    assert hours
    assert (hours.days, hours.urgent_passes) == ([5, 6], False)
    wrong = {**form, "from_time": "19:30", "until_time": "late", "days": ["0"]}
    refused = priya.post(place, data=wrong)
    assert refused.status_code == 422
    assert "Write a time, such as 18:00." in refused.text
    assert 'value="19:30"' in refused.text
    assert re.search(r'value="0" checked', refused.text)
    assert not re.search(r'value="5" checked', refused.text)


def test_an_absence_names_a_colleague_and_ends(cast: Cast, browser: Browser) -> None:
    priya, place = browser(cast.priya), "/settings/absence"
    page = priya.get(place).text
    assert "Dan Hughes" in page, "they share a case"
    assert "Mo Akram" in page, "he manages her"
    assert "Olive Reed" not in page
    form = {"from_on": "2026-11-23", "until_on": "2026-11-25", "cover_id": str(cast.dan.id)}
    assert priya.post(place, data={**form, "until_on": ""}).status_code == 422
    assert priya.post(place, data=form).status_code == 303
    assert "You are away until Wed 25 Nov." in priya.get(place).text
    page = browser(cast.ruth).get(f"/people/{cast.priya.id}").text
    assert "Mon 23 Nov to Wed 25 Nov" in page
    assert re.search(r"Dan Hughes</a> is told instead", page)
    priya.post(f"{place}/end")
    with db.transaction():
        assert choices.absence(cast.priya) is None
    with clock.held(MORNING + timedelta(days=3)), db.transaction():
        choices.set_absence(cast.priya, clock.today(), clock.today(), None)
