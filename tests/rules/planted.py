"""Mistakes one could make in `app/access.py`, each put in its place for the length of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import false, or_, select, true
from sqlalchemy.orm import aliased

from app import access
from app.models import Follow, Membership, Person, Supervision


@contextmanager
def _instead(name: str, rule: Callable[..., Any]) -> Iterator[None]:
    kept = getattr(access, name)
    setattr(access, name, rule)
    _build_anew()
    try:
        yield
    finally:
        setattr(access, name, kept)
        _build_anew()


def _build_anew() -> None:
    # What is built once was built from the rule that has just been changed.
    for each in vars(access).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def _bug(name: str, rule: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: _instead(name, rule)


_current, _member_rule, _supervises = access.current, access.is_member, access.supervises_member
_account, _open, _lead = access.has_content_account, access.open_to, access.is_lead


def _upwards(person: Any, case: Any) -> Any:
    return (
        select(Membership.id)
        .join(Supervision, Supervision.manager_id == Membership.person_id)
        .where(
            Supervision.person_id == access._id(person),
            Membership.case_id == access._id(case),
            _current(Membership),
        )
        .correlate_except(Membership, Supervision)
        .exists()
    )


def _past_line(person: Any, case: Any) -> Any:
    return (
        select(Membership.id)
        .join(Supervision, Supervision.person_id == Membership.person_id)
        .where(
            Supervision.manager_id == access._id(person),
            Membership.case_id == access._id(case),
        )
        .correlate_except(Membership, Supervision)
        .exists()
    )


def _any_active(person: Any) -> Any:
    p = aliased(Person)
    return (
        select(p.id)
        .where(p.id == access._id(person), p.account.in_(["practitioner", "manager"]))
        .correlate_except(p)
        .exists()
    )


def _any_account(person: Any) -> Any:
    p = aliased(Person)
    return select(p.id).where(p.id == access._id(person), p.active).correlate_except(p).exists()


def _early(person: Any, post: Any) -> Any:
    m = aliased(Membership)
    return (
        select(m.id)
        .where(
            m.case_id == access._of(post, "case_id"),
            m.person_id == access._id(person),
            m.history_from > access._of(post, "posted_at"),
            _current(m),
        )
        .correlate_except(m)
        .exists()
    )


def _not_early_only(person: Any, post: Any) -> Any:
    return or_(access._of(post, "author_id") == access._id(person), ~_early(person, post))


def _no_author(person: Any, post: Any) -> Any:
    return access._of(post, "withdrawn_at").is_(None) & ~_early(person, post)


BUGS: dict[str, Callable[[], Any]] = {
    "a leaver still sees": _bug("current", lambda m: m.from_at <= access.now()),
    "a leaver sees until the end of the minute he left": _bug(
        "current",
        lambda m: (m.from_at <= access.now()) & (m.until_at >= access.now()),
    ),
    "somebody sees before they have begun": _bug("current", lambda m: m.until_at > access.now()),
    "following grants access": _bug(
        "is_member",
        lambda p, c: or_(
            _member_rule(p, c),
            select(Follow.case_id)
            .where(Follow.person_id == access._id(p), Follow.case_id == access._id(c))
            .correlate_except(Follow)
            .exists(),
        ),
    ),
    "everybody is a member": _bug("is_member", lambda p, c: true()),
    "nobody is a member": _bug("is_member", lambda p, c: false()),
    "managers see nothing": _bug("supervises_member", lambda p, c: false()),
    "lines run upwards too": _bug(
        "supervises_member",
        lambda p, c: or_(_supervises(p, c), _upwards(p, c)),
    ),
    "an old line into a case still counts": _bug("supervises_member", _past_line),
    "a closed account still sees": _bug("has_content_account", _any_active),
    "administrators and auditors see": _bug("has_content_account", _any_account),
    "withdrawn posts stay": _bug("open_to", _not_early_only),
    "history_from is forgotten": _bug(
        "open_to", lambda p, post: access._of(post, "withdrawn_at").is_(None)
    ),
    "history_from hides one's own": _bug("open_to", _no_author),
    "every member leads": _bug("is_lead", _member_rule),
    "no lead leads": _bug("is_lead", lambda p, c: false()),
}
