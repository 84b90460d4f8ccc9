"""Accounts and agencies, for administrators: who may sign in and as what."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app import audit
from app.casework import people, second_factors, sign_ins
from app.core import passwords
from app.core.errors import Invalid
from app.models import AGENCY_TYPES, Agency, Person
from app.web import forms, pages
from app.web import session as door
from app.web.session import PROOF, administrator, fresh

AT_ONCE = 50
AGAIN = "Type your own password here, and the one for your colleague once more."

# What each account may do, in the words of the form.
ACCOUNT_WORDS = {
    "practitioner": "Practitioner: works in networks round children",
    "manager": "Manager: also sees the cases of the people they supervise",
    "administrator": "Administrator: looks after accounts, sees no case",
    "auditor": "Auditor: sees who looked at what, sees no case",
}

KINDS = [(code, f"{word} ({code})") for code, word in AGENCY_TYPES.items()]


@pages.get("/accounts")
@administrator
def accounts(viewer: Person) -> str:
    audit.note(viewer, "read accounts", how="page")
    words = request.args.get("words", "").strip()
    total = people.count(words, everybody=True)
    sheet = forms.sheet("web.accounts", total, AT_ONCE, words=words or None)
    found = people.directory(words, everybody=True, skip=sheet.skip, size=AT_ONCE)
    by_code = second_factors.among(person.id for person, _ in found)
    return render_template("accounts.html", words=words, found=found, sheet=sheet, by_code=by_code)


@pages.get("/accounts/new")
@administrator
def new_account(_viewer: Person) -> str:
    return _account_form(None, {})


@pages.post("/accounts/new")
@administrator
def add_account(viewer: Person) -> Any:
    def act() -> str:
        made = people.add(viewer, email=forms.text("email"), **_fields())
        audit.note(viewer, "added account", how="page", about=_of(made), outcome="done")
        return url_for("web.first_password", person_id=made.id)

    return forms.send(
        viewer,
        act,
        lambda errors: _account_form(None, errors),
        done="The account is there. Give it a first password.",
    )


@pages.get("/accounts/<int:person_id>")
@administrator
def account(viewer: Person, person_id: int) -> str:
    shown = people.find(person_id)
    audit.note(viewer, "read account", how="page", about=_of(shown))
    return _account_form(shown, {})


@pages.post("/accounts/<int:person_id>")
@administrator
@fresh
def change_account(viewer: Person, person_id: int) -> Any:
    changed = people.find(person_id)

    def act() -> str:
        people.change(viewer, changed, **_fields())
        home = forms.text("home_address"), forms.text("home_postcode")
        people.set_home(viewer, changed, *home)
        return _done(viewer, "changed account", changed)

    return forms.send(viewer, act, lambda errors: _account_form(changed, errors), done="Saved.")


@pages.get("/accounts/<int:person_id>/password")
@administrator
def first_password(_viewer: Person, person_id: int) -> str:
    return _password_form(people.find(person_id), {})


@pages.post("/accounts/<int:person_id>/password")
@administrator
def set_first_password(viewer: Person, person_id: int) -> Any:
    changed = people.find(person_id)
    door.require_fresh(
        lambda errors: _password_form(people.find(person_id), errors or {PROOF[0]: AGAIN})
    )

    def act() -> str:
        if changed.id == viewer.id:
            sentence = "Change your own password in your settings."
            raise Invalid(password=sentence)
        people.set_password(changed, forms.text("password"))
        return _done(viewer, "set password", changed)

    return forms.send(
        viewer,
        act,
        lambda errors: _password_form(changed, errors),
        done="The password is set. Tell it to the person by phone, and let them change it.",
    )


@pages.post("/accounts/<int:person_id>/second-factor/removal")
@administrator
@fresh
def reset_second_factor(viewer: Person, person_id: int) -> Any:
    """For a lost phone; the person signs in by password and sets up a new one."""
    changed = people.find(person_id)

    def act() -> str:
        people.reset_second_factor(viewer, changed)
        return _done(viewer, "reset second factor", changed)

    return forms.send(
        viewer,
        act,
        lambda errors: _account_form(changed, errors),
        done="The second factor is off, and the person is signed out everywhere.",
    )


@pages.post("/accounts/<int:person_id>/closure")
@administrator
def close_account(viewer: Person, person_id: int) -> Any:
    """Closes an account, or opens a closed one again, as the form it came from said."""
    changed = people.find(person_id)
    again = forms.flag("again")
    if again:
        door.require_fresh()

    def act() -> str:
        (people.reactivate if again else people.deactivate)(viewer, changed)
        return _done(viewer, "reopened account" if again else "closed account", changed)

    return forms.send(
        viewer,
        act,
        lambda errors: _account_form(changed, errors),
        done="The account is open again." if again else "The account is closed on every device.",
    )


@pages.get("/accounts/<int:person_id>/supervision")
@administrator
def supervision(_viewer: Person, person_id: int) -> str:
    return _supervision_form(people.find(person_id), {})


@pages.post("/accounts/<int:person_id>/supervision")
@administrator
@fresh
def supervise(viewer: Person, person_id: int) -> Any:
    manager = people.find(person_id)

    def act() -> str:
        people.supervise(viewer, manager, [people.find(each).id for each in _chosen()])
        return _done(viewer, "changed supervision", manager)

    return forms.send(viewer, act, lambda errors: _supervision_form(manager, errors), done="Saved.")


@pages.get("/agencies")
@administrator
def agencies(viewer: Person) -> str:
    audit.note(viewer, "read agencies", how="page")
    return _agencies_page({})


@pages.post("/agencies")
@administrator
def add_agency(viewer: Person) -> Any:
    def act() -> str:
        people.add_agency(
            viewer, forms.text("name"), forms.text("agency_type"), forms.text("phone")
        )
        audit.note(viewer, "added agency", how="page", outcome="done")
        return url_for("web.agencies")

    return forms.send(viewer, act, _agencies_page, done="The agency is there.")


@pages.get("/agencies/<int:agency_id>")
@administrator
def agency(viewer: Person, agency_id: int) -> str:
    shown = people.find_agency(agency_id)
    audit.note(viewer, "read agency", how="page", about=f"agency:{shown.id}")
    return _agency_form(shown, {})


@pages.post("/agencies/<int:agency_id>")
@administrator
def change_agency(viewer: Person, agency_id: int) -> Any:
    changed = people.find_agency(agency_id)

    def act() -> str:
        people.change_agency(
            viewer,
            changed,
            name=forms.text("name"),
            agency_type=forms.text("agency_type"),
            phone=forms.text("phone"),
        )
        about = f"agency:{changed.id}"
        audit.note(viewer, "changed agency", how="page", about=about, outcome="done")
        return url_for("web.agencies")

    return forms.send(viewer, act, lambda errors: _agency_form(changed, errors), done="Saved.")


def _fields() -> dict[str, Any]:
    return {
        "name": forms.text("name"),
        "role": forms.text("role"),
        "agency_id": forms.number_or_none("agency_id") or 0,
        "phone": forms.text("phone"),
        "account": forms.text("account"),
    }


def _account_form(shown: Person | None, errors: forms.Errors) -> str:
    kept = (
        {
            field: getattr(shown, field)
            for field in (
                "name",
                "role",
                "agency_id",
                "phone",
                "account",
                "home_address",
                "home_postcode",
            )
        }
        if shown
        else {"account": "practitioner"}
    )
    supervised = people.names(people.supervised(shown)) if shown else {}
    return render_template(
        "account.html",
        errors=errors,
        values=forms.values(**kept),
        key=forms.new_key(),
        account=shown,
        agencies=[(agency.id, agency.name) for agency in people.agencies()],
        accounts=list(ACCOUNT_WORDS.items()),
        devices=len(sign_ins.of(shown)) if shown else 0,
        factor=second_factors.since(shown) if shown else None,
        supervised=sorted(supervised.values()),
    )


def _password_form(changed: Person, errors: forms.Errors) -> str:
    """Asks on the form itself who sits there, for nothing typed in it may be shown again."""
    return render_template(
        "first_password.html",
        errors=errors,
        account=changed,
        least=passwords.LEAST,
        asks_proof=not door.is_fresh(),
        **door.proof_asked(),
    )


def _chosen() -> list[int]:
    """The colleagues ticked; what is no number at all is nobody."""
    sent = [forms.as_number(each) for each in request.form.getlist("people")]
    return [each for each in sent if each is not None]


def _supervision_form(manager: Person, errors: forms.Errors) -> str:
    chosen = _chosen() if request.method == "POST" else people.supervised(manager)
    return render_template(
        "supervision.html",
        errors=errors,
        key=forms.new_key(),
        manager=manager,
        chosen=chosen,
        people=[
            (each.id, f"{each.name}, {each.role}, {agency.name}")
            for each, agency in people.directory()
            if each.id != manager.id and each.account in ("practitioner", "manager")
        ],
    )


def _agencies_page(errors: forms.Errors) -> str:
    return render_template(
        "agencies.html",
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
        agencies=people.agencies(),
        kinds=KINDS,
    )


def _agency_form(shown: Agency, errors: forms.Errors) -> str:
    kept = {field: getattr(shown, field) for field in ("name", "agency_type", "phone")}
    return render_template(
        "agency.html",
        errors=errors,
        values=forms.values(**kept),
        key=forms.new_key(),
        agency=shown,
        kinds=KINDS,
    )


def _of(person: Person) -> str:
    return f"person:{person.id}"


def _done(viewer: Person, did: str, changed: Person) -> str:
    audit.note(viewer, did, how="page", about=_of(changed), outcome="done")
    return url_for("web.account", person_id=changed.id)
