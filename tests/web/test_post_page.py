from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import conflicts, networks
from app.core import db
from app.models import AuditEntry, Post
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]


@pytest.fixture
def post(cast: Cast) -> Post:
    return _publish(cast.ruth, cast, Update("Slept badly.", worry="urgent", phoned=True))


def test_a_post_names_who_has_read_it_and_who_has_not(
    browser: Browser, cast: Cast, post: Post
) -> None:
    browser(cast.dan).get(f"/cases/{cast.amara.id}")

    page = browser(cast.priya).get(f"/posts/{post.id}").text

    assert "Read by 1 of 2" in page
    assert "<strong>Dan Hughes</strong>, Safeguarding lead, Hillside Primary · last read" in page
    assert "<strong>Priya Shah</strong>, Social worker, North team · not read yet" in page


def test_a_comment_stands_under_the_post(browser: Browser, cast: Cast, post: Post) -> None:
    answer = browser(cast.dan).post(f"/posts/{post.id}/comments", data={"body": "I will ring."})

    assert answer.location.startswith(f"/posts/{post.id}#comment-")
    assert "I will ring." in browser(cast.priya).get(f"/posts/{post.id}").text


def test_an_empty_comment_is_refused_on_the_same_page(
    browser: Browser, cast: Cast, post: Post
) -> None:
    answer = browser(cast.dan).post(f"/posts/{post.id}/comments", data={"body": " "})

    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert "Slept badly." in answer.text


def test_an_acknowledgement_carries_a_name(browser: Browser, cast: Cast, post: Post) -> None:
    answer = browser(cast.priya).post(f"/posts/{post.id}/acknowledgement")

    assert answer.location == f"/cases/{cast.amara.id}#post-{post.id}"
    assert "Priya Shah has this" in browser(cast.dan).get(f"/posts/{post.id}").text


def test_whoever_asked_accepts_the_answer(browser: Browser, cast: Cast) -> None:
    asked = _publish(
        cast.dan, cast, Update("Seen?", kind="question", due_at=MORNING + timedelta(hours=7))
    )
    with db.transaction() as session:
        comment = comments.add(cast.ruth, session.get_one(Post, asked.id), "On Saturday.")
    dan = browser(cast.dan)
    assert "This answers my question" in dan.get(f"/posts/{asked.id}").text

    dan.post(f"/posts/{asked.id}/answer", data={"comment_id": str(comment.id)})

    assert "Accepted answer" in browser(cast.ruth).get(f"/posts/{asked.id}").text


def test_an_edit_shows_that_it_is_one_and_keeps_what_was_said(
    browser: Browser, cast: Cast, post: Post
) -> None:
    answer = browser(cast.ruth).post(f"/posts/{post.id}/edit", data={"body": "Slept well."})

    dan = browser(cast.dan)
    page = dan.get(f"/posts/{post.id}").text
    assert answer.location == f"/posts/{post.id}"
    assert "Slept well." in page
    assert "edited" in page
    assert "Slept badly." in dan.get(f"/posts/{post.id}/versions").text


def test_an_edit_of_older_words_is_shown_beside_the_newer_and_nothing_is_lost(
    browser: Browser, cast: Cast, post: Post
) -> None:
    ruth, address = browser(cast.ruth), f"/posts/{post.id}/edit"
    ruth.post(address, data={"body": "Slept well.", "version": "1"})

    late = ruth.post(address, data={"body": "Slept a little.", "version": "1"})

    assert late.status_code == 409
    assert "This was changed in the meantime." in late.text
    assert "<p>Slept well.</p>" in late.text
    assert "Slept a little.</textarea>" in late.text
    assert 'name="version" value="2"' in late.text
    assert ruth.post(address, data={"body": "Both.", "version": "2"}).status_code == 303


def test_an_edit_that_says_the_same_changes_nothing(
    browser: Browser, cast: Cast, post: Post
) -> None:
    ruth = browser(cast.ruth)

    ruth.post(f"/posts/{post.id}/edit", data={"body": "Slept badly.", "version": "1"})

    assert "Nothing was changed." in ruth.get(f"/posts/{post.id}").text


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("", "Comments here are read by Amara O’s network."),
        ("/edit", "It is changed there too."),
        ("/withdrawal", "It is withdrawn there too."),
    ],
)
def test_an_update_about_siblings_names_the_other_stream(
    browser: Browser, cast: Cast, page: str, sentence: str
) -> None:
    with db.transaction():
        here = posts.publish(cast.priya, cast.amara, Update("Both well."), also=[cast.tobi])
        there = posts.copies(here)[1]

    shown = browser(cast.priya).get(f"/posts/{here.id}{page}").text

    assert "This update also stands in " in shown
    assert f'<a href="/posts/{there.id}">Tobi O’s updates</a>' in shown
    assert sentence in shown
    assert _audited()[-1] == [[cast.amara.id, 1, 1], [cast.tobi.id, 1, 1]]


def test_the_other_stream_is_not_named_to_who_cannot_read_it(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        here = posts.publish(cast.priya, cast.amara, Update("Both well."), also=[cast.tobi])

    shown = browser(cast.ruth).get(f"/posts/{here.id}").text

    assert "also stands in" not in shown
    assert "Tobi" not in shown


def test_what_stays_in_another_stream_is_named_to_who_reads_it_there_alone(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        networks.hand_over(cast.priya, cast.tobi, cast.dan, "Knows him better")
        here = posts.publish(cast.dan, cast.amara, Update("Both well."), also=[cast.tobi])
        page = f"/posts/{here.id}/withdrawal"
    reads_both = browser(cast.priya).get(page).text
    with db.transaction():
        conflicts.declare(cast.dan, cast.tobi, cast.priya, "A cousin")
    reads_one = browser(cast.priya).get(page).text

    assert "Tobi O’s updates</a></span>. It stays there" in reads_both
    assert "Tobi" not in reads_one
    assert "also stands in" not in reads_one
    assert "It is taken back everywhere you may do so." in reads_one


def test_who_leads_accepts_an_answer_to_somebody_elses_question(
    browser: Browser, cast: Cast
) -> None:
    asked = _publish(
        cast.dan, cast, Update("Seen?", kind="question", due_at=MORNING + timedelta(hours=7))
    )
    browser(cast.ruth).post(f"/posts/{asked.id}/comments", data={"body": "On Saturday."})

    page = browser(cast.priya).get(f"/posts/{asked.id}").text

    assert "This answers Dan Hughes’s question" in page
    assert "my question" not in page


def test_an_urgent_post_says_that_its_author_had_not_phoned(browser: Browser, cast: Cast) -> None:
    said = _publish(cast.ruth, cast, Update("Not at home.", worry="urgent", phoned=False))

    for page in (f"/posts/{said.id}", f"/cases/{cast.amara.id}", "/"):
        assert "Had not phoned when posting." in browser(cast.dan).get(page).text


def test_nobody_edits_what_somebody_else_wrote(browser: Browser, cast: Cast, post: Post) -> None:
    priya = browser(cast.priya)

    assert priya.get(f"/posts/{post.id}/edit").status_code == 403
    answer = priya.post(f"/posts/{post.id}/edit", data={"body": "Other words"})

    assert answer.status_code == 403
    assert "You can add a comment" in answer.text
    assert "Other words" in answer.text, "what was typed can be copied"


def test_a_withdrawn_post_is_gone_from_every_page(browser: Browser, cast: Cast, post: Post) -> None:
    ruth = browser(cast.ruth)

    answer = ruth.post(f"/posts/{post.id}/withdrawal", data={"reason": "About another child"})

    assert answer.location == f"/cases/{cast.amara.id}"
    for someone in (ruth, browser(cast.dan)):
        assert someone.get(f"/posts/{post.id}").status_code == 404
        assert "Slept badly." not in someone.get(f"/cases/{cast.amara.id}").text
        assert "Slept badly." not in someone.get("/").text


def test_a_withdrawal_needs_a_reason(browser: Browser, cast: Cast, post: Post) -> None:
    answer = browser(cast.ruth).post(f"/posts/{post.id}/withdrawal", data={"reason": ""})

    assert answer.status_code == 422
    assert "Say why you are withdrawing this." in answer.text
    assert browser(cast.dan).get(f"/posts/{post.id}").status_code == 200


def test_a_comment_can_be_withdrawn_by_its_author(browser: Browser, cast: Cast, post: Post) -> None:
    dan = browser(cast.dan)
    address = dan.post(f"/posts/{post.id}/comments", data={"body": "Mistaken."}).location
    comment_id = address.rpartition("-")[2]

    dan.post(f"/comments/{comment_id}/withdrawal", data={"reason": "Wrong child"})

    assert "Mistaken." not in browser(cast.priya).get(f"/posts/{post.id}").text


@pytest.mark.parametrize("page", ["", "/versions", "/edit", "/withdrawal"])
def test_a_strangers_post_equals_no_post(
    browser: Browser, cast: Cast, post: Post, page: str
) -> None:
    stranger = browser(cast.olive)

    hidden, absent = (stranger.get(f"/posts/{post_id}{page}") for post_id in (post.id, 987654321))

    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def _audited() -> list[list[list[int]]]:
    with db.transaction() as session:
        return list(session.scalars(select(AuditEntry.ranges).order_by(AuditEntry.id)))


def _publish(author, cast: Cast, update: Update) -> Post:
    with db.transaction():
        return posts.publish(author, cast.amara, update)
