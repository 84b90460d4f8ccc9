from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.casework import networks
from app.core import db
from app.models import Activity, Draft, Post, Receipt
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_an_update_stands_in_the_stream_of_everyone_in_the_network(
    browser: Browser, cast: Cast
) -> None:
    answer = _send(browser(cast.dan), cast, body="Not in school today.")

    assert answer.status_code == 303
    assert "Not in school today." in browser(cast.ruth).get(f"/cases/{cast.amara.id}").text


def test_the_button_says_who_will_see_it(browser: Browser, cast: Cast) -> None:
    page = browser(cast.dan).get(f"/cases/{cast.amara.id}").text

    assert "Post to 2 people in 2 agencies" in page
    assert "Not a referral" in page


def test_the_author_is_told_how_many_can_see_it(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    _send(dan, cast, body="Not in school today.")

    assert "Posted. 2 people in 2 agencies can see it." in dan.get(f"/cases/{cast.amara.id}").text


def test_siblings_networks_count_in_the_button_and_the_confirmation(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.tobi, cast.olive, role="", reason="Joint work")
    dan = browser(cast.dan)
    also = str(cast.tobi.id)

    refused = _send(dan, cast, body=" ", also=also).text
    _send(dan, cast, body="Both were well.", also=also)

    assert "Everyone in their networks sees it too." in refused
    assert "Post to 3 people in 3 agencies" in refused
    page = dan.get(f"/cases/{cast.amara.id}").text
    assert "Posted. 3 people in 3 agencies can see it." in page


def test_who_has_not_phoned_is_told_once_more_to_phone(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    _send(dan, cast, body="Not at home.", worry="urgent", meaning="Alone", phoned="no")

    page = dan.get(f"/cases/{cast.amara.id}").text
    assert "can see it. Phone now if a child is in danger: 999." in page
    assert "Had not phoned when posting." in page


def test_two_presses_of_the_button_give_one_post(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    first = _send(dan, cast, body="Once.", key="k1")
    second = _send(dan, cast, body="Once.", key="k1")

    assert first.location == second.location
    assert _posts() == ["Once."]


def test_a_form_sent_before_with_other_words_is_shown_again_with_these(
    browser: Browser, cast: Cast
) -> None:
    dan = browser(cast.dan)
    _send(dan, cast, body="Once.", key="k1")

    again = _send(dan, cast, body="Something else.", key="k1")

    assert again.status_code == 422
    assert "You have sent this page before" in again.text
    assert "Something else.</textarea>" in again.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"body": " "}, "Write something first."),
        ({"kind": "visit"}, "Say whether the child was seen."),
        ({"kind": "planned_visit"}, "Say when the visit is planned, in the future."),
        ({"kind": "question"}, "Say by when you need an answer, in the future."),
        ({"worry": "worried"}, "Say in one line what this means for the child."),
        ({"worry": "urgent"}, "Say whether you have phoned."),
        ({"occurred_at": "yesterday-ish"}, "Write a day and a time."),
        ({"occurred_at": "2027-01-01T10:00"}, "When it happened cannot be in the future."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    browser: Browser, cast: Cast, sent: dict[str, str], sentence: str
) -> None:
    answer = _send(browser(cast.dan), cast, **{"body": "Kept words", "meaning": "", **sent})

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert sentence in answer.text
    assert "Kept words" in answer.text or not sent.get("body", "x").strip()
    assert _posts() == []


def test_a_refused_form_leaves_no_trace_and_can_be_sent_again(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    _send(dan, cast, body="", key="k1")
    answer = _send(dan, cast, body="Now with words.", key="k1")

    assert answer.status_code == 303
    assert _posts() == ["Now with words."]


def test_a_visit_keeps_whether_the_child_was_seen_alone(browser: Browser, cast: Cast) -> None:
    sent = {"kind": "visit", "seen": "yes", "seen_alone": "no", "occurred_at": "2026-11-22T16:30"}

    _send(browser(cast.priya), cast, body="At home.", **sent)

    page = browser(cast.dan).get(f"/cases/{cast.amara.id}").text
    assert "Seen, not alone" in page
    assert "Sun 22 Nov at 16:30" in page


def test_one_update_about_two_siblings_stands_in_both_streams(browser: Browser, cast: Cast) -> None:
    _send(browser(cast.priya), cast, body="Both were well.", also=str(cast.tobi.id))

    dan = browser(cast.dan)
    for case in (cast.amara, cast.tobi):
        assert "Both were well." in dan.get(f"/cases/{case.id}").text
    assert dan.get("/").text.count("Both were well.") == 1


def test_a_child_who_is_not_family_cannot_be_told_of_in_the_same_update(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        networks.add(cast.olive, cast.noor, cast.priya, role="Social worker", reason="Helps")

    answer = _send(browser(cast.priya), cast, body="Both?", also=str(cast.noor.id))

    assert answer.status_code == 422
    assert "Choose only children who are linked to this child as family." in answer.text
    assert 'id="also"' in answer.text
    assert "Both?</textarea>" in answer.text
    assert "Both?" not in _posts()


def test_a_sibling_whose_case_she_does_not_see_cannot_be_written_about(
    browser: Browser, cast: Cast
) -> None:
    answer = _send(browser(cast.ruth), cast, body="Both?", also=str(cast.tobi.id))

    assert answer.status_code == 404
    assert _posts() == []


def test_a_stranger_cannot_write_and_leaves_nothing(browser: Browser, cast: Cast) -> None:
    answer = _send(browser(cast.olive), cast, body="Hello", key="k1")

    assert answer.status_code == 404
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Activity)) == 0
        assert session.scalar(select(func.count()).select_from(Receipt)) == 0


def test_a_draft_comes_back_with_the_page(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    words = {"body": "Half a sentence", "kind": "concern", "also": [str(cast.tobi.id)]}

    answer = dan.put(f"/cases/{cast.amara.id}/draft", json=words)

    page = dan.get(f"/cases/{cast.amara.id}").text
    assert answer.json == {"saved": "Draft saved 09:00"}
    assert "Half a sentence" in page
    assert "Draft saved 09:00" in page
    assert f'name="also" value="{cast.tobi.id}" checked' in page
    assert "Half a sentence" not in browser(cast.ruth).get(f"/cases/{cast.amara.id}").text


def test_posting_ends_the_draft(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    dan.put(f"/cases/{cast.amara.id}/draft", json={"body": "Half a sentence"})

    _send(dan, cast, body="A whole sentence.")

    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_an_update_from_the_phone_takes_a_child_and_a_sentence(
    browser: Browser, cast: Cast
) -> None:
    ruth = browser(cast.ruth)

    assert f'href="/quick/{cast.amara.id}"' in ruth.get("/quick").text
    page = ruth.get(f"/quick/{cast.amara.id}").text

    assert f'action="/cases/{cast.amara.id}/posts"' in page
    assert "Was not brought" in page
    assert ruth.get(f"/quick/{cast.noor.id}").status_code == 404


def _send(someone: FlaskClient, cast: Cast, **form: str):
    return someone.post(f"/cases/{cast.amara.id}/posts", data=form)


def _posts() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Post.body)))
