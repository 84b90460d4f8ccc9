import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.casework import people
from app.core import db
from app.models import Person
from tests.cast import Cast
from tests.conftest import signed_in

Browser = Callable[..., FlaskClient]


def test_everybody_finds_colleagues_and_their_phones(browser: Browser, cast: Cast) -> None:
    page = browser(cast.audrey).get("/people?words=ruth").text

    assert "Ruth Bell" in page
    assert 'href="tel:01632960001"' in page
    assert "Dan Hughes" not in page


def test_a_colleague_is_shown_with_the_cases_both_see(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ruth).get(f"/people/{cast.dan.id}").text

    assert "Amara O" in page
    assert "Tobi O" not in page, "Ruth does not see his case"


def test_a_stranger_sees_a_colleague_and_none_of_their_cases(browser: Browser, cast: Cast) -> None:
    page = browser(cast.olive).get(f"/people/{cast.dan.id}").text

    assert "Dan Hughes" in page
    assert "Amara" not in page


def test_an_administrator_sees_no_case_with_a_colleague(browser: Browser, cast: Cast) -> None:
    page = browser(cast.ada).get(f"/people/{cast.dan.id}").text

    assert "Dan Hughes" in page
    assert "Cases" not in page


def test_who_is_away_says_so(browser: Browser, cast: Cast) -> None:
    with db.transaction() as session:
        people.set_out_of_office(session.get_one(Person, cast.dan.id), "until Friday")

    assert "until Friday" in browser(cast.ruth).get(f"/people/{cast.dan.id}").text
    assert "until Friday" in browser(cast.ruth).get(f"/cases/{cast.amara.id}/network").text


def test_nobody_is_there_under_an_unknown_number(browser: Browser, cast: Cast) -> None:
    assert browser(cast.ruth).get("/people/987654321").status_code == 404


def test_search_finds_cases_and_people(browser: Browser, cast: Cast) -> None:
    page = browser(cast.dan).get("/search?q=o").text

    assert "Amara O" in page
    assert "Olive Reed" in page


def test_search_tells_a_stranger_what_it_tells_of_nobody(browser: Browser, cast: Cast) -> None:
    olive = browser(cast.olive)

    hidden, absent = olive.get("/search?q=Amara"), olive.get("/search?q=Nosuch")

    # The form's token holds the second it was made in.
    shown, nothing = (
        re.sub(r'value="[^"]+\.[^"]+\.[^"]+"', "", each.text) for each in (hidden, absent)
    )
    assert shown.replace("Amara", "?") == nothing.replace("Nosuch", "?")


def test_search_is_for_those_who_see_cases(browser: Browser, cast: Cast) -> None:
    assert browser(cast.dan).get("/search?q=o").status_code == 200

    assert browser(cast.ada).get("/search?q=o").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_searches_faster_than_a_person_types(guarded_app: Flask, cast: Cast) -> None:
    dan = signed_in(guarded_app, cast.dan)

    answers = [dan.get("/search?q=o").status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


@pytest.mark.parametrize(("who", "path"), [("ruth", "/people"), ("ada", "/accounts")])
def test_a_long_list_of_people_has_a_page_for_the_rest(
    browser: Browser, cast: Cast, who: str, path: str
) -> None:
    with db.transaction():
        for number in range(50):
            people.add(
                cast.ada,
                name=f"Person {number:02}",
                email=f"person{number}@kith.example",
                role="Nurse",
                agency_id=cast.ruth.agency_id,
            )
    client = browser(getattr(cast, who))

    first, second = client.get(path).text, client.get(f"{path}?page=2").text

    assert f'href="{path}?page=2" rel="next"' in first
    assert "Ruth Bell" in second
    assert "Ruth Bell" not in first.split("<main")[1]
    assert f'href="{path}?page=1" rel="prev"' in second
    assert client.get(f"{path}?page=99").text.count("Person 4") == second.count("Person 4")


def test_the_search_field_takes_no_more_than_search_reads(browser: Browser, cast: Cast) -> None:
    assert 'maxlength="100"' in browser(cast.ruth).get("/people").text


def test_words_no_database_takes_find_nobody(browser: Browser, cast: Cast) -> None:
    assert browser(cast.ruth).get("/people?words=Zzz%00").status_code == 200
