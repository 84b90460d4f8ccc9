"""Hands letters to a mail server: over TLS wherever it speaks it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from app.core import clock
from app.mail import Letter, Refused

# Seconds. A server that is silent for longer is away, and the letters wait.
PATIENCE = 10
# What a server says when it will never take this letter.
FOR_GOOD = range(500, 600)


@dataclass(frozen=True)
class Server:
    """One mail server; `url` is smtp://… or smtps://…, perhaps with a name and a password."""

    url: str = field(repr=False)
    sender: str

    @contextmanager
    def round(self) -> Iterator[Callable[[Letter], None]]:
        opened = self._open()
        try:
            yield lambda letter: self._hand_over(opened, letter)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                opened.quit()

    def _open(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        opened: smtplib.SMTP
        if parts.scheme == "smtps":
            opened = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
        else:
            opened = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
        try:
            _introduce(opened, parts, context)
        except BaseException:
            opened.close()
            raise
        return opened

    def _hand_over(self, opened: smtplib.SMTP, letter: Letter) -> None:
        try:
            opened.send_message(self._written(letter))
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            if all(code in FOR_GOOD for code in codes):
                raise Refused from None
            raise
        except smtplib.SMTPDataError as refused:
            if refused.smtp_code in FOR_GOOD:
                raise Refused from None
            raise
        except (smtplib.SMTPNotSupportedError, ValueError):
            raise Refused from None  # an address no server of this kind can take

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=LINES)
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        message["Message-ID"] = f"<{letter.token}@{domain}>"
        message["Date"] = format_datetime(clock.now())
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        # Nobody's absence is to be answered to a machine.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(letter.body)
        return message


def _introduce(opened: smtplib.SMTP, parts: SplitResult, context: ssl.SSLContext) -> None:
    opened.ehlo()
    # A password is never said in the open; a server that asks for none may be next door.
    in_the_open = parts.scheme != "smtps"
    if in_the_open and (opened.has_extn("starttls") or parts.username):
        opened.starttls(context=context)
    if parts.username:
        opened.login(unquote(parts.username), unquote(parts.password or ""))
