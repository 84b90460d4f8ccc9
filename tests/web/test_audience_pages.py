"""Choosing whom an update is for, and what a page says of it to those who read it or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.casework import networks, restrictions
from app.core import db
from app.models import Membership, Post
from feeds import acknowledgements, audiences, comments, posts
from feeds.posts import Update
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
WHY = "Mum has not been told yet"
WITHHELD = "not shared with your role"


def send(someone: FlaskClient, cast: Cast, **form: Any) -> Any:
    return someone.post(f"/cases/{cast.amara.id}/posts", data={"body": "Between us.", **form})


def named(cast: Cast, **more: Any) -> dict[str, Any]:
    """The form as Priya fills it in for Dan alone."""
    return {
        "audience": "named",
        "people": [str(cast.dan.id)],
        "sharing_reason": WHY,
        "is_known": "yes",
        **more,
    }


def page(browser: Browser, who: Any, cast: Cast) -> str:
    return browser(who).get(f"/cases/{cast.amara.id}").text


def test_the_form_offers_the_people_and_agencies_of_the_network(
    browser: Browser, cast: Cast
) -> None:
    text = page(browser, cast.priya, cast)

    assert "Who is this for?" in text
    assert f'name="people" value="{cast.dan.id}"' in text
    assert f'name="agencies" value="{cast.ruth.agency_id}"' in text
    assert f'name="excluded" value="{cast.ruth.agency_id}"' in text
    assert f'name="people" value="{cast.priya.id}"' not in text, "she reads what she writes"
    assert f'name="excluded" value="{cast.priya.agency_id}"' not in text
    assert f'name="people" value="{cast.zed.id}"' not in text, "his account is closed"


@pytest.mark.parametrize("of", ["/cases", "/quick"])
def test_the_form_of_a_case_for_members_only_says_that_no_manager_sees_it(
    browser: Browser, cast: Cast, of: str
) -> None:
    priya = browser(cast.priya)
    whole = "Seen by everyone in the network (school, health)"
    assert f"{whole} and by their managers." in priya.get(f"{of}/{cast.amara.id}").text
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "Threats by a relative")

    text = priya.get(f"{of}/{cast.amara.id}").text

    assert f"{whole} and by no manager who is not in it." in text
    assert "by their managers" not in text


def test_a_form_that_comes_back_says_who_sees_what_is_chosen(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)

    without = send(priya, cast, excluded=[str(cast.ruth.agency_id)])
    only = send(priya, cast, audience="named", agencies=[str(cast.dan.agency_id)])

    assert (without.status_code, only.status_code) == (422, 422)
    assert "Seen by everyone else in the network (school) and by their managers." in without.text
    assert "Seen by those you ticked (school)." in only.text


def test_the_author_hears_who_is_named_and_will_not_read_it(browser: Browser, cast: Cast) -> None:
    priya, body = browser(cast.priya), "@Ruth Bell and @dan hughes, she was tired."
    case, in_vain = f"/cases/{cast.amara.id}", "will not read this"

    send(priya, cast, **named(cast, body=body))
    page = priya.get(case).text
    assert f"Ruth Bell {in_vain}: it is not for others than those you ticked." in page
    assert f"Dan Hughes {in_vain}" not in page

    without = {"excluded": [str(cast.ruth.agency_id)], "sharing_reason": WHY}
    send(priya, cast, body=body, **without)
    assert f"Ruth Bell {in_vain}: it is not for Vale health visitors." in priya.get(case).text
    send(priya, cast, body="@Ruth Bellamy, not a member.", **without)
    send(priya, cast, body=body)
    assert in_vain not in priya.get(case).text


def test_a_post_for_some_says_so_to_those_who_read_it(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)

    answer = send(priya, cast, **named(cast, excluded=[str(cast.ruth.agency_id)]))

    assert answer.status_code == 303
    assert "Posted. 1 person in 1 agency can see it." in priya.get(answer.location).text
    card = "<strong>Only for:</strong> Dan Hughes · <strong>Not for:</strong> Vale health visitors"
    dan = browser(cast.dan)
    for address in (f"/cases/{cast.amara.id}", "/", "/posts/1", "/cases/1/fragments?after=0"):
        text = dan.get(address).text
        assert card in text, address
        assert WHY in text, address


def test_a_member_it_is_not_for_is_told_that_there_is_something(
    browser: Browser, cast: Cast
) -> None:
    priya = browser(cast.priya)
    send(priya, cast, **named(cast))
    assert f"1 item is {WITHHELD}" in page(browser, cast.ruth, cast)

    send(priya, cast, **named(cast, body="And this."))

    text = page(browser, cast.ruth, cast)
    assert f"2 items are {WITHHELD}" in text
    assert "Between us." not in text
    assert WHY not in text


@pytest.mark.parametrize("who", ["dan", "priya", "mo"])
def test_nobody_else_is_told_that_something_is_withheld(
    browser: Browser, cast: Cast, who: str
) -> None:
    send(browser(cast.priya), cast, **named(cast))

    assert f"1 item is {WITHHELD}" in page(browser, cast.ruth, cast), "she is told"
    assert WITHHELD not in page(browser, getattr(cast, who), cast)


@pytest.mark.parametrize("is_known", [None, "excluded"])
def test_what_others_must_not_know_of_leaves_no_line(
    browser: Browser, cast: Cast, is_known: str | None
) -> None:
    form = named(cast)
    if is_known is None:
        del form["is_known"]
    else:
        form["excluded"] = [str(cast.ruth.agency_id)]
    send(browser(cast.priya), cast, **form)

    assert "Between us." in page(browser, cast.dan, cast)
    assert WITHHELD not in page(browser, cast.ruth, cast)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"people": []}, audiences.NOBODY_NAMED),
        ({"sharing_reason": ""}, audiences.WHY),
        ({"audience": "network"}, audiences.NOT_SO),
        ({"people": ["99"]}, audiences.MEMBERS_ONLY),
        ({"people": ["2", "Dan"]}, audiences.MEMBERS_ONLY),
        ({"excluded": ["none of these"]}, "Choose an agency from the list."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_ticks_stay(
    browser: Browser, cast: Cast, sent: dict[str, Any], sentence: str
) -> None:
    answer = send(browser(cast.priya), cast, **named(cast, **sent))

    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2, "at the top, and at the field"
    assert "Between us.</textarea>" in answer.text
    assert '<details class="kith-composer__extra" open><summary>Who is this for?' in answer.text
    if "people" not in sent:
        assert f'name="people" value="{cast.dan.id}" checked' in answer.text
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Post)) == 0


def test_the_choice_is_kept_with_the_draft(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)
    kept = {"body": "Half a sentence", **named(cast, excluded=[str(cast.ruth.agency_id)])}
    del kept["is_known"]

    priya.put(f"/cases/{cast.amara.id}/draft", json=kept)

    text = page(browser, cast.priya, cast)
    assert f'name="people" value="{cast.dan.id}" checked' in text
    assert f'name="excluded" value="{cast.ruth.agency_id}" checked' in text
    assert 'name="audience" value="named" checked' in text
    assert 'name="is_known" value="yes">' in text, "the tick that was taken away stays away"
    assert "Post to 1 person in 1 agency" in text


def test_who_works_for_another_agency_now_is_offered_under_that_one(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction() as session:
        dan = session.merge(cast.dan)
        dan.agency_id = cast.lee.agency_id
        joined = select(Membership.agency_id).where(Membership.person_id == dan.id)
        assert session.scalars(joined).first() != dan.agency_id

    text = page(browser, cast.priya, cast)

    assert f'name="agencies" value="{cast.lee.agency_id}"' in text
    assert "Safeguarding lead, Riverside Housing" in text


def test_the_edit_page_says_that_the_audience_stays(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)
    send(priya, cast, **named(cast))

    text = priya.get("/posts/1/edit").text

    assert "Whom it is for cannot be changed." in text
    assert 'href="/posts/1/withdrawal"' in text


@pytest.mark.parametrize("way", ["", "/versions", "/edit", "/withdrawal"])
def test_a_post_for_others_answers_as_one_that_is_not_there(
    browser: Browser, cast: Cast, way: str
) -> None:
    """Priya leads the case, and does not read what Dan and Ruth keep between them."""
    with db.transaction():
        update = Update("x", audience="named", people=(cast.ruth.id,), sharing_reason=WHY)
        hidden = posts.publish(cast.dan, cast.amara, update)
        said = comments.add(cast.ruth, hidden, "Yes.")
    priya = browser(cast.priya)

    answers = [priya.get(f"/posts/{number}{way}") for number in (hidden.id, 99)]

    assert [each.status_code for each in answers] == [404, 404]
    assert priya.get(f"/comments/{said.id}/withdrawal").status_code == 404
    assert browser(cast.ruth).get(f"/posts/{hidden.id}").status_code == 200


@pytest.mark.parametrize("way", ["comments", "acknowledgement", "answer", "withdrawal"])
def test_nothing_can_be_done_to_a_post_for_others(browser: Browser, cast: Cast, way: str) -> None:
    with db.transaction():
        update = Update("x", audience="named", people=(cast.ruth.id,), sharing_reason=WHY)
        hidden = posts.publish(cast.dan, cast.amara, update)
        comments.add(cast.ruth, hidden, "Yes.")
    form = {"body": "Me too.", "comment_id": "1", "reason": "Mine to lead"}

    answer = browser(cast.priya).post(f"/posts/{hidden.id}/{way}", data=form)

    assert answer.status_code == 404


def test_reading_marks_say_nothing_of_a_post_for_others(browser: Browser, cast: Cast) -> None:
    """Ruth has read all that Dan reads; that something more waits for her is not for him."""
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("To all."))
    page(browser, cast.ruth, cast)
    with db.transaction():
        update = Update("x", audience="named", people=(cast.ruth.id,), sharing_reason=WHY)
        posts.publish(cast.priya, cast.amara, update)
        acknowledgements.add(cast.ruth, db.session().get_one(Post, 2))
        rows = {row.name: row for row in networks.of(cast.amara, cast.dan)}
        page_of_priya = {row.name: row for row in networks.of(cast.amara, cast.priya)}

    assert (rows["Ruth Bell"].last_read, rows["Ruth Bell"].newest) == (1, 1)
    assert (page_of_priya["Ruth Bell"].last_read, page_of_priya["Ruth Bell"].newest) == (1, 2)
