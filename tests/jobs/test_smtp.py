"""Letters through a real mail server: what arrives, what is refused, and when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import mail, relay
from app.core import clock, db
from app.jobs import mails, smtp
from app.mail import Letter, Office, Refused
from app.models import Mail
from feeds import posts
from feeds.posts import Update
from tests import post_office, servers
from tests.cast import Cast
from tests.realtime.house import eventually

LETTER = Letter("priya@kith.example", "Kith: an urgent update (K-1)", "Open Kith.\n", "a1b2")
SENDER = "Kith <kith@north.example>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("post") / "box"


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with servers.smtp(folder) as url:
        yield url


def test_a_letter_arrives_whole_and_says_that_a_machine_wrote_it(url: str, folder: Path) -> None:
    with smtp.Server(url, SENDER).round() as hand_over:
        hand_over(LETTER)
        hand_over(LETTER)
    one, again = post_office.letters(folder)
    assert (one["To"], one["From"], one["Subject"]) == (LETTER.to, SENDER, LETTER.subject)
    assert one["Message-ID"] == again["Message-ID"] == "<a1b2@north.example>"
    assert one["Auto-Submitted"] == "auto-generated"
    assert one.get_content().splitlines() == ["Open Kith."]


def test_an_address_the_server_does_not_know_is_given_up(url: str) -> None:
    with smtp.Server(url, SENDER).round() as hand_over:
        with pytest.raises(Refused):
            hand_over(Letter("gone@kith.example", "Kith", "Words", "c3"))
        with pytest.raises(Refused):
            hand_over(Letter("é@kith.example", "Kith", "Words", "c4"))
        hand_over(LETTER)  # and the way is still open


def test_a_password_is_never_said_in_the_open(url: str) -> None:
    secret = url.replace("://", "://kith:secret@")
    with pytest.raises(Exception, match="STARTTLS"), smtp.Server(secret, SENDER).round():
        pass


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_server_that_is_away_is_found_again(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, port = tmp_path / "box", servers.free_port()
    mail.use(Office(smtp.Server(f"smtp://127.0.0.1:{port}", SENDER), "https://kith.example"))
    with db.transaction():
        posts.publish(cast.dan, cast.amara, Update("Ring @Priya Shah"))
    while relay.deliver():
        pass
    stop = mails.begin(look_every=0.05)
    try:
        eventually(lambda: _tries() == 1, 5)
        with servers.smtp(box, port):
            with db.transaction() as session:
                session.execute(update(Mail).values(due_at=clock.now()))
            eventually(lambda: len(list(post_office.letters(box))) == 1, 10)
    finally:
        stop()
    (letter,) = post_office.letters(box)
    assert letter["To"] == "priya@kith.example"
    assert "Ring" not in letter.as_string()
    assert "Dan" not in letter.as_string()


def _tries() -> int:
    with db.transaction() as session:
        return sum(session.scalars(select(Mail.tries)))
