"""The page of search: names, what was said, how it is narrowed, and what it never tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from app.casework import networks
from app.core import clock, db
from app.models import AuditEntry, Case, Child, Person, Post
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import engines, index, indexing, parsing
from tests.cast import MORNING, Cast
from tests.conftest import signed_in

Browser = Callable[..., FlaskClient]

# What differs between two answers that say the same: a form's token, and the search's number.
VARIES = re.compile(r'value="[^"]+\.[^"]+\.[^"]+"|search=\d+|data-at="\d+"')


@pytest.fixture
def seat(app: Flask, browser: Browser) -> Browser:
    """A browser, where words can be looked for."""
    kept = engines.kept()
    if kept is not None:
        indexing.rebuild(kept)
    return browser


def say(author: Person, case: Case, body: str, **more: Any) -> int:
    with db.transaction():
        return posts.publish(author, case, Update(body, **more)).id


def main(client: FlaskClient, query: str) -> str:
    """What the page says of a search, without what stands round it."""
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 200
    return answer.text.split("<main")[1].split("</main>")[0]


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def _looks() -> Select[AuditEntry]:
    return select(AuditEntry).where(AuditEntry.outcome == "shown").order_by(AuditEntry.id)


def test_what_was_said_is_shown_with_what_where_when_and_whose(seat: Browser, cast: Cast) -> None:
    post_id = say(cast.dan, cast.amara, "A bruise & a cut on the arm", kind="concern")

    page = main(seat(cast.priya), "q=bruises")

    assert "A <mark>bruise</mark> &amp; a cut on the arm" in page
    assert re.search(rf'href="/posts/{post_id}\?search=\d+">Concern: Amara O</a>', page)
    assert re.search(rf'href="/cases/{cast.amara.id}\?search=\d+">Case', page)
    assert "Dan Hughes · Hillside Primary · Mon 23 Nov" in plain(page)
    assert "1 result" in plain(page)


def test_everything_that_is_found_leads_to_the_thing_itself(seat: Browser, cast: Cast) -> None:
    client, post_id = seat(cast.priya), say(cast.dan, cast.amara, "Porridge")
    with db.transaction() as session:
        answer = comments.add(cast.ruth, session.get_one(Post, post_id), "Porridge as well")
        talk = conversations.start(cast.dan, [cast.priya])
        said = messages.say(cast.dan, talk, "More porridge?")

    found = re.findall(r'kith-found__what"><a href="([^"]+)">([^<]+)', main(client, "q=porridge"))

    places = {re.sub(r"search=\d+", "", href.replace("&amp;", "&")): title for href, title in found}
    assert places == {
        f"/posts/{post_id}?": "Update: Amara O",
        f"/posts/{post_id}?#comment-{answer.id}": "Comment: Amara O",
        f"/conversations/{talk.id}?around={said.position}&#message-{said.id}": (
            "Message: a conversation of two"
        ),
    }
    for href, _ in found:
        assert client.get(href.replace("&amp;", "&")).status_code == 200


def test_what_is_opened_says_on_record_from_which_search(seat: Browser, cast: Cast) -> None:
    dan, post_id = seat(cast.dan), say(cast.priya, cast.amara, "Marmalade")
    (number,) = set(re.findall(r"search=(\d+)", main(dan, "q=marmalade")))

    dan.get(f"/posts/{post_id}?search={number}")
    dan.get(f"/cases/{cast.amara.id}?search={number}")
    dan.get(f"/posts/{post_id}")
    seat(cast.ruth).get(f"/posts/{post_id}?search={number}")
    for wrong in ("x", "-1", "9" * 15, "9" * 30, str(int(number) + 1)):
        assert dan.get(f"/posts/{post_id}?search={wrong}").status_code == 200

    with db.transaction() as session:
        rows = session.scalars(_looks()).all()
    post = f"post:{post_id}"
    from_it = [row.about for row in rows[:3]]
    assert from_it == [f"search:{number}", f"{post} search:{number}", f"search:{number}"]
    assert {row.case_id for row in rows[1:]} == {cast.amara.id}
    assert [row.about for row in rows[3:]] == [post] * 7


def test_an_answer_is_on_record_once_with_the_cases_it_names(seat: Browser, cast: Cast) -> None:
    say(cast.dan, cast.tobi, "About Amara and her school")
    main(seat(cast.priya), "q=amara")
    index.use(None)
    main(seat(cast.priya), "q=amara")

    with db.transaction() as session:
        with_words, without = session.scalars(_looks())
    assert with_words.ranges == [[cast.tobi.id, 1, 1], [cast.amara.id, 0, 0]]
    assert (without.did, without.ranges) == ("searched", [[cast.amara.id, 0, 0]])
    assert (without.about or "").startswith("search:")


def test_the_newest_come_first_and_the_best_when_asked(seat: Browser, cast: Cast) -> None:
    say(cast.dan, cast.amara, "porridge porridge porridge")
    with clock.held(MORNING + timedelta(minutes=1)):
        say(cast.dan, cast.amara, f"porridge {'and so on ' * 40}")
        client = seat(cast.priya)
        newest, best = main(client, "q=porridge"), main(client, "q=porridge&order=best")
    assert newest.index("and so on") < newest.index("porridge</mark> <mark>")
    assert best.index("and so on") > best.index("porridge</mark> <mark>")
    assert 'href="/search?q=porridge&amp;order=best"' in newest


@pytest.mark.parametrize("order", ["newest", "best"])
def test_every_result_stands_on_one_of_the_pages(seat: Browser, cast: Cast, order: str) -> None:
    with db.transaction():
        for number in range(45):
            posts.publish(cast.dan, cast.amara, Update(f"porridge number{number}x"))
    client, found, address = seat(cast.priya), [], f"q=porridge&order={order}"
    for pages in range(1, 5):
        page = main(client, address)
        found += re.findall(r"number(\d+)x", page)
        older = re.search(r'href="/search\?([^"]+)" rel="next"', page)
        assert ("45 results" in plain(page)) == (pages == 1)
        if not older:
            break
        address = older[1].replace("&amp;", "&")
    assert pages == 3
    assert sorted(map(int, found)) == list(range(45))
    assert 'href="/search?q=porridge' in page, "the last page leads back to the first"


def test_what_is_chosen_in_the_form_becomes_a_filter_that_can_be_removed(
    seat: Browser, cast: Cast
) -> None:
    say(cast.dan, cast.amara, "Porridge at school", kind="visit", seen=False)
    say(cast.ruth, cast.amara, "Porridge at home")
    asked = f"q=porridge&kind=visit&agency={cast.dan.agency_id}&from=Dan+Hughes&since=&is=unread"

    page = main(seat(cast.priya), asked)

    line = f'porridge kind:visit agency:{cast.dan.agency_id} from:"Dan Hughes" is:unread'
    assert f'value="{line.replace(chr(34), "&#34;")}"' in page
    for label in ("Type: Visit", "Agency: Hillside Primary", "By: Dan Hughes", "Only: unread"):
        assert label in plain(page)
    assert "at school" in page
    assert "at home" not in page
    without = quote(line.replace(" kind:visit", ""), safe=":/").replace("%20", "+")
    assert f'href="/search?q={without}"' in page


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("kind:was-not-brought", "Type: Was not brought"),
        ("worry:keep-an-eye-on", "Worry: Keep an eye on"),
        ("since:2/11/2026", "Since: Mon 2 Nov"),
        ("before:2/11/25", "Before: Sun 2 Nov 2025"),
    ],
)
def test_a_filter_is_shown_as_it_is_understood(
    browser: Browser, cast: Cast, written: str, label: str
) -> None:
    assert f"{label} Remove" in plain(main(browser(cast.priya), f"q={quote(written)}"))


def test_an_operator_that_joins_nothing_is_left_out_and_said_to_be(
    seat: Browser, cast: Cast
) -> None:
    say(cast.ruth, cast.amara, "porridge")

    page = main(seat(cast.priya), "q=porridge+OR")

    assert "Left out, with nothing to join: “OR”." in plain(page)
    assert "1 result" in plain(page)


def test_too_many_words_push_out_nothing_that_was_chosen(seat: Browser, cast: Cast) -> None:
    say(cast.ruth, cast.amara, "porridge")
    words = "porridge " * parsing.LONGEST

    page = main(seat(cast.priya), f"q={quote(words)}&kind=visit")

    assert "Type: Visit" in plain(page)
    assert "<mark>" not in page


def test_who_is_left_out_is_not_shown_as_a_name(seat: Browser, cast: Cast) -> None:
    page = main(seat(cast.priya), "q=Amara+-Tobi")

    assert f'href="/cases/{cast.amara.id}?' in page
    assert "Tobi O" not in page


def test_the_cases_of_the_results_lead_to_those_of_one(seat: Browser, cast: Cast) -> None:
    for case in (cast.amara, cast.amara, cast.tobi):
        say(cast.priya, case, "porridge")
    client = seat(cast.priya)
    page = main(client, "q=porridge")
    tobi = f"q=porridge+case:{cast.tobi.id}"
    assert f'href="/search?{tobi}">Tobi O (1)' in page

    page = main(client, tobi)

    assert "1 result" in plain(page)
    assert "Case: Tobi O Remove" in plain(page)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("kind:viist", "No type of update is called “viist”."),
        ("since:yesterday", "“yesterday” is no day: write it like 1/11/2026."),
        ('from:"Nobody Here"', "No colleague is called “Nobody Here”."),
        ("is:there", "“there” is none of these: mine, unread."),
        ("case:987654", "You see no case with the name or number “987654”."),
        ("from:987654", "No colleague is called “987654”."),
        ("agency:987654", "No agency is called “987654”."),
        (
            "-kind:visit",
            "“-kind:visit” leaves nothing out: a minus is for words, not for filters.",
        ),
    ],
)
def test_a_filter_that_names_nothing_is_named_and_stays(
    seat: Browser, cast: Cast, written: str, sentence: str
) -> None:
    say(cast.priya, cast.amara, "porridge")

    page = main(seat(cast.priya), f"q=porridge+{quote(written)}")

    assert sentence in plain(page)
    assert f'value="porridge {written.replace(chr(34), "&#34;")}"' in page
    assert "<mark>" not in page


def test_without_search_cases_and_people_are_found_all_the_same(seat: Browser, cast: Cast) -> None:
    say(cast.priya, cast.amara, "porridge")
    client = seat(cast.dan)
    index.use(None)

    page = main(client, "q=o+kind:visit")

    assert "Search is not available at the moment. Everything else works." in plain(page)
    assert f'href="/cases/{cast.amara.id}?search=' in page
    assert "Olive Reed" in page
    assert "Type: Visit Remove" in plain(page)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_the_index_is_made_the_page_says_so(browser: Browser, cast: Cast) -> None:
    assert "Search is being made ready" in main(browser(cast.dan), "q=porridge")


@pytest.mark.parametrize("order", ["newest", "best"])
@pytest.mark.parametrize("more", ["", "+kind:concern", "+case:{noor}", "+case:noor", "+zz"])
def test_what_is_hidden_changes_no_byte(seat: Browser, cast: Cast, order: str, more: str) -> None:
    for number in range(3):
        say(cast.priya, cast.amara, f"porridge {number} {'zz' if number else ''}", kind="concern")
    client = seat(cast.dan)
    address = f"q=porridge{more.format(noor=cast.noor.id)}&order={order}"
    before = VARIES.sub("", main(client, address))

    say(cast.olive, cast.noor, "porridge zz porridge", kind="concern")
    named = {"audience": "named", "sharing_reason": "For health", "people": (cast.ruth.id,)}
    say(cast.priya, cast.amara, "porridge for Ruth zz", kind="concern", **named)

    assert VARIES.sub("", main(client, address)) == before


@pytest.mark.parametrize("hidden", ["Amara", "porridge", "case:Amara", "case:{amara}"])
def test_search_tells_a_stranger_what_it_tells_of_nobody(
    seat: Browser, cast: Cast, hidden: str
) -> None:
    say(cast.priya, cast.amara, "Amara likes porridge")
    olive, asked = seat(cast.olive), hidden.format(amara=cast.amara.id)
    word = asked.rpartition(":")[2]
    other = "987654" if word.isdecimal() else "nosuch"

    shown, nothing = (
        olive.get(f"/search?q={each}").text for each in (asked, asked.replace(word, other))
    )

    said = re.sub(rf'(case:|Case: |“|data-case="|value="(?=\D)){word}\b', rf"\g<1>{other}", shown)
    assert VARIES.sub("", said) == VARIES.sub("", nothing)


def test_what_she_lost_is_found_no_more(seat: Browser, cast: Cast) -> None:
    say(cast.priya, cast.amara, "porridge")
    dan = seat(cast.dan)
    assert "<mark>" in main(dan, "q=porridge")
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Changed schools")
    assert "<mark>" not in main(dan, "q=porridge")


def test_an_empty_search_says_how_to_write_one(seat: Browser, cast: Cast) -> None:
    page = main(seat(cast.dan), "q=+")
    assert '<details class="kith-more" open><summary>How to write a search' in page
    assert "Nothing found" not in page


def test_a_marker_of_nobody_is_refused_with_a_sentence(seat: Browser, cast: Cast) -> None:
    answer = seat(cast.dan).get("/search?q=porridge&before=best-2")
    assert answer.status_code == 422
    assert "That page marker is not one of ours." in answer.text


def test_search_finds_cases_and_people(browser: Browser, cast: Cast) -> None:
    page = browser(cast.dan).get("/search?q=o").text

    assert "Amara O" in page
    assert "Olive Reed" in page


def test_who_is_only_like_the_words_stands_below_what_was_said(seat: Browser, cast: Cast) -> None:
    """Owen Price does not lead where somebody looks for an open door."""
    with db.transaction() as session:
        session.get_one(Person, cast.ruth.id).name = "Owen Price"
        session.get_one(Child, cast.tobi.child_id).name = "Opem"
    client = seat(cast.priya)
    alone = main(client, "q=open")
    say(cast.dan, cast.amara, "The door stood open")

    page = main(client, "q=open")

    assert "Owen Price" in alone
    assert "Perhaps meant" not in alone
    said = page.index("<mark>open</mark>")
    assert said < page.index(">Owen Price<")
    assert said < page.index(">Opem<")
    assert "Perhaps meant (2)" in plain(page)


def test_who_is_called_so_stands_above_what_was_said(seat: Browser, cast: Cast) -> None:
    say(cast.dan, cast.tobi, "Daniel was here, and Amara")
    client = seat(cast.priya)

    for written, name in [("Daniel", ">Dan Hughes<"), ("Amara", ">Amara O<")]:
        page = main(client, f"q={written}")
        assert page.index(name) < page.index(f"<mark>{written}</mark>")
        assert "Perhaps meant" not in page


def test_colleagues_of_an_agency_stand_below_what_was_said_of_it(seat: Browser, cast: Cast) -> None:
    say(cast.priya, cast.amara, "Hillside phoned")

    page = main(seat(cast.priya), "q=hillside")

    assert page.index("<mark>") < page.index(">Dan Hughes<")


def test_search_is_for_those_who_see_cases(browser: Browser, cast: Cast) -> None:
    assert browser(cast.dan).get("/search?q=o").status_code == 200

    assert browser(cast.ada).get("/search?q=o").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_searches_faster_than_a_person_types(guarded_app: Flask, cast: Cast) -> None:
    dan = signed_in(guarded_app, cast.dan)

    answers = [dan.get("/search?q=o").status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


def test_no_field_of_search_takes_more_than_search_reads(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ruth).get("/search").text
    assert page.count(f'maxlength="{parsing.LONGEST}"') == 2


def test_what_is_offered_while_one_types_says_where_it_leads(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)
    priya.get("/search?q=amber+alert")

    offered = priya.get("/search/suggestions?q=am").get_json()["suggestions"]
    filters = priya.get("/search/suggestions?q=bruise+kind:vi").get_json()["suggestions"]

    assert {"label": "amber alert", "note": "Searched lately", "href": "/search?q=amber+alert"} in (
        offered
    )
    assert [each["href"] for each in offered if each["label"] == "Amara O"] == [
        f"/cases/{cast.amara.id}"
    ]
    assert filters[0] == {"label": "Visit", "note": "kind:", "written": "bruise kind:visit "}


def test_a_row_of_the_record_for_each_case_and_not_for_each_letter(
    browser: Browser, cast: Cast
) -> None:
    priya = browser(cast.priya)
    for typed in ("am", "ama", "amar", "amara", "fro", "ruth", "nosuch"):
        priya.get(f"/search/suggestions?q={typed}")
    with db.transaction() as session:
        (row,) = session.scalars(_looks())
    assert (row.did, row.how, row.ranges) == ("was offered cases", "page", [[cast.amara.id, 0, 0]])
    page = priya.get(f"/cases/{cast.amara.id}/access").text
    assert "was offered its name in the search field" in page


def test_who_sees_no_case_is_offered_nothing(browser: Browser, cast: Cast) -> None:
    assert browser(cast.ada).get("/search/suggestions?q=am").status_code == 403
    strangers = browser(cast.olive).get("/search/suggestions?q=amara")
    assert strangers.get_json() == {"suggestions": []}


@pytest.mark.parametrize("path", ["/people", "/search"])
def test_the_fields_of_search_know_where_to_ask(browser: Browser, cast: Cast, path: str) -> None:
    page = browser(cast.priya).get(path).text
    many = 2 if path == "/search" else 1
    assert page.count('data-suggest="/search/suggestions"') == many


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_is_offered_more_than_a_person_types(guarded_app: Flask, cast: Cast) -> None:
    dan = signed_in(guarded_app, cast.dan)
    answers = [dan.get("/search/suggestions?q=").status_code for _ in range(181)]
    assert answers == [200] * 180 + [429]
    assert dan.get("/search?q=o").status_code == 200, "what is typed counts for itself"
