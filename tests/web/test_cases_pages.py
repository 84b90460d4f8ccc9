from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.casework import cases, networks
from app.core import clock, db
from app.models import AuditEntry, Case, CaseStatus, Child, ChildName, KeyDate
from feeds import posts
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]

NEW_CASE = {
    "name": "Ines T",
    "other_names": "Inés Torres\nNessie",
    "born_on": "2019-04-02",
    "nhs_number": "943 476 5919",
    "status": "early_help",
    "since": "2026-11-01",
    "reason": "The school asked for help",
}


def test_my_cases_are_listed_and_nobody_elses(browser: Browser, cast: Cast) -> None:
    page = browser(cast.priya).get("/cases").text

    assert "Amara O" in page
    assert "Tobi O" in page
    assert "Noor" not in page


def test_a_case_says_what_is_new_when_the_child_was_seen_and_who_leads(
    browser: Browser, cast: Cast
) -> None:
    visit = posts.Update(kind="visit", body="Well.", seen=True, seen_alone=True)
    with clock.held(MORNING - timedelta(days=4)), db.transaction():
        posts.publish(cast.priya, cast.amara, visit)

    page = browser(cast.dan).get("/cases?words=amara").text

    assert "1 new" in page
    assert "4 days ago" in page
    assert "Priya Shah" in page


def test_only_cases_with_news_are_shown_when_asked(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="News"))

    page = browser(cast.dan).get("/cases?show=unread").text

    assert "Amara O" in page
    assert "Tobi O" not in page


def test_a_closed_case_stands_apart(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        cases.close(cast.priya, cast.tobi, on=clock.today(), reason="All is well")
    priya = browser(cast.priya)

    assert "Tobi O" not in priya.get("/cases").text
    assert "Tobi O" in priya.get("/cases?show=closed").text


def test_somebody_without_cases_is_told_what_to_do(browser: Browser, cast: Cast) -> None:
    page = browser(cast.lee).get("/cases").text

    assert "No cases yet" in page
    assert 'href="/cases/new"' in page


def test_whoever_opens_a_case_leads_it(browser: Browser, cast: Cast) -> None:
    answer = browser(cast.ruth).post("/cases/new", data=NEW_CASE, follow_redirects=True)

    assert answer.status_code == 200
    assert "Ines T" in answer.text
    assert "Inés Torres, Nessie" in answer.text
    with db.transaction():
        [row] = [row for row in cases.mine(cast.ruth) if row.child_name == "Ines T"]
    assert (row.lead_name, row.status) == ("Ruth Bell", "early_help")


def test_a_case_sent_twice_is_opened_once(browser: Browser, cast: Cast) -> None:
    ruth = browser(cast.ruth)
    before = _count(Case)

    first = ruth.post("/cases/new", data=NEW_CASE | {"key": "k1"})
    second = ruth.post("/cases/new", data=NEW_CASE | {"key": "k1"})

    assert first.location == second.location
    assert _count(Case) == before + 1


WRONG = [
    ("name", "", "Write the child"),
    ("nhs_number", "943 476 5918", "That is not an NHS number"),
    ("since", "", "Write the day this status began"),
    ("since", "2027-01-01", "cannot be in the future"),
    ("status", "closed", "Choose how the case stands"),
    ("status", "child_protection_plan", "has a category of abuse"),
    ("reason", "", "Say why the case is opened"),
]


def test_what_cannot_be_taken_comes_back_with_what_was_typed(browser: Browser, cast: Cast) -> None:
    ruth, before = browser(cast.ruth), _count(Case)

    for field, wrong, sentence in WRONG:
        answer = ruth.post("/cases/new", data=NEW_CASE | {field: wrong})

        assert answer.status_code == 422, field
        assert f'href="#{field}"' in answer.text or "category" in sentence
        assert sentence in answer.text
        assert "Nessie" in answer.text
    assert _count(Case) == before


def test_details_are_for_the_network_and_forms_for_the_lead(browser: Browser, cast: Cast) -> None:
    url = f"/cases/{cast.amara.id}/details"

    assert f"/cases/{cast.amara.id}/status" in browser(cast.priya).get(url).text
    seen = browser(cast.dan).get(url).text

    assert f"/cases/{cast.amara.id}/status" not in seen
    assert "The lead practitioner changes what stands here" in seen


def test_a_manager_may_change_what_those_she_supervises_lead(browser: Browser, cast: Cast) -> None:
    assert browser(cast.mo).get(f"/cases/{cast.amara.id}/status").status_code == 200


FORMS = ["child", "status", "closure", "before-visit", "key-dates/new", "family"]


def test_a_member_who_does_not_lead_is_told_whom_to_ask(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)

    for page in FORMS:
        answer = dan.get(f"/cases/{cast.amara.id}/{page}")

        assert answer.status_code == 403, page
        assert "Ask the lead practitioner" in answer.text


def test_a_stranger_learns_nothing_from_any_page_of_a_case(browser: Browser, cast: Cast) -> None:
    lead, stranger = browser(cast.priya), browser(cast.olive)

    for page in ("details", *FORMS):
        assert lead.get(f"/cases/{cast.amara.id}/{page}").status_code == 200
        hidden = stranger.get(f"/cases/{cast.amara.id}/{page}")
        absent = stranger.get(f"/cases/987654321/{page}")

        assert hidden.status_code == absent.status_code == 404
        assert hidden.data == absent.data


def test_the_lead_corrects_what_is_known_of_the_child(browser: Browser, cast: Cast) -> None:
    sent = {"name": "Amara Osei", "born_on": "2017-05-05", "school": "Hillside Primary"}

    browser(cast.priya).post(f"/cases/{cast.amara.id}/child", data=sent)

    with db.transaction() as session:
        child = session.get_one(Child, cast.amara.child_id)
        assert (child.name, child.school) == ("Amara Osei", "Hillside Primary")
        assert str(child.born_on) == "2017-05-05"


def test_ethnicity_is_chosen_from_the_list_of_the_census(browser: Browser, cast: Cast) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.amara.id}/child"
    priya.post(url, data={"name": "Amara O", "ethnicity": "BAFR"})
    assert "<dd>African</dd>" in browser(cast.dan).get(f"/cases/{cast.amara.id}/details").text
    assert '<option value="BAFR" selected>African</option>' in priya.get(url).text
    refused = priya.post(url, data={"name": "Amara O", "ethnicity": "Ghanaian"})
    assert refused.status_code == 422
    assert "Choose one from the list." in refused.text


def test_a_name_the_child_was_known_by_stays_when_another_is_added(
    browser: Browser, cast: Cast
) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.amara.id}/child"

    priya.post(url, data={"name": "Amara O", "other_names": "Mara"})
    priya.post(url, data={"name": "Amara O", "other_names": "Mara\nAma"})

    with db.transaction() as session:
        assert set(session.scalars(select(ChildName.name))) == {"Mara", "Ama"}


def test_a_status_has_its_day_and_its_reason(browser: Browser, cast: Cast) -> None:
    sent = {"status": "child_in_need", "since": "2026-11-20", "reason": "The plan has ended"}

    page = browser(cast.priya).post(
        f"/cases/{cast.amara.id}/status", data=sent, follow_redirects=True
    )

    assert "Child in need" in page.text
    assert "since 20 November 2026" in page.text
    assert "The plan has ended" in page.text
    assert "Child protection plan" in page.text, "the history stays"


def test_why_it_stood_so_before_her_history_begins_is_not_shown(
    browser: Browser, cast: Cast
) -> None:
    sent = {"status": "child_in_need", "since": "2026-11-20", "reason": "The plan has ended"}
    browser(cast.priya).post(f"/cases/{cast.amara.id}/status", data=sent)

    with clock.held(MORNING + timedelta(hours=1)):
        with db.transaction():
            networks.add(
                cast.priya, cast.amara, cast.lee, role="", reason="Helps", history_from=clock.now()
            )
        page = browser(cast.lee).get(f"/cases/{cast.amara.id}/details").text

    assert "since 20 November 2026" in page
    assert "The plan has ended" not in page
    assert "Recorded by Priya Shah" not in page
    assert "Why and by whom is not shared with you" in page


def test_a_case_is_closed_and_opened_again(browser: Browser, cast: Cast) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.tobi.id}/closure"

    priya.post(url, data={"since": "2026-11-22", "reason": "All is well"})
    assert _status(cast.tobi) == "closed"
    again = {"again": "1", "status": "assessment", "since": "2026-11-23", "reason": "New worry"}
    priya.post(url, data=again)

    assert _status(cast.tobi) == "assessment"


def test_closing_what_is_closed_changes_nothing(browser: Browser, cast: Cast) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.tobi.id}/closure"
    sent = {"since": "2026-11-22", "reason": "All is well"}
    priya.post(url, data=sent)
    before = _count(CaseStatus)

    answer = priya.post(url, data=sent)

    assert answer.status_code == 409
    assert "closed already" in answer.text
    assert _count(CaseStatus) == before


def test_what_to_know_before_a_visit_stands_on_the_case(browser: Browser, cast: Cast) -> None:
    browser(cast.priya).post(
        f"/cases/{cast.amara.id}/before-visit", data={"before_visit": "Dog in the house"}
    )

    assert "Dog in the house" in browser(cast.dan).get(f"/cases/{cast.amara.id}").text


def test_a_key_date_is_added_on_the_wall_clock_and_marked_as_done(
    browser: Browser, cast: Cast
) -> None:
    priya, url = browser(cast.priya), f"/cases/{cast.amara.id}/key-dates"
    priya.post(f"{url}/new", data={"what": "Core group", "due_at": "2026-07-01T10:00"})
    with db.transaction() as session:
        due = session.scalars(select(KeyDate)).one()
        assert due.due_at.isoformat() == "2026-07-01T09:00:00+00:00"

    page = priya.post(f"{url}/{due.id}/done", follow_redirects=True).text

    assert "Core group" in page
    assert "Overdue" not in page


def test_a_date_of_another_case_cannot_be_marked_from_here(browser: Browser, cast: Cast) -> None:
    with db.transaction() as session:
        due = cases.add_key_date(cast.priya, cast.tobi, "Core group", MORNING)
        session.flush()
        number = due.id

    answer = browser(cast.priya).post(f"/cases/{cast.amara.id}/key-dates/{number}/done")

    assert answer.status_code == 404


def test_an_adult_is_added_to_the_family(browser: Browser, cast: Cast) -> None:
    sent = {"adult_name": "Grace O", "adult_relation": "mother", "adult_household": "1"}

    page = browser(cast.priya).post(
        f"/cases/{cast.amara.id}/family/adults", data=sent, follow_redirects=True
    )

    assert "Mother: <strong>Grace O</strong>" in page.text


def test_an_adult_without_a_name_keeps_the_rest(browser: Browser, cast: Cast) -> None:
    sent = {"adult_name": "", "adult_relation": "grandfather"}

    answer = browser(cast.priya).post(f"/cases/{cast.amara.id}/family/adults", data=sent)

    assert answer.status_code == 422
    assert 'href="#adult_name"' in answer.text
    assert 'value="grandfather"' in answer.text


def test_children_are_offered_only_when_their_cases_are_seen(browser: Browser, cast: Cast) -> None:
    browser(cast.priya).post("/cases/new", data=NEW_CASE)

    page = browser(cast.priya).get(f"/cases/{cast.amara.id}/family").text

    assert ">Ines T</option>" in page
    assert "Noor" not in page


def test_every_look_leaves_one_row_in_the_audit(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)

    for url in ("/cases", "/cases/{0}/details", "/cases/{0}/network", "/search?q=amara"):
        before = _count(AuditEntry)
        priya.get(url.format(cast.amara.id))

        assert _count(AuditEntry) == before + 1, url


def _count(noun: type) -> int:
    with db.transaction() as session:
        return session.scalar(select(func.count()).select_from(noun)) or 0


def _status(case: Case) -> str | None:
    with db.transaction():
        return cases.status_of(case)
