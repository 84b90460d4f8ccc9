from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.casework import people
from app.core import db
from app.models import Person
from tests.cast import Cast

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


def test_words_no_database_takes_find_nobody(browser: Browser, cast: Cast) -> None:
    assert browser(cast.ruth).get("/people?words=Zzz%00").status_code == 200


def test_a_colleague_is_found_however_the_name_is_spelt(browser: Browser, cast: Cast) -> None:
    client = browser(cast.priya)
    for written, why in (
        ("Daniel Hughes", "Short for Daniel"),
        ("Hughes, Dan", ""),
        ("rooth", "Sounds like rooth"),
    ):
        page = client.get(f"/people?words={written}").text.split("<main")[1]
        assert ("Dan Hughes" in page) == ("Hughes" in written)
        assert ("Ruth Bell" in page) == (written == "rooth")
        assert why in page
        assert "Olive Reed" not in page


def test_whose_account_is_closed_is_in_no_directory(browser: Browser, cast: Cast) -> None:
    assert "Nobody with these words" in browser(cast.priya).get("/people?words=zed+kole").text
