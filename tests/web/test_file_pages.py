"""Photos and files in the form, on the card, and saved from there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import attachments, scan
from app.core import db
from app.core.clamd import Clamd
from app.models import Attachment, AuditEntry, Post
from config.settings import Settings
from feeds import posts
from feeds.posts import Update
from tests import files
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
LETTER = ("Letter about Amara.docx", files.docx())
HOME = ("At Amara’s home.jpg", files.photo_of_home())


def send(client: FlaskClient, cast: Cast, *chosen: tuple[str, bytes], **form: Any) -> Any:
    sent = [(BytesIO(data), name) for name, data in chosen]
    fields = {"body": "See below.", **form, "files": sent}
    return client.post(f"/cases/{cast.amara.id}/posts", data=fields)


def rows() -> list[Attachment]:
    with db.transaction() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def kept_in(page: str) -> list[str]:
    return re.findall(r'name="attachments" value="(\d+)" checked', page)


def test_photos_and_files_go_with_an_update_in_one_form(browser: Browser, cast: Cast) -> None:
    assert 'enctype="multipart/form-data"' in browser(cast.dan).get("/quick/1").text
    assert send(browser(cast.dan), cast, HOME, LETTER, key="k").status_code == 303
    page = browser(cast.ruth).get(f"/cases/{cast.amara.id}").text
    photo, letter = rows()
    assert f'src="/attachments/{photo.id}/preview" width="48" height="64"' in page
    assert 'alt="Photo attached by Dan Hughes" loading="lazy"' in page
    assert f'<a href="/attachments/{letter.id}" download>Letter about Amara.docx</a>' in page
    assert page.count("Not checked for viruses.") == 1


def test_the_author_says_what_a_photo_shows(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, HOME, alt="The hall, with boxes")
    for path in ("/", "/cases/1", "/posts/1", "/cases/1/fragments?ids=1"):
        assert 'alt="The hall, with boxes"' in browser(cast.ruth).get(path).text, path


def test_a_file_is_saved_and_never_shown_as_a_page(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, LETTER, ("notes.txt", "Seen, café".encode()), HOME)
    answers = [browser(cast.ruth).get(f"/attachments/{row.id}") for row in rows()]
    for row, answer in zip(rows(), answers, strict=True):
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="'), row.name
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    assert answers[0].data == LETTER[1]
    assert answers[1].headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answers[1].text == "Seen, café"
    assert (
        "filename*=UTF-8''At%20Amara%E2%80%99s%20home.jpg"
        in answers[2].headers["Content-Disposition"]
    )


def test_only_photos_have_a_small_one(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, HOME, LETTER)
    photo, letter = rows()
    small = browser(cast.ruth).get(f"/attachments/{photo.id}/preview")
    assert (small.mimetype, small.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert files.opened(small.data).size == (48, 64)
    assert browser(cast.ruth).get(f"/attachments/{letter.id}/preview").status_code == 404


def test_each_look_is_on_record_without_a_name(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, HOME)
    browser(cast.ruth).get("/attachments/1")
    browser(cast.ruth).get("/attachments/1/preview")
    browser(cast.olive).get("/attachments/1")
    with db.transaction() as session:
        looks = session.scalars(
            select(AuditEntry).where(AuditEntry.about == "attachment:1").order_by(AuditEntry.id)
        ).all()
    assert [(each.did, each.outcome, each.case_id) for each in looks] == [
        ("saved file", "shown", cast.amara.id),
        ("saw photo", "shown", cast.amara.id),
        ("refused", "refused", None),
    ]
    assert "saved a file" in browser(cast.dan).get("/cases/1/access").text


def test_the_record_of_a_case_finds_who_was_refused_a_file(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, HOME)
    browser(cast.olive).get("/attachments/1")
    page = browser(cast.audrey).get(f"/audit-log?case={cast.amara.id}&outcome=refused").text
    assert "Olive Reed" in page


def test_of_a_withdrawn_post_nothing_is_there(browser: Browser, cast: Cast) -> None:
    send(browser(cast.dan), cast, HOME)
    with db.transaction() as session:
        posts.withdraw(cast.dan, session.scalars(select(Post)).one(), "Wrong child")
    for path in ("/attachments/{}", "/attachments/{}/preview"):
        gone, absent = (browser(cast.dan).get(path.format(number)) for number in (1, 987654))
        assert (gone.status_code, gone.data) == (absent.status_code, absent.data)
        assert gone.status_code == 404


def test_a_form_that_comes_back_has_its_files_and_they_can_be_taken_out(
    browser: Browser, cast: Cast
) -> None:
    dan = browser(cast.dan)
    wrong = send(dan, cast, HOME, LETTER, body=" ", alt="The hall")
    assert wrong.status_code == 422
    assert "Write something first." in wrong.text
    assert "At Amara’s home.jpg" in wrong.text
    photo, letter = kept_in(wrong.text)
    again = send(dan, cast, body=" ", attachments=[photo, letter])
    assert kept_in(again.text) == [photo, letter]
    assert send(dan, cast, attachments=[photo], alt="The hall").status_code == 303
    assert [(row.post_id is not None, row.alt) for row in rows()] == [
        (True, "The hall"),
        (False, None),
    ]


def test_a_file_that_is_refused_keeps_the_others_and_the_words(
    browser: Browser, cast: Cast
) -> None:
    answer = send(browser(cast.dan), cast, ("map.svg", files.SVG), LETTER, body="Seen.")
    assert answer.status_code == 422
    assert "map.svg: this kind of file is not taken." in answer.text
    assert 'href="#files"' in answer.text
    assert 'id="files"' in answer.text
    assert len(kept_in(answer.text)) == 1
    assert "Seen.</textarea>" in answer.text


def test_all_that_is_wrong_is_said_at_once(browser: Browser, cast: Cast) -> None:
    answer = send(browser(cast.dan), cast, ("map.svg", files.SVG), body=" ", kind="visit")
    for said in ("map.svg", "Write something first.", "Say whether the child was seen."):
        assert said in answer.text


def test_the_same_form_sent_twice_is_one_post_with_one_file(
    browser: Browser, cast: Cast, tmp_path: Path
) -> None:
    dan = browser(cast.dan)
    for _ in range(2):
        assert send(dan, cast, LETTER, key="k").status_code == 303
    assert len(rows()) == len(list((tmp_path / "files").glob("*/*"))) == 1
    other = send(dan, cast, ("Letter about Amara.docx", files.docx({"a.xml": b"x"})), key="k")
    assert other.status_code == 422
    assert "You have sent this page before, with other words." in other.text


def test_for_a_case_that_is_not_theirs_nobody_has_a_file_looked_at(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    monkeypatch.setattr(attachments, "take", lambda *sent: looked.append(sent))
    for who, status in ((cast.olive, 404), (cast.ada, 403), (None, 302)):
        assert send(browser(who), cast, LETTER).status_code == status
    assert looked == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_a_file_is_looked_at_others_go_on(
    browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, open_then = attachments.take, []

    def noted(*sent: Any) -> Any:
        open_then.append(db.is_open())
        return take(*sent)

    monkeypatch.setattr(attachments, "take", noted)
    send(browser(cast.dan), cast, LETTER)
    assert open_then == [False]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_too_large_and_too_many_are_said_in_a_sentence(
    app: Flask, settings: Settings, browser: Browser, cast: Cast
) -> None:
    dan = browser(cast.dan)
    many = send(dan, cast, *[LETTER] * 6)
    assert many.status_code == 422
    assert "at most 5 files" in many.text
    # A limit of nothing, for a large file would have to lie on the disk first.
    app.config["KITH"] = replace(settings, file_megabytes=0)
    large = send(dan, cast, LETTER)
    assert large.status_code == 422
    assert "Letter about Amara.docx: this file is larger than 0 MB." in large.text
    huge = {"CONTENT_LENGTH": str(2 * 1024 * 1024)}
    assert dan.post("/cases/1/posts", data={"body": "x"}, environ_overrides=huge).status_code == 413


def test_a_file_that_waits_is_named_and_not_given_out(
    browser: Browser, cast: Cast, tmp_path: Path
) -> None:
    scan.use(Clamd(f"unix://{tmp_path}/nowhere.ctl"))
    send(browser(cast.dan), cast, HOME)
    page = browser(cast.ruth).get("/cases/1").text
    assert "waits for its virus check" in page
    assert "/preview" not in page
    for path in ("/attachments/1", "/attachments/1/preview"):
        answer = browser(cast.ruth).get(path)
        assert answer.status_code == 409
        assert "Try again in a few minutes" in answer.text


def test_the_test_virus_is_refused_without_any_scanner(browser: Browser, cast: Cast) -> None:
    answer = send(browser(cast.dan), cast, ("eicar.txt", scan.TEST_VIRUS))
    assert answer.status_code == 422
    assert "eicar.txt: the virus check refused this file." in answer.text
    assert rows() == []


def test_a_draft_names_the_files_that_were_kept(browser: Browser, cast: Cast) -> None:
    dan = browser(cast.dan)
    (kept,) = kept_in(send(dan, cast, LETTER, body=" ").text)
    dan.put("/cases/1/draft", json={"body": "Half", "attachments": [kept]})
    assert kept_in(dan.get("/cases/1").text) == [kept]
    assert kept_in(browser(cast.ruth).get("/cases/1").text) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_cards_of_many_posts_ask_for_their_files_once(cast: Cast) -> None:
    with db.transaction():
        taken = [attachments.take(f"{n}.txt", b"Dear all") for n in range(3)]
        found = [
            posts.publish(
                cast.dan,
                cast.amara,
                Update("x", attachments=(attachments.keep(cast.dan, cast.amara, each).id,)),
            )
            for each in taken
        ]
        by_post = attachments.of(found)
    assert [[row.name for row in by_post[post.id]] for post in found] == [
        ["0.txt"],
        ["1.txt"],
        ["2.txt"],
    ]
