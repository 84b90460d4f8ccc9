"""Who is asking, and the door every page goes through: one policy, one transaction, one answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from app import audit
from app.casework import sign_ins
from app.core import db
from app.core.errors import NotAllowed, NotFound
from app.models import CONTENT_ACCOUNTS, Person, SignIn
from config.settings import Settings

LARGEST = 2**63 - 1

View = Callable[..., Any]

# What open pages ask for by themselves, while perhaps nobody sits before them.
ASKED_BY_SCRIPT = ("web.sync", "web.fragments")

# What a view may declare; one that declares nothing answers nobody.
EVERYONE, SIGNED_IN, CONTENT = "everyone", "signed in", "content"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"


class Device(UserMixin):
    """One signed-in device, as Flask-Login keeps it: its id is the secret in the cookie."""

    def __init__(self, token: str, person: Person, sign_in: SignIn) -> None:
        self.token, self.person, self.sign_in = token, person, sign_in

    def get_id(self) -> str:
        return self.token


def register(app: Flask) -> None:
    # Its own helper for templates would ask who is there where no transaction is open.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # the row in the database is what ends a session
    manager.user_loader(_device)


def settings() -> Settings:
    kept: Settings = current_app.config["KITH"]
    return kept


def everyone(view: View) -> View:
    """Open to people who have not signed in: shows no content."""
    return _door(view, EVERYONE)


def signed_in(view: View) -> View:
    """For every account; shows colleagues, never a child."""
    return _door(view, SIGNED_IN)


def content(view: View) -> View:
    """For practitioners and managers: the view is called with the viewer first."""
    return _door(view, CONTENT)


def administrator(view: View) -> View:
    return _door(view, ADMINISTRATOR)


def administrator_in_steps(view: View) -> View:
    """For long work: no transaction is open, and the view opens a short one for each step."""
    return _door(view, ADMINISTRATOR, in_steps=True)


def auditor(view: View) -> View:
    """For those who check who looked at what, and see none of it themselves."""
    return _door(view, AUDITOR)


def sign_in(person: Person) -> None:
    """Begin a session on this device, with nothing left of whoever used it before."""
    cookie.clear()
    device = request.headers.get("User-Agent", "")
    token = sign_ins.begin(person, device, hours=settings().session_hours)
    db.session().flush()
    found = _device(token)
    assert found is not None
    login_user(found)


def sign_out() -> None:
    if current_user.is_authenticated:
        sign_ins.end(current_user.sign_in.id)
    logout_user()
    cookie.clear()


def device() -> Device | None:
    """The signed-in device of this request; ask inside a transaction."""
    found = current_user._get_current_object()  # noqa: SLF001 - Flask-Login's documented way
    return found if isinstance(found, Device) else None


def _device(token: str) -> Device | None:
    by_hand = request.endpoint not in ASKED_BY_SCRIPT
    found = sign_ins.find(token, idle_minutes=settings().idle_minutes, by_hand=by_hand)
    return Device(token, *found) if found else None


def _door(view: View, policy: str, *, in_steps: bool = False) -> View:
    @wraps(view)
    def answer(**arguments: Any) -> Response:
        try:
            with db.transaction(durable=request.method != "GET"):
                person = _person()
                g.viewer = person
                if policy == EVERYONE:
                    return make_response(view(**arguments))
                if person is None:
                    return _to_sign_in()
                _check(person, policy)
                _possible(arguments)
                if not in_steps:
                    return make_response(view(person, **arguments))
            return make_response(view(person, **arguments))
        except NotFound as refusal:
            _note_refusal(refusal)
            raise

    answer.policy = policy  # type: ignore[attr-defined]
    return answer


def _person() -> Person | None:
    found = device()
    return found.person if found else None


def _check(person: Person, policy: str) -> None:
    if policy == CONTENT and person.account not in CONTENT_ACCOUNTS:
        raise NotAllowed("Your account looks after Kith itself and sees no child’s case.")
    if policy == ADMINISTRATOR and person.account != "administrator":
        raise NotAllowed("Ask an administrator of your organisation to do this.")
    if policy == AUDITOR and person.account != "auditor":
        raise NotAllowed("Ask an auditor of your organisation to do this.")


def _possible(arguments: dict[str, Any]) -> None:
    # No row has such a number, and some databases fail at one rather than find nothing.
    for name, number in arguments.items():
        if isinstance(number, int) and number > LARGEST:
            raise NotFound(name)


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("web.sign_in", next=wanted)))


def _note_refusal(refusal: NotFound) -> None:
    # The read was undone, and with it anything it noted; that somebody tried must stay.
    with db.transaction():
        audit.note(g.get("viewer"), "refused", how="page", about=refusal.about, outcome="refused")
