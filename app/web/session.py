"""Who is asking, and the door every page goes through: one policy, one transaction, one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from app import audit
from app.casework import second_factors, sign_ins
from app.core import clock, db
from app.core.errors import Invalid, NotAllowed, NotFound
from app.models import CONTENT_ACCOUNTS, Person, SignIn
from app.web import forms, known_device
from config import demo
from config.settings import Settings
from search import asked

LARGEST = 2**63 - 1

View = Callable[..., Any]
Again = Callable[[dict[str, str]], str]

# What open pages ask for by themselves, while perhaps nobody sits before them.
ASKED_BY_SCRIPT = (
    "web.sync",
    "web.fragments",
    "web.hotspot_fragments",
    "web.needs_a_look",
    "web.case_needs_a_look",
    "web.message_fragments",
    "web.unread_messages",
    "web.attachment_preview",
)

# All that is answered while somebody who needs a second factor has none.
SETTING_UP = (
    "web.second_factor",
    "web.begin_second_factor",
    "web.confirm_second_factor",
    "web.sign_in_again",
    "web.sign_out",
)

# How long a proof of who sits there counts for what needs a fresh one.
FRESH = timedelta(minutes=10)
# After so many wrong ones the device is signed out, and the limits of signing in take over.
PROOFS = 5
PROOF = ("proof_password", "proof_code", "proof_recovery")

# What a view may declare; one that declares nothing answers nobody.
EVERYONE, SIGNED_IN, CONTENT = "everyone", "signed in", "content"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"


class Device(UserMixin):
    """One signed-in device, as Flask-Login keeps it: its id is the secret in the cookie."""

    def __init__(self, token: str, person: Person, sign_in: SignIn) -> None:
        self.token, self.person, self.sign_in = token, person, sign_in

    def get_id(self) -> str:
        return self.token


class NotFresh(Exception):
    """The person has to show again who they are before this is done."""

    def __init__(self, wrong: dict[str, str] | None = None, again: Again | None = None) -> None:
        super().__init__()
        self.wrong, self.again = wrong or {}, again


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
    return _door(_recorded(view), CONTENT)


def unrecorded(view: View) -> View:
    """As `content`, for what an open page sends by itself, often, and is shown nothing for."""
    return _door(view, CONTENT)


def administrator(view: View) -> View:
    return _door(view, ADMINISTRATOR)


def administrator_in_steps(view: View) -> View:
    """For long work: no transaction is open, and the view opens a short one for each step."""
    return _door(view, ADMINISTRATOR, in_steps=True)


def auditor(view: View) -> View:
    """For those who check who looked at what, and see none of it themselves."""
    return _door(view, AUDITOR)


def fresh(view: View) -> View:
    """Under a policy: the view is called once the person has lately shown who they are."""

    @wraps(view)
    def when_fresh(viewer: Person, **arguments: Any) -> Any:
        require_fresh()
        return view(viewer, **arguments)

    return when_fresh


def is_fresh() -> bool:
    """Whether the person has lately shown on this device who they are."""
    here = device()
    assert here is not None, "only for somebody who is signed in"
    return clock.now() - here.sign_in.proved_at < FRESH


def require_fresh(again: Again | None = None) -> None:
    """Go on only if the person has shown on this device, lately, who they are: step-up.

    Call it in a page's view after the access rule has been asked, so that what is not theirs is
    answered as ever, and before anything is written. A GET is sent to `/sign-in/again` and comes
    back. A POST is answered with a page that asks for the password (and a code) and carries all
    typed fields hidden; sent, it is the same POST to the same address with the proof beside it.
    A file that was chosen is not carried, and a view that goes in steps cannot ask. Programs have
    no such page: never call it for the API.

    A form with a password of its own asks on the form itself, for no password may go back to a
    page as a hidden field: `again` shows that form, with `proof.fields`.
    """
    if is_fresh():
        return
    if PROOF[0] not in request.form:
        raise NotFresh(again=again)
    prove(again)


def prove(again: Again | None = None) -> None:
    """Take the proof sent with this form; a wrong one counts, and undoes all else."""
    here = device()
    assert here is not None
    try:
        second_factors.prove(
            here.person, here.sign_in, *(request.form.get(name, "") for name in PROOF)
        )
    except Invalid as refusal:
        raise NotFresh(dict(refusal.fields), again) from None


def ask_again(kept: list[tuple[str, str]], errors: dict[str, str] | None = None) -> str:
    """The page that asks who sits there, with the fields that wait for the answer."""
    return render_template("sign_in_again.html", errors=errors or {}, kept=kept, **proof_asked())


def proof_asked() -> dict[str, Any]:
    """What `proof.fields` in a template has to know."""
    here = device()
    assert here is not None
    return {
        "asks_code": here.sign_in.by_code,
        "demo_password": demo.DEMO_PASSWORD if settings().demo else "",
    }


def sign_in(person: Person, *, by_code: bool = False) -> None:
    """Begin a session on this device, with nothing left of whoever used it before."""
    agent = request.headers.get("User-Agent", "")
    known, secret = sign_ins.know(person, known_device.sent(), agent)
    known_device.give(secret)
    sign_out()
    token = sign_ins.begin(
        person, agent, hours=settings().session_hours, by_code=by_code, known=known
    )
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
                if _lacks_second_factor():
                    return make_response(redirect(url_for("web.second_factor"), 303))
                _check(person, policy)
                _possible(arguments)
                if not in_steps:
                    return make_response(view(person, **arguments))
            return make_response(view(person, **arguments))
        except (NotFound, NotAllowed) as refusal:
            _note_refusal(refusal, view, arguments)
            raise
        except NotFresh as unproved:
            return _answer_unproved(unproved)

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


def _lacks_second_factor() -> bool:
    here = device()
    needs = settings().second_factor_required and request.endpoint not in SETTING_UP
    return needs and here is not None and not here.sign_in.by_code


def _answer_unproved(unproved: NotFresh) -> Response:
    """Ask for the proof, whatever else the request had begun to do being undone."""
    if request.method != "POST":
        here = request.full_path.rstrip("?")
        return make_response(redirect(url_for("web.sign_in_again", next=here)))
    own = (*PROOF, "csrf_token")
    kept = [each for each in request.form.items(multi=True) if each[0] not in own]
    again = unproved.again or partial(ask_again, kept)
    with db.transaction():
        if unproved.wrong and _is_one_too_many():
            sign_out()
            flash("That was wrong five times, so this device is signed out.", "note")
            return _to_sign_in()
        return make_response(again(unproved.wrong), 422 if unproved.wrong else 403)


def _is_one_too_many() -> bool:
    here = device()
    assert here is not None
    audit.note(here.person, "failed to prove", how="page", outcome="refused")
    return sign_ins.fail(here.sign_in.id) >= PROOFS


def _to_sign_in() -> Response:
    if forms.by_script():
        # A script cannot see where it is led, and would take it for what follows what is done.
        return make_response("", 401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("web.sign_in", next=wanted)))


def _recorded(view: View) -> View:
    """The view, whose answer is put on record even when it says nothing of what it showed."""

    @wraps(view)
    def answer(viewer: Person, **arguments: Any) -> Response:
        if search_id := forms.asked_number("search"):
            asked.opened_from(viewer, search_id)
        answered = make_response(view(viewer, **arguments))
        if not audit.is_noted():
            audit.note(
                viewer,
                view.__name__.replace("_", " "),
                how="page",
                case_id=arguments.get("case_id"),
                about=_named(arguments),
                outcome=_outcome(answered),
            )
        return answered

    return answer


def _outcome(answered: Response) -> str:
    if answered.status_code >= 400:
        return "refused"
    if g.get("is_repeated"):
        return "repeated"  # a form sent twice: nothing was done this time
    return "shown" if request.method == "GET" else "done"


def _note_refusal(refusal: NotFound | NotAllowed, view: View, arguments: dict[str, Any]) -> None:
    if isinstance(refusal, NotAllowed) and request.path == "/":
        return  # the first page sends everybody to their own
    about = refusal.about if isinstance(refusal, NotFound) else _named(arguments)
    # The read was undone, and with it anything it noted; that somebody tried must stay.
    with db.transaction():
        audit.note(
            g.get("viewer"),
            "refused",
            how="page",
            about=about or view.__name__.replace("_", " "),
            outcome="refused",
        )


def _named(arguments: dict[str, Any]) -> str | None:
    about = [f"{name.removesuffix('_id')}:{number}" for name, number in arguments.items()]
    return " ".join(about) or None
