"""Photos and files that go with what people say to each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import db
from app.jobs import keeping
from app.models import Attachment, AuditEntry, Conversation, Message
from messaging import conversations, keeps, messages
from tests import files
from tests.cast import Cast

Browser = Callable[..., FlaskClient]
PHOTO = ("At home.jpg", files.photo_of_home())
LETTER = ("Letter.docx", files.docx())


def begun(cast: Cast, *, about: bool = True) -> Conversation:
    with db.transaction():
        case = cast.amara if about else None
        return conversations.start(cast.priya, [cast.dan], case=case)


def send(client: FlaskClient, talk: Conversation, *chosen: tuple[str, bytes], **form: Any) -> Any:
    sent = [(BytesIO(data), name) for name, data in chosen]
    fields = {"body": "See below.", **form, "files": sent}
    return client.post(f"/conversations/{talk.id}/messages", data=fields)


def rows() -> list[Attachment]:
    with db.transaction() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_a_photo_goes_with_a_message_and_to_nobody_else(browser: Browser, cast: Cast) -> None:
    for about in (True, False):
        talk = begun(cast, about=about)
        assert send(browser(cast.dan), talk, PHOTO, body="", key=f"k{about}").status_code == 303
        photo = rows()[-1]
        page = browser(cast.priya).get(f"/conversations/{talk.id}").text
        assert f'src="/attachments/{photo.id}/preview"' in page
        saved = browser(cast.priya).get(f"/attachments/{photo.id}")
        assert saved.mimetype == "image/jpeg"
        absent = browser(cast.ruth).get("/attachments/999")
        hidden = browser(cast.ruth).get(f"/attachments/{photo.id}")
        assert (hidden.status_code, hidden.data) == (404, absent.data)
    with db.transaction() as session:
        noted = session.scalars(
            select(AuditEntry.case_id).where(AuditEntry.did == "saved file").order_by(AuditEntry.id)
        )
        assert list(noted) == [cast.amara.id, None]


def test_a_withdrawn_message_takes_its_file_along(browser: Browser, cast: Cast) -> None:
    talk = begun(cast)
    send(browser(cast.dan), talk, LETTER)
    (letter,) = rows()
    with db.transaction() as session:
        messages.withdraw(cast.dan, session.get_one(Message, letter.message_id))
    for person in (cast.dan, cast.priya):
        assert browser(person).get(f"/attachments/{letter.id}").status_code == 404


def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(browser: Browser, cast: Cast) -> None:
    talk = begun(cast, about=False)
    wrong = send(browser(cast.dan), talk, LETTER, ("page.html", b"<script>alert(1)</script>"))
    assert wrong.status_code == 422
    assert "See below." in wrong.text
    (number,) = re.findall(r'name="attachments" value="(\d+)" checked', wrong.text)
    again = {"body": "See below.", "attachments": [number]}
    path = f"/conversations/{talk.id}/messages"
    assert browser(cast.priya).post(path, data=again).status_code == 422, "not hers to send"
    assert browser(cast.dan).post(path, data=again).status_code == 303
    assert "Letter.docx" in browser(cast.priya).get(f"/conversations/{talk.id}").text


def test_what_is_kept_as_an_update_keeps_its_files(browser: Browser, cast: Cast) -> None:
    talk = begun(cast)
    send(browser(cast.dan), talk, PHOTO, LETTER)
    with db.transaction() as session:
        said = session.scalars(select(Message).where(Message.author_id == cast.dan.id)).one()
        keeps.ask(cast.dan, talk, [said.id])
    assert keeping.run() == 1
    page = browser(cast.ruth).get(f"/cases/{cast.amara.id}").text
    assert "Letter.docx" in page
    with_post = [row for row in rows() if row.post_id]
    assert [browser(cast.ruth).get(f"/attachments/{row.id}").status_code for row in with_post] == [
        200,
        200,
    ]
    assert {row.file for row in with_post} == {row.file for row in rows() if row.message_id}


def test_a_program_sends_a_file_and_then_names_it(program: Callable[..., Any], cast: Cast) -> None:
    talk = begun(cast)
    dan, path = program(cast.dan), f"/api/v1/conversations/{talk.id}"
    sent = dan.post(f"{path}/attachments", data={"files": (BytesIO(LETTER[1]), LETTER[0])})
    assert sent.status_code == 201
    said = {"body": "See below.", "attachments": [sent.json["id"]]}
    assert dan.post(f"{path}/messages", json=said).status_code == 201
    (message,) = program(cast.priya).get(f"{path}/messages").json["messages"]
    assert [each["name"] for each in message["attachments"]] == ["Letter.docx"]
    absent = dan.post("/api/v1/conversations/999/attachments", data={"files": (BytesIO(b"x"), "x")})
    hidden = program(cast.ruth).post(
        f"{path}/attachments", data={"files": (BytesIO(b"x"), "x.txt")}
    )
    assert (hidden.status_code, hidden.data) == (absent.status_code, absent.data)
