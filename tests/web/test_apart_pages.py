"""Who is kept from a case, on the pages: managers when it is restricted, and conflicts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import push, relay
from app.casework import conflicts, networks
from app.core import db
from app.models import AuditEntry, Person
from feeds import changes
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
WHY = {"reason": "The father knows staff"}


class Channel:
    """Keeps who would have been told what."""

    def __init__(self) -> None:
        self.told: dict[str, set[int]] = {}

    def tell(self, people: set[int], pointer: dict[str, object]) -> None:
        self.told.setdefault(str(pointer["did"]), set()).update(people)


@pytest.fixture
def access(cast: Cast) -> str:
    return f"/cases/{cast.amara.id}/access"


def delivered() -> dict[str, set[int]]:
    channel = Channel()
    push.use(channel)  # type: ignore[arg-type]
    while relay.deliver():
        pass
    return channel.told


def test_a_restricted_case_says_so_on_every_page_of_it(
    browser: Browser, cast: Cast, access: str
) -> None:
    case, dan = f"/cases/{cast.amara.id}", browser(cast.dan)
    pages = (case, f"{case}/details", f"{case}/network", f"{access}/restriction")
    tag = '<span class="kith-tag kith-tag--restricted">For members only</span>'
    assert not [page for page in pages if tag in dan.get(page).text]

    browser(cast.priya).post(f"{access}/restriction", data=WHY)

    assert [page for page in pages if tag not in dan.get(page).text] == []
    assert "The father knows staff" in dan.get(f"{access}/restriction").text
    assert "Managers of members do not see it. The father" in dan.get(case).text


def test_the_manager_finds_nothing_there_and_their_open_page_is_told(
    browser: Browser, cast: Cast, access: str
) -> None:
    mo = browser(cast.mo)
    assert mo.get(f"{access}/restriction").status_code == 200
    browser(cast.priya).post(f"{access}/restriction", data=WHY)

    hidden, absent = (mo.get(f"/cases/{number}") for number in (cast.amara.id, 987_654))
    assert (hidden.status_code, hidden.data) == (absent.status_code, absent.data)
    told = delivered()
    assert told["access_changed"] == {cast.mo.id}
    assert cast.mo.id not in told["restricted"]
    assert mo.get(f"/sync?case={cast.amara.id}").get_json()["gone"] == [cast.amara.id]


def test_a_manager_who_restricts_is_warned_and_led_to_their_cases(
    browser: Browser, cast: Cast, access: str
) -> None:
    mo = browser(cast.mo)
    assert "you will not see this case any more either" in mo.get(f"{access}/restriction").text
    for _ in range(2):  # pressed twice, it is done once
        sent = WHY | {"key": "k1"}
        assert mo.post(f"{access}/restriction", data=sent).location == "/cases"


def test_the_lead_lifts_it_and_a_member_does_not(browser: Browser, cast: Cast, access: str) -> None:
    priya, dan, url = browser(cast.priya), browser(cast.dan), f"{access}/restriction"
    assert dan.post(url, data=WHY).status_code == 403
    assert priya.post(url, data={"reason": " "}).status_code == 422
    assert priya.post(url, data=WHY).location == url
    assert dan.post(f"{url}/lifting", data=WHY).status_code == 403
    priya.post(f"{url}/lifting", data={"reason": "He has moved away"})

    assert browser(cast.mo).get(f"/cases/{cast.amara.id}").status_code == 200
    assert "Lifted: He has moved away (Priya Shah)" in dan.get(url).text


def test_i_know_this_family_closes_the_case_with_a_clear_sentence(
    browser: Browser, cast: Cast, access: str
) -> None:
    ruth, url = browser(cast.ruth), f"{access}/own-conflict"
    assert ruth.post(url, data={"reason": ""}).status_code == 422
    sent = {"reason": "My neighbours", "key": "k1"}

    assert ruth.post(url, data=sent).location == "/cases"
    assert ruth.post(url, data=sent).location == "/cases", "pressed twice, it is done once"
    assert "You see nothing of that case any more." in ruth.get("/cases").text
    assert ruth.get(f"/cases/{cast.amara.id}").status_code == 404
    assert delivered() == {"access_changed": {cast.ruth.id}}


def test_members_read_that_somebody_sees_nothing_and_only_leads_read_why(
    browser: Browser, cast: Cast, access: str
) -> None:
    browser(cast.ruth).post(f"{access}/own-conflict", data={"reason": "My neighbours"})
    dan, priya, network = browser(cast.dan), browser(cast.priya), f"/cases/{cast.amara.id}/network"

    assert "Sees nothing at present" in dan.get(network).text
    assert "My neighbours" not in dan.get(network).text + dan.get(f"/cases/{cast.amara.id}").text
    assert dan.get(f"{access}/conflicts").status_code == 403
    assert "My neighbours" in priya.get(f"{access}/conflicts").text


def test_who_is_kept_apart_is_not_among_those_an_update_is_posted_to(
    browser: Browser, cast: Cast
) -> None:
    priya, case = browser(cast.priya), f"/cases/{cast.amara.id}"
    assert "Post to 2 people in 2 agencies" in priya.get(case).text
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.ruth, "Cousin")

    page = priya.get(case).text
    assert "Post to 1 person in 1 agency" in page
    assert "Ruth Bell" not in page


def test_a_colleague_who_is_no_member_is_kept_apart_and_cannot_be_added(
    browser: Browser, cast: Cast, access: str
) -> None:
    priya, network = browser(cast.priya), f"/cases/{cast.amara.id}/network/new"
    new = f"{access}/conflicts/new/{cast.olive.id}"
    assert new in priya.get(f"{access}/conflicts?words=olive").text
    assert priya.post(new, data={"reason": ""}).status_code == 422
    priya.post(new, data={"reason": "The mother's partner"})

    assert "Kept apart already" in priya.get(f"{access}/conflicts?words=olive").text
    assert f"{network}/{cast.olive.id}" not in priya.get(f"{network}?words=olive").text
    sent = {"reason": "Helps", "until_on": "2027-01-01", "legal_basis": "public_task"}
    refused = priya.post(f"{network}/{cast.olive.id}", data=sent)
    assert refused.status_code == 422
    assert "A conflict of interest keeps Olive Reed apart" in refused.text
    assert delivered() == {"access_changed": set()}, "she never saw it, so she is told nothing"


def test_the_form_leads_to_the_cases_of_brothers_and_sisters(
    browser: Browser, cast: Cast, access: str
) -> None:
    tobi, words = f"/cases/{cast.tobi.id}/access", "is also in Tobi O’s network"
    priya, new = browser(cast.priya), f"conflicts/new/{cast.dan.id}"
    page = priya.get(f"{access}/{new}").text
    assert words in page
    assert f'href="{tobi}/{new}"' in page
    assert words not in priya.get(f"{access}/conflicts/new/{cast.ruth.id}").text, "not in it"
    priya.post(f"{access}/{new}", data={"reason": "Lives with the mother"})
    assert words in priya.get(f"{access}/conflicts").text

    priya.post(f"{tobi}/{new}", data={"reason": "Lives with the mother"})
    assert words not in priya.get(f"{access}/conflicts").text


def test_only_who_leads_the_other_case_learns_who_is_in_it(
    browser: Browser, cast: Cast, access: str
) -> None:
    with db.transaction():
        networks.hand_over(cast.priya, cast.tobi, cast.dan, "Knows him better")
        networks.remove(cast.dan, cast.tobi, cast.priya, "Knows her sister only")
    page = browser(cast.priya).get(f"{access}/conflicts/new/{cast.dan.id}").text
    assert "Tobi" not in page


def test_the_form_says_truly_who_hears_of_it(browser: Browser, cast: Cast, access: str) -> None:
    priya, told = browser(cast.priya), "Their open pages close and say that they no longer see"
    member = priya.get(f"{access}/conflicts/new/{cast.dan.id}").text
    stranger = priya.get(f"{access}/conflicts/new/{cast.olive.id}").text
    assert told in member
    assert told not in stranger
    assert "nobody is told" in stranger
    assert "Their own manager still sees the case" in member
    priya.post(f"{access}/restriction", data=WHY)
    assert "manager" not in priya.get(f"{access}/conflicts/new/{cast.dan.id}").text


def test_i_know_this_family_is_said_of_each_case(browser: Browser, cast: Cast, access: str) -> None:
    dan, ruth = browser(cast.dan), browser(cast.ruth)
    link = f'href="/cases/{cast.tobi.id}/access/own-conflict"'
    assert link in dan.get(f"{access}/own-conflict").text
    assert "Tobi" not in ruth.get(f"{access}/own-conflict").text


def test_a_restriction_leads_to_the_cases_of_brothers_and_sisters(
    browser: Browser, cast: Cast, access: str
) -> None:
    priya, dan = browser(cast.priya), browser(cast.dan)
    link, words = f"/cases/{cast.tobi.id}/access/restriction", "The managers of Tobi O’s network"
    for _ in range(2):  # before and after
        assert words in priya.get(f"{access}/restriction").text
        assert words not in dan.get(f"{access}/restriction").text
        priya.post(f"{access}/restriction", data=WHY)
    assert f'href="{link}"' in priya.get(f"{access}/restriction").text

    priya.post(link, data=WHY)
    assert words not in priya.get(f"{access}/restriction").text


def test_a_conflict_is_lifted_by_who_leads_with_a_reason(
    browser: Browser, cast: Cast, access: str
) -> None:
    with db.transaction():
        declared = conflicts.declare(cast.priya, cast.amara, cast.ruth, "Cousin").id
    priya, url = browser(cast.priya), f"{access}/conflicts/{declared}"
    assert browser(cast.dan).get(url).status_code == 403
    assert browser(cast.ruth).get(url).status_code == 404
    assert priya.post(f"{url}/lifting", data={"reason": ""}).status_code == 422
    priya.post(f"{url}/lifting", data={"reason": "Another family of that name"})

    assert browser(cast.ruth).get(f"/cases/{cast.amara.id}").status_code == 200
    assert "Another family of that name" in priya.get(f"{access}/conflicts").text
    assert priya.get(f"{access}/conflicts/987654").status_code == 404
    assert priya.get(f"/cases/{cast.tobi.id}/access/conflicts/{declared}").status_code == 404


def test_who_is_kept_apart_is_not_told_that_they_are_taken_out(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "Lives with the mother")
    assert cast.dan.id in delivered()["access_changed"]
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.dan, "Another school now")

    told = delivered()
    assert cast.ruth.id in told["left"]
    assert cast.dan.id not in told["left"]


def test_what_nobody_may_infer_stands_in_no_list_of_changes(cast: Cast) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.ruth, "Cousin")
    with db.transaction():
        assert changes.since(cast.dan, 0) == []
        assert changes.since(cast.ruth, 0) == []


def test_whoever_is_kept_apart_and_tries_is_on_record(
    browser: Browser, cast: Cast, access: str
) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "Lives with the mother")
    dan = browser(cast.dan)
    for page in ("", "/network", "/access/restriction", "/access/own-conflict", "/details"):
        hidden, absent = (dan.get(f"/cases/{number}{page}") for number in (cast.amara.id, 987_654))
        assert (hidden.status_code, hidden.data) == (404, absent.data), page
    assert _refusals(cast.dan) == 10


def _refusals(person: Person) -> int:
    with db.transaction() as session:
        rows = session.scalars(
            select(AuditEntry.id).where(
                AuditEntry.person_id == person.id, AuditEntry.outcome == "refused"
            )
        )
        return len(list(rows))
