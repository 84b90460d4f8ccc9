"""The chronology as a page, printed and as files, and who took it along."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core import db
from app.models import AuditEntry, Copy, Membership
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]
WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def page(cast: Cast) -> str:
    with db.transaction():
        for author, days, update in (
            (cast.dan, 10, Update("=Bruise <seen> & *told*", kind="concern")),
            (cast.ruth, 4, Update("Weighed less", worry="worried", meaning="+Hungry")),
        ):
            at = MORNING - timedelta(days=days)
            posts.publish(author, cast.amara, replace(update, occurred_at=at))
    return f"/cases/{cast.amara.id}/chronology"


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def take(client: FlaskClient, page: str, form: str, **asked: Any) -> TestResponse:
    return client.post(f"{page}/copies", data={"form": form, **asked})


def test_it_says_what_happened_when_how_old_the_child_was_and_who_told_it(
    browser: Browser, cast: Cast, page: str
) -> None:
    read = text(browser(cast.priya).get(page))
    assert "3 significant events from 24 October 2026 to 19 November 2026, from 2 agencies" in read
    assert "13 November 2026 Age 9 years 6 months S Hillside Primary Safeguarding lead" in read
    assert "Bruise &lt;seen&gt; &amp; told Information shared, not a referral." in read
    assert "What it meant for the child: +Hungry Worried" in read


def test_it_is_narrowed_by_a_link_and_keeps_what_was_typed(
    browser: Browser, cast: Cast, page: str
) -> None:
    read = browser(cast.priya).get(f"{page}?kind=concern&words=bruise&order=newest")
    assert "Weighed less" not in read.text
    assert 'name="words" type="text" value="bruise"' in read.text
    assert "Narrowed: change" in read.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=yesterday", "Write a day, such as 2026-03-31."),
        ("from=2026-11-02&until=2026-11-01", "The last day is before the first."),
    ],
)
def test_a_day_that_cannot_be_is_answered_with_a_sentence_and_stays_typed(
    browser: Browser, cast: Cast, page: str, asked: str, said: str
) -> None:
    answer = browser(cast.priya).get(f"{page}?{asked}")
    assert answer.status_code == 422
    assert said in answer.text
    assert asked.rsplit("=", maxsplit=1)[-1] in answer.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"agency": "x"}, "Choose an agency that stands in this chronology, or all."),
        ({"agency": "987654"}, "Choose an agency that stands in this chronology, or all."),
        ({"kind": "zzz"}, "Choose a kind from the list, or all."),
    ],
)
def test_a_choice_that_is_none_is_refused_and_shows_all(
    browser: Browser, cast: Cast, page: str, asked: dict[str, str], said: str
) -> None:
    answer = browser(cast.priya).get(page, query_string=asked)
    assert answer.status_code == 422
    assert text(answer).count(said) == 2, "at the top and at its field"
    assert "Weighed less" in answer.text
    assert take(browser(cast.priya), page, "csv", **asked).status_code == 422


def test_a_case_with_nothing_says_what_will_stand_there(browser: Browser, cast: Cast) -> None:
    noor = f"/cases/{cast.noor.id}/chronology?kind=concern"
    assert "Nothing recorded fits what you chose." in browser(cast.olive).get(noor).text


def test_what_is_for_others_is_counted_and_not_shown(
    browser: Browser, cast: Cast, page: str
) -> None:
    with db.transaction():
        update = Update(
            "For Ruth alone",
            audience="named",
            people=(cast.ruth.id,),
            sharing_reason="Health",
            significant=True,
        )
        posts.publish(cast.priya, cast.amara, update)
    read = text(browser(cast.dan).get(page))
    assert "1 item is not shared with your role" in read
    assert "For Ruth alone" not in read
    assert "For Ruth alone" in text(browser(cast.ruth).get(page))


@pytest.mark.parametrize("form", ["print", "docx", "csv"])
def test_paper_and_files_say_what_is_not_in_them(
    browser: Browser, cast: Cast, page: str, form: str
) -> None:
    cut = "reads this case from 10 November 2026 on. What was told before is not here."
    kept = "1 item is not shared with the role of Dan Hughes."
    with db.transaction() as session:
        (his,) = session.scalars(
            select(Membership).where(
                Membership.person_id == cast.dan.id, Membership.case_id == cast.amara.id
            )
        )
        his.history_from = MORNING - timedelta(days=13)
        update = Update(
            "For Ruth", audience="named", people=(cast.ruth.id,), sharing_reason="Health"
        )
        posts.publish(cast.priya, cast.amara, update)
    said = written(take(browser(cast.dan), page, form))
    assert f"Dan Hughes {cut}" in said
    assert kept in said
    assert cut not in written(take(browser(cast.priya), page, form)), "she reads all of it"


def written(answer: TestResponse) -> str:
    """What stands in a page or a file."""
    if "wordprocessing" not in answer.content_type:
        return text(answer)
    with ZipFile(BytesIO(answer.get_data())) as file:
        parts = [ElementTree.fromstring(file.read(name)) for name in file.namelist()]
    return " ".join("".join(part.itertext()) for part in parts)


def test_long_ones_have_pages(browser: Browser, cast: Cast, page: str) -> None:
    with db.transaction():
        for number in range(60):
            posts.publish(cast.priya, cast.amara, Update(f"Event {number} end", significant=True))
    first = browser(cast.priya).get(page).text
    assert "1 to 50 of 63" in first
    assert "Event 59 end" not in first
    assert "Event 59 end" in browser(cast.priya).get(f"{page}?page=2").text
    assert "Event 59 end" in take(browser(cast.priya), page, "print").text


def test_who_printed_it_when_and_which_part_stands_on_it_for_all(
    browser: Browser, cast: Cast, page: str
) -> None:
    printed = take(browser(cast.priya), page, "print", **{"from": "2026-11-01", "words": "secret"})
    assert "Printed by Priya Shah, Social worker, on 23 November 2026 at 09:00." in printed.text
    read = browser(cast.dan).get(page)
    assert (
        "Priya Shah , 23 November 2026, 09:00 : printed, from 1 November 2026, only what holds "
        "certain words"
    ) in text(read)
    assert "secret" not in read.text


def test_a_copy_is_on_record_in_the_audit_too(browser: Browser, cast: Cast, page: str) -> None:
    assert take(browser(cast.dan), page, "docx").status_code == 200
    with db.transaction() as session:
        (copy,) = session.scalars(select(Copy))
        did = session.scalars(select(AuditEntry.did).where(AuditEntry.person_id == cast.dan.id))
        assert (copy.person_id, copy.what, copy.form) == (cast.dan.id, "chronology", "docx")
        assert "took chronology" in list(did)


def test_a_copy_of_what_cannot_be_is_none(browser: Browser, cast: Cast, page: str) -> None:
    assert take(browser(cast.dan), page, "print", until="never").status_code == 422
    assert take(browser(cast.dan), page, "papyrus").status_code == 422
    with db.transaction() as session:
        assert session.scalars(select(Copy)).all() == []


def test_who_does_not_see_the_case_takes_nothing_along(
    browser: Browser, cast: Cast, page: str
) -> None:
    hidden = take(browser(cast.olive), page, "csv")
    absent = take(browser(cast.olive), "/cases/987654/chronology", "csv")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.data == absent.data


def test_the_file_holds_the_same_lines_and_no_formula(
    browser: Browser, cast: Cast, page: str
) -> None:
    answer = take(browser(cast.priya), page, "csv")
    rows = list(csv.reader(StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0][:3] == ["Date", "Age", "Source"]
    assert rows[2][0] == "2026-11-13"
    assert rows[2][4].startswith("'=Bruise <seen> & *told*")
    assert rows[3][5] == "'+Hungry"
    assert "Amara" not in answer.headers["Content-Disposition"]


def test_the_document_opens_and_holds_the_same_lines(
    browser: Browser, cast: Cast, page: str
) -> None:
    answer = take(browser(cast.priya), page, "docx")
    assert "Amara" not in answer.headers["Content-Disposition"]
    with ZipFile(BytesIO(answer.get_data())) as file:
        parts = {name: ElementTree.fromstring(file.read(name)) for name in file.namelist()}
    rows = parts["word/document.xml"].findall(f".//{WORDS}tr")
    cells = [["".join(cell.itertext()) for cell in row.findall(f"{WORDS}tc")] for row in rows]
    assert cells[0][0] == "Date"
    assert cells[2][4] == "=Bruise <seen> & *told* Information shared, not a referral."
    head = "".join(parts["word/header.xml"].itertext())
    assert "Chronology: Amara O, born 4 May 2017" in head
    assert "Taken by Priya Shah on 23 November 2026 at 09:00" in head
    assert parts["word/document.xml"].findall(f".//{WORDS}tblHeader"), "headings on each page"
