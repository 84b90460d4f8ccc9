"""Files that come along with a form: looked at before its transaction, kept within it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, g, request
from werkzeug.datastructures import FileStorage

from app import attachments
from app.attachments import Taken
from app.core.accepted import clean_name
from app.core.errors import Invalid
from app.models import Attachment, Case, Person
from app.web.session import View, content, settings, unrecorded

FIELD = "files"


@dataclass
class Sent:
    """What became of the files of this request: those taken, and a sentence for each other."""

    taken: list[Taken] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    kept: list[Attachment] = field(default_factory=list)


def along(look: Callable[..., object]) -> Callable[[View], View]:
    """A policy as `content`, for a view that may be sent files about what `look` finds.

    Drawing photos anew and asking a scanner takes seconds, and SQLite has one writer: so it is
    done before the view's transaction begins, and for nobody who may not send anything there.
    """

    def door(view: View) -> View:
        @wraps(view)
        def looked_at(viewer: Person, **arguments: Any) -> Response:
            look(viewer, **arguments)
            return Response(status=204)

        opened, seen = content(view), unrecorded(looked_at)

        @wraps(opened)
        def answer(**arguments: Any) -> Any:
            if not _chosen():
                return opened(**arguments)
            turned_away: Response = seen(**arguments)
            if turned_away.status_code != 204:
                return turned_away
            g.sent = _take()
            try:
                return opened(**arguments)
            finally:
                _leave_unkept(g.sent)

        return answer

    return door


def wrong() -> dict[str, str]:
    """The sentence on the files that cannot be taken, under the name of their field."""
    sentences = _sent().wrong
    return {FIELD: " ".join(sentences)} if sentences else {}


def keep(author: Person, case: Case | None) -> list[int]:
    """Keep the files that came along, with their rows; answers their numbers."""
    sent = _sent()
    sent.kept = [attachments.keep(author, case, taken) for taken in sent.taken]
    return [row.id for row in sent.kept]


def _chosen() -> list[FileStorage]:
    return [each for each in request.files.getlist(FIELD) if each.filename]


def _sent() -> Sent:
    sent: Sent = g.get("sent") or Sent()
    return sent


def _take() -> Sent:
    sent = Sent()
    for each in _first(_chosen(), sent):
        try:
            sent.taken.append(attachments.take(each.filename or "", _read(each)))
        except Invalid as refusal:
            sent.wrong.append(refusal.sentence)
    return sent


def _first(chosen: list[FileStorage], sent: Sent) -> Iterable[FileStorage]:
    if len(chosen) > attachments.MOST:
        sent.wrong.append(attachments.TOO_MANY)
    return chosen[: attachments.MOST]


def _read(chosen: FileStorage) -> bytes:
    longest = settings().file_bytes
    data = chosen.stream.read(longest + 1)
    chosen.stream.seek(0)  # it is read once more, to tell whether the same form comes twice
    if len(data) > longest:
        name, most = clean_name(chosen.filename or ""), settings().file_megabytes
        raise Invalid(f"{name}: this file is larger than {most} MB. Send a smaller one.")
    return data


def _leave_unkept(sent: Sent) -> None:
    named = {row.file for row in sent.kept}
    for taken in sent.taken:
        if taken.file not in named:
            attachments.leave(taken)
