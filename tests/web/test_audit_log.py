from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit import proof
from app.core import db
from app.models import AuditEntry
from feeds import posts
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_an_auditor_sees_who_looked_at_which_case(browser: Browser, cast: Cast) -> None:
    browser(cast.ruth).get(f"/cases/{cast.amara.id}/details")

    page = browser(cast.audrey).get("/audit-log").text

    assert "Ruth Bell" in page
    assert f'case={cast.amara.id}">' in page
    assert "read case" in page


def test_an_auditor_sees_no_name_of_a_child_and_no_word_of_a_post(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, posts.Update(body="marmalade"))
    assert "marmalade" in browser(cast.ruth).get(f"/cases/{cast.amara.id}").text

    page = browser(cast.audrey).get("/audit-log").text

    assert "marmalade" not in page
    assert "Amara" not in page


def test_a_refused_stranger_is_on_record(browser: Browser, cast: Cast) -> None:
    browser(cast.olive).get(f"/cases/{cast.amara.id}")

    page = browser(cast.audrey).get(f"/audit-log?person={cast.olive.id}").text

    assert "Refused" in page
    assert f"case:{cast.amara.id}" in page


def test_the_log_is_read_page_by_page_without_a_gap(browser: Browser, cast: Cast) -> None:
    dan, audrey = browser(cast.dan), browser(cast.audrey)
    for _ in range(60):
        dan.get("/people")

    first = audrey.get(f"/audit-log?person={cast.dan.id}").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = audrey.get(older.replace("&amp;", "&")).text

    assert first.count("read people") + second.count("read people") == 60


def test_only_an_auditor_reads_it(browser: Browser, cast: Cast) -> None:
    assert browser(cast.audrey).get("/audit-log").status_code == 200

    for other in (cast.priya, cast.mo, cast.ada):
        assert browser(other).get("/audit-log").status_code == 403


def test_an_auditor_sees_no_case(browser: Browser, cast: Cast) -> None:
    for page in ("/cases", f"/cases/{cast.amara.id}", f"/cases/{cast.amara.id}/network"):
        assert browser(cast.audrey).get(page).status_code == 403


@pytest.mark.parametrize(
    "asked", ["person=nobodyhere", "person=99999999999999999999", "person=-1", "case=-1", "case=x"]
)
def test_a_filter_that_cannot_be_read_shows_no_rows(
    browser: Browser, cast: Cast, asked: str
) -> None:
    browser(cast.dan).get("/people")

    answer = browser(cast.audrey).get(f"/audit-log?{asked}")

    assert answer.status_code == 422
    assert f'href="#{asked.split("=", maxsplit=1)[0]}"' in answer.text
    assert "read people" not in answer.text


@pytest.mark.parametrize("words", ["hughes", "dan@kith.example", "dan hug"])
def test_who_looked_is_found_by_name_or_email(browser: Browser, cast: Cast, words: str) -> None:
    browser(cast.dan).get("/people")
    browser(cast.ruth).get("/people")

    page = browser(cast.audrey).get("/audit-log", query_string={"person": words}).text

    assert f"Only what Dan Hughes ({cast.dan.id}) did" in page
    assert "Ruth Bell" not in page


def test_an_auditor_chooses_between_people_with_the_same_words(
    browser: Browser, cast: Cast
) -> None:
    page = browser(cast.audrey).get("/audit-log?person=kith.example&case=1").text

    assert "Which of these 10 people?" in page
    assert f"person={cast.dan.id}&amp;case=1" in page


def test_an_auditor_asks_by_outcome_ground_and_day(browser: Browser, cast: Cast) -> None:
    browser(cast.mo).get(f"/cases/{cast.amara.id}/network")
    browser(cast.dan).get(f"/cases/{cast.amara.id}/details")
    browser(cast.olive).get(f"/cases/{cast.amara.id}")
    audrey = browser(cast.audrey)

    def found(asked: str) -> set[str]:
        page = audrey.get(f"/audit-log?{asked}").text.split("<tbody>")[-1]
        return {name for name in ("Mo Akram", "Dan Hughes", "Olive Reed") if name in page}

    assert found("outcome=refused") == {"Olive Reed"}
    assert found("why=supervision") == {"Mo Akram"}
    assert found("day=2026-11-23") == {"Mo Akram", "Dan Hughes", "Olive Reed"}
    assert found("day=2026-11-22") == set()
    assert audrey.get("/audit-log?day=yesterday").status_code == 422
    assert "ends at row" in audrey.get("/audit-log").text


def test_the_rows_of_a_case_are_all_found_by_it(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, posts.Update(body="Well."))
        posts.publish(cast.olive, cast.noor, posts.Update(body="Well too."))
    dan, ruth, olive = browser(cast.dan), browser(cast.ruth), browser(cast.olive)
    olive.get(f"/cases/{cast.amara.id}")
    olive.get(f"/posts/{post.id}")
    ruth.get("/")
    ruth.get("/search?q=amara")
    ruth.post(f"/posts/{post.id}/comments", data={"body": "I will ring."})
    ruth.post(f"/posts/{post.id}/acknowledgement")
    ruth.get(f"/posts/{post.id}/edit")
    dan.post(f"/posts/{post.id}/edit", data={"body": "Well and happy."})
    browser(cast.priya).post(f"/posts/{post.id}/withdrawal", data={"reason": "Wrong child"})
    ruth.get(f"/posts/{post.id}")

    audrey = browser(cast.audrey)
    page = audrey.get(f"/audit-log?case={cast.amara.id}").text
    other = audrey.get(f"/audit-log?case={cast.noor.id}").text

    for did in ("read feed", "searched", "comment", "acknowledge", "save edit", "withdraw"):
        assert f"{did}<" in page or f"{did} " in page, did
    assert page.count("Refused<") - other.count("Refused<") == 4
    for did in ("comment", "save edit", "searched"):
        assert did not in other
    only = audrey.get(
        f"/audit-log?case={cast.amara.id}&person={cast.olive.id}&outcome=refused"
    ).text
    assert only.count("Olive Reed") == 3, "in the line that says whose rows these are, and in two"


@pytest.mark.parametrize("page", ["", "/edit", "/withdrawal"])
def test_a_post_that_names_a_siblings_stream_is_a_look_at_that_case_too(
    browser: Browser, cast: Cast, page: str
) -> None:
    with db.transaction():
        post = posts.publish(
            cast.dan, cast.amara, posts.Update(body="Both well."), also=[cast.tobi]
        )
    browser(cast.dan).get(f"/posts/{post.id}{page}")

    found = browser(cast.audrey).get(f"/audit-log?case={cast.tobi.id}").text
    assert "read post" in found
    access = browser(cast.priya).get(f"/cases/{cast.tobi.id}/access").text
    assert "Dan Hughes" in access
    assert proof.check([]).wrong is None


def test_an_edit_and_a_withdrawal_name_the_case(browser: Browser, cast: Cast) -> None:
    with db.transaction():
        post = posts.publish(cast.dan, cast.amara, posts.Update(body="Well."))
    dan = browser(cast.dan)
    dan.post(f"/posts/{post.id}/edit", data={"body": "Well and happy."})
    dan.post(f"/posts/{post.id}/withdrawal", data={"reason": "Wrong child"})

    with db.transaction() as session:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.did.in_(["save edit", "withdraw"]))
        ).all()
    assert [(row.case_id, row.about, row.why) for row in rows] == [
        (cast.amara.id, f"post:{post.id}", "member")
    ] * 2
