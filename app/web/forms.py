"""What every form shares: fields read, sent once, shown again with what was typed.

A day is one `<input type="date">`, a moment one `<input type="datetime-local">` on the clock of
the United Kingdom: one field each, which browsers and screen readers already know how to fill in.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import current_app, flash, g, make_response, redirect, request, url_for

from app import receipts
from app.core import clock, db
from app.core.errors import Conflict, Invalid
from app.models import Person

Errors = dict[str, str]

# What makes two sends of one form the same: all of it but what the browser renews by itself, and
# the proof of who sends it, of which nothing may be kept.
_NOT_COMPARED = {"csrf_token", "key", "proof_password", "proof_code", "proof_recovery"}


def new_key() -> str:
    """The hidden `key` of a form: sent twice, it writes once."""
    return uuid.uuid4().hex


def values(**defaults: Any) -> dict[str, Any]:
    """What the fields show: what was typed when the form comes back, else what is kept."""
    return {**defaults, **request.form.to_dict()} if request.method == "POST" else defaults


def text(name: str) -> str:
    return request.form.get(name, "")


def flag(name: str) -> bool:
    return bool(request.form.get(name))


def yes_or_no(name: str) -> bool | None:
    return {"yes": True, "no": False}.get(request.form.get(name, ""))


def number(name: str, *, needed: str) -> int:
    written = number_or_none(name)
    if written is None:
        raise Invalid(**{name: needed})
    return written


def number_or_none(name: str) -> int | None:
    return as_number(request.form.get(name, "").strip())


def as_number(written: str) -> int | None:
    """A whole number no longer than any row's, or none."""
    is_one = written.isascii() and written.isdigit() and len(written) < 16
    return int(written) if is_one else None


def day(name: str, *, needed: str = "") -> date | None:
    """The day in a field, or none; with `needed`, that sentence is the answer to none."""
    written = request.form.get(name, "").strip()
    if not written and needed:
        raise Invalid(**{name: needed})
    try:
        return as_day(written)
    except Invalid as refusal:
        raise Invalid(**{name: needed or refusal.sentence}) from None


def as_day(written: str) -> date | None:
    """A day as a browser sends one, or none where nothing is written."""
    try:
        return date.fromisoformat(written.strip()) if written.strip() else None
    except ValueError:
        raise Invalid("Write a day, such as 2026-03-31.") from None


def time_of_day(name: str) -> time | None:
    """The time in a field, or none."""
    written = request.form.get(name, "").strip()
    if not written:
        return None
    try:
        return time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Invalid(**{name: "Write a time, such as 18:00."}) from None


def moment(name: str, *, needed: str = "") -> datetime | None:
    """The moment in a field, in UTC; with `needed`, that sentence is the answer to none."""
    written = request.form.get(name, "").strip()
    if not written and not needed:
        return None
    try:
        local = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid(**{name: needed or "Write a day and a time."}) from None
    return clock.instant(local.date(), local.time())


def send(
    actor: Person,
    act: Callable[[], str],
    again: Callable[[Errors], str],
    *,
    done: str = "",
) -> Any:
    """Do what the form asks, once, and go to the page `act` answers.

    What it cannot take undoes everything and shows the form `again`, with a sentence a field.
    """
    key = request.form.get("key", "")
    try:
        with db.attempt():
            kept = _claimed(actor, key) if key else None
            target = kept.body if kept else act()
            g.is_repeated = kept is not None
            if key and not kept:
                receipts.keep(actor, key, receipts.Answer(303, target))
    except (Invalid, Conflict) as refusal:
        return make_response(again(sentences(refusal)), refusal.status)
    if done:
        flash(done)
    return redirect(target, 303)


def sentences(refusal: Invalid | Conflict) -> Errors:
    """A sentence for each field, or one for the whole form under the empty name."""
    fields: Mapping[str, str] = getattr(refusal, "fields", {})
    return dict(fields) or {"": refusal.sentence}


def asked_number(name: str) -> int | None:
    """A whole number in the address; anything else counts as not asked."""
    return as_number(request.args.get(name, ""))


def asked_day(name: str) -> date | None:
    """A day in the address; anything else counts as not asked."""
    try:
        return date.fromisoformat(request.args.get(name, "").strip())
    except ValueError:
        return None


@dataclass(frozen=True)
class Sheet:
    """One page of a long list, and the links to the pages on either side of it."""

    first: int
    last: int
    total: int
    before: str
    after: str

    @property
    def skip(self) -> int:
        return max(self.first - 1, 0)


def sheet(endpoint: str, total: int, size: int, **asked: Any) -> Sheet:
    """The page the address asks for by `page`; past the end it is the last one."""
    pages = max(1, -(-total // size))
    at = min(max(asked_number("page") or 1, 1), pages)
    return Sheet(
        first=(at - 1) * size + 1 if total else 0,
        last=min(at * size, total),
        total=total,
        before=url_for(endpoint, page=at - 1, **asked) if at > 1 else "",
        after=url_for(endpoint, page=at + 1, **asked) if at < pages else "",
    )


def local_path(wanted: str | None) -> str | None:
    """Where to go next, when it is a page of this installation and of no other."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return None
    return wanted if wanted.isprintable() else None


def by_script() -> bool:
    """Whether a script of the page asks, which wants a short answer and no new page."""
    return "X-CSRFToken" in request.headers


def _files() -> list[tuple[str, str, str]]:
    """The files sent along: the field, the name and what is in it."""
    found = []
    for name, each in request.files.items(multi=True):
        if each.filename:
            # A stream in memory or on disk; its declared type knows neither.
            digest = hashlib.file_digest(each.stream, "sha256")  # type: ignore[arg-type]
            each.stream.seek(0)
            found.append((name, each.filename, digest.hexdigest()))
    return found


def _claimed(actor: Person, key: str) -> receipts.Answer | None:
    sent = sorted(
        (name, value) for name, value in request.form.items(multi=True) if name not in _NOT_COMPARED
    )
    # Under the installation's own key: what is kept of a password, or of a child somebody asks
    # about, must not let anybody who sees the database try words against it.
    secret = current_app.config["KITH"].secret_key.encode()
    words = repr((request.method, request.path, sent, _files())).encode()
    try:
        return receipts.claim(actor, key, hmac.digest(secret, words, "sha256"))
    except Invalid as refusal:
        raise Invalid(
            "You have sent this page before, with other words. Check it, then send it again."
        ) from refusal
