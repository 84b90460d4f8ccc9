"""The door every call goes through: one token, one transaction, one answer, one audit row."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, request

from app import access, attachments, audit, receipts
from app.api.answers import sent
from app.api.errors import NoToken
from app.attachments import Taken
from app.casework import people, tokens
from app.core import db
from app.core.errors import Invalid, NotAllowed, NotFound, TooFast
from app.models import CONTENT_ACCOUNTS, Person
from app.receipts import Answer
from search import asked

LARGEST = 2**63 - 1

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "The same key and body: the first answer. Another body: 422.",
}

View = Callable[..., Response]
Shown = TypeVar("Shown", bound=Callable[..., Any])

# What a view may declare; the words are the same as for the pages.
EVERYONE, SIGNED_IN, CONTENT = "everyone", "signed in", "content"
ADMINISTRATOR = "administrator"


def reads(view: View) -> View:
    """For practitioners and managers: the view is called with the viewer first."""
    return _door(view, CONTENT, _answer)


def reads_people(view: View) -> View:
    """For every account; shows colleagues, never a child."""
    return _door(view, SIGNED_IN, _answer)


def writes(view: View) -> View:
    """For practitioners and managers with a token to write; done once for each key."""
    return _door(view, CONTENT, _answer_once)


def takes_a_file(view: View) -> View:
    """Above `writes`, where a file is sent along: it is looked at before the transaction.

    Drawing a photo anew and asking a scanner takes seconds, in which SQLite has no other writer;
    and nobody has it done for what is not theirs. The view asks for what was `taken`.
    """
    seen = _door(_may_write_there, SIGNED_IN, _answer)

    @wraps(view)
    def answer(**arguments: Any) -> Response:
        seen(**arguments)
        g.taken = _take()
        try:
            return view(**arguments)
        finally:
            if isinstance(g.taken, Taken):
                attachments.leave(g.taken)

    return answer


def taken() -> Taken:
    """The file that was sent, to be kept now; or why it cannot be."""
    sent: Taken | Invalid | None = g.taken
    if isinstance(sent, Invalid):
        raise sent
    if sent is None:
        raise Invalid(files="Send a file, as multipart/form-data.")
    g.taken = None
    return sent


def writes_own(view: View) -> View:
    """For every account with a token to write."""
    return _door(view, SIGNED_IN, _answer_once)


def reads_accounts(view: View) -> View:
    """For administrators; shows who may sign in and as what, never a child."""
    return _door(view, ADMINISTRATOR, _answer)


def writes_accounts(view: View) -> View:
    """For administrators with a token to write; done once for each key."""
    return _door(view, ADMINISTRATOR, _answer_once)


def everyone(view: Shown) -> Shown:
    """Needs no token: shows no content."""
    view.policy = EVERYONE  # type: ignore[attr-defined]
    return view


def secret_sent() -> str | None:
    """What the program sent as its token, however it is spelt; nobody has looked at it yet."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else None


def _door(view: View, policy: str, answer: Callable[..., Response]) -> View:
    scope = "write" if answer is _answer_once else "read"

    @wraps(view)
    def opened(**arguments: Any) -> Response:
        caller: list[Person] = []
        try:
            with db.transaction(durable=scope == "write"):
                person = _caller()
                caller.append(person)
                _admit(person, policy, scope)
                _possible(arguments)
                if search_id := request.args.get("search", type=int):
                    asked.opened_from(person, search_id)
                answered = answer(view, person, arguments)
                if policy == CONTENT and not audit.is_noted():
                    _note(person, view, arguments, "shown" if scope == "read" else "done")
                return answered
        except (NotFound, NotAllowed, TooFast) as refusal:
            about = refusal.about if isinstance(refusal, NotFound) else _named(arguments)
            about = about or view.__name__.replace("_", " ")
            # The read was undone, and with it what it noted; that somebody tried must stay.
            with db.transaction():
                audit.note(caller[0], "refused", how="api", about=about, outcome="refused")
            raise

    opened.policy = policy  # type: ignore[attr-defined]
    opened._apidoc = _described(view, scope, policy)  # type: ignore[attr-defined]  # noqa: SLF001
    opened.scope = scope  # type: ignore[attr-defined]
    return opened


def _admit(person: Person, policy: str, scope: str) -> None:
    if scope == "write" and g.scope != "write":
        raise NotAllowed("This token may only read. Issue one that may write.")
    if policy == CONTENT and person.account not in CONTENT_ACCOUNTS:
        raise NotAllowed("Your account looks after Kith itself and sees no child’s case.")
    if policy == ADMINISTRATOR:
        people.must_administer(person)


def _described(view: View, scope: str, policy: str) -> dict[str, Any]:
    """What flask-smorest knows of the view, and what the door adds."""
    said = deepcopy(getattr(view, "_apidoc", {}))
    refusals: dict[int, str] = {401: "UNAUTHORIZED", 403: "FORBIDDEN"}
    if policy in (CONTENT, ADMINISTRATOR):
        refusals[404] = "NOT_FOUND"
    if scope == "write":
        said["manual_doc"] = {"parameters": [KEY]}
        refusals[409] = "CONFLICT"
    said.setdefault("manual_doc", {})["responses"] = refusals
    return said


def _answer(view: View, viewer: Person, arguments: dict[str, Any]) -> Response:
    return view(viewer, **arguments)


def _answer_once(view: View, actor: Person, arguments: dict[str, Any]) -> Response:
    """The first answer again when the same write comes with the same key.

    A refusal undoes the claim with everything else, so the key can be used for a better try.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _written(view, actor, arguments)
    kept = receipts.claim(actor, key, _fingerprint())
    if kept is not None:
        # Nothing is done, and perhaps nothing would be: the actor may have lost the case since.
        _note(actor, view, arguments, "repeated")
        return sent(kept.status, kept.body)
    answer = _written(view, actor, arguments)
    receipts.keep(actor, key, Answer(answer.status_code, answer.get_data(as_text=True)))
    return answer


def _may_write_there(
    viewer: Person, case_id: int | None = None, conversation_id: int | None = None
) -> Response:
    _admit(viewer, CONTENT, "write")
    if conversation_id is not None:
        access.conversation(viewer, conversation_id)
    else:
        access.case(viewer, case_id or 0)
    return Response()


def _take() -> Taken | Invalid | None:
    sent, settings = request.files.get("files"), current_app.config["KITH"]
    if sent is None:
        return None
    data = sent.stream.read(settings.file_bytes + 1)
    sent.stream.seek(0)  # it is read once more, to tell whether the same is sent twice
    if len(data) > settings.file_bytes:
        return Invalid(files=f"A file has at most {settings.file_megabytes} MB.")
    try:
        return attachments.take(sent.filename or "", data)
    except Invalid as refusal:
        return Invalid(files=refusal.sentence)


def _written(view: View, actor: Person, arguments: dict[str, Any]) -> Response:
    answer = view(actor, **arguments)
    _note(actor, view, arguments, "done")
    return answer


def _note(person: Person, view: View, arguments: dict[str, Any], outcome: str) -> None:
    audit.note(
        person,
        view.__name__.replace("_", " "),
        how="api",
        case_id=arguments.get("case_id"),
        about=_named(arguments) or g.pop("made", None),
        outcome=outcome,
    )


def _named(arguments: dict[str, Any]) -> str | None:
    about = [f"{name.removesuffix('_id')}:{number}" for name, number in arguments.items()]
    return " ".join(about) or None


def _possible(arguments: dict[str, int]) -> None:
    # No row has such a number, and some databases fail at one rather than find nothing.
    for name, number in arguments.items():
        if number > LARGEST:
            raise NotFound(name)


def _fingerprint() -> bytes:
    sent = f"{request.method} {request.full_path}\n".encode() + _body()
    # Under the installation's own key: a body may be a password, and what is kept of it must
    # not let anybody who sees the database try words against it.
    return hmac.digest(current_app.config["KITH"].secret_key.encode(), sent, "sha256")


def _body() -> bytes:
    if request.mimetype != "multipart/form-data":
        return request.get_data()
    # What stands between the parts is drawn by lot each time, so only the parts are compared.
    parts = [
        (name, each.filename or "", _digest(each.stream))
        for name, each in request.files.items(multi=True)
    ]
    return repr((sorted(request.form.items(multi=True)), sorted(parts))).encode()


def _digest(stream: Any) -> str:
    digest = hashlib.file_digest(stream, "sha256")
    stream.seek(0)
    return digest.hexdigest()


def _caller() -> Person:
    secret = secret_sent()
    found = tokens.find(secret) if secret is not None else None
    if found is None:
        raise NoToken
    person, g.scope = found
    return person
