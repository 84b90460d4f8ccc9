"""What the private mail server does with a letter: keeps it, or refuses who is not known."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Mailbox


class Office(Mailbox):
    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def letters(folder: Path) -> Iterator[EmailMessage]:
    """What has been taken, oldest first."""
    for file in sorted((folder / "new").glob("*")) if folder.exists() else ():
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        yield message
