"""Mistakes one could make in `app/access.py`, each put in its place for the length of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from app import access
from app.models import (
    Audience,
    BreakGlass,
    Conflict,
    Exclusion,
    Follow,
    Membership,
    Participant,
    Person,
    Post,
    Restriction,
    Supervision,
)

Rule = Callable[..., ColumnElement[bool]]


@contextmanager
def _instead(name: str, rule: Rule) -> Iterator[None]:
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


def _bug(name: str, rule: Rule) -> Callable[[], Any]:
    return lambda: _instead(name, rule)


# The rules as they are, for mistakes that change one part of one.
_rule: dict[str, Rule] = {
    name: each for name, each in vars(access).items() if callable(each) and not name.startswith("_")
}
_now, _id, _of, _agency = access.now, access._id, access._of, access._agency
_cases_seen = access._seen


def _between(noun: type, *more: Callable[[Any], ColumnElement[bool]]) -> Rule:
    """A row of this kind of this person in this case, of which all this holds."""
    alias: Any = aliased(noun)

    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        return (
            exists(1)
            .where(
                alias.person_id == _id(person),
                alias.case_id == _id(case),
                *(each(alias) for each in more),
            )
            .correlate_except(alias)
        )

    return rule


def _opened(glass: Any) -> ColumnElement[bool]:
    return and_(glass.opened_at <= _now(), glass.until_at > _now())


def _line(*more: Callable[[Any], ColumnElement[bool]], upwards: bool = False) -> Rule:
    line, member = aliased(Supervision), aliased(Membership)
    above, below = (
        (line.person_id, line.manager_id) if upwards else (line.manager_id, line.person_id)
    )

    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        return (
            exists(1)
            .where(
                above == _id(person),
                member.person_id == below,
                member.case_id == _id(case),
                *(each(member) for each in more),
            )
            .correlate_except(line, member)
        )

    return rule


def _person(*more: Callable[[Any], ColumnElement[bool]]) -> Rule:
    account = aliased(Person)
    return lambda person: (
        exists(1)
        .where(account.id == _id(person), *(each(account) for each in more))
        .correlate_except(account)
    )


def _restriction(holds: Callable[[Any], ColumnElement[bool]]) -> Rule:
    row = aliased(Restriction)
    return lambda case: exists(1).where(row.case_id == _id(case), holds(row)).correlate_except(row)


def _sees(
    *, conflict: bool = True, glass: bool = True, restricted: bool = True, widely: bool = False
) -> Rule:
    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        line = access.supervises_member(person, case)
        ways = [access.is_member(person, case)]
        ways += [access.has_broken_glass(person, case)] if glass else []
        ways += [and_(~access.is_restricted(case), line) if restricted else line]
        open_ways = or_(*ways)
        if widely:
            open_ways = and_(open_ways, ~access.is_restricted(case))
        kept = [~access.is_conflicted(person, case)] if conflict else []
        return and_(access.has_content_account(person), *kept, open_ways)

    return rule


def _conflict_under(way: str) -> Rule:
    """A conflict that one of the ways in gets around."""

    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        return or_(
            _rule["sees_case"](person, case),
            and_(access.has_content_account(person), getattr(access, way)(person, case)),
        )

    return rule


def _shared(
    *,
    shut_out: bool = True,
    members_only: bool = True,
    author: bool = True,
    named: bool = True,
    early: bool = True,
    author_early: bool = True,
    named_early: bool = False,
    named_past_shut_out: bool = False,
) -> Rule:
    """`access.shared_with` with one of its parts left out or turned round."""

    def rule(person: Any, post: Any) -> ColumnElement[bool]:
        hers = _of(post, "author_id") == _id(person)
        meant = or_(hers if author else false(), access.is_named(person, post) if named else true())
        if members_only:
            meant = and_(access.is_member(person, _of(post, "case_id")), meant)
        parts = [or_(_of(post, "audience") == "network", meant)]
        if shut_out:
            out = ~access.is_shut_out(person, post)
            parts.append(or_(out, access.is_named(person, post)) if named_past_shut_out else out)
        if early:
            exempt = [hers] if author_early else []
            exempt += [access.is_named(person, post)] if named_early else []
            parts.append(or_(*exempt, ~access.is_too_early(person, post)))
        return and_(*parts)

    return rule


def _named(*, person: bool = True, agency: bool = True, anybody: bool = False) -> Rule:
    row = aliased(Audience)

    def rule(who: Any, post: Any) -> ColumnElement[bool]:
        ways = [row.person_id == _id(who)] if person else []
        ways += [row.agency_id == _agency(who)] if agency else []
        return (
            exists(1)
            .where(row.post_id == _of(post, "id"), true() if anybody else or_(*ways))
            .correlate_except(row)
        )

    return rule


def _shut_out_members_only(person: Any, post: Any) -> ColumnElement[bool]:
    return and_(_rule["is_shut_out"](person, post), access.is_member(person, _of(post, "case_id")))


def _shut_out_by_anybody(person: Any, post: Any) -> ColumnElement[bool]:
    row = aliased(Exclusion)
    return exists(1).where(row.post_id == _of(post, "id")).correlate_except(row)


def _early(holds: Callable[[Any, Any], ColumnElement[bool]], *, current: bool = True) -> Rule:
    member = aliased(Membership)

    def rule(person: Any, post: Any) -> ColumnElement[bool]:
        more = [_rule["current"](member)] if current else []
        return (
            exists(1)
            .where(
                member.case_id == _of(post, "case_id"),
                member.person_id == _id(person),
                holds(member.history_from, post),
                *more,
            )
            .correlate_except(member)
        )

    return rule


def _withheld(person: Any, post: Any, *, leave_out: str) -> ColumnElement[bool]:
    parts = {
        "withdrawn": _of(post, "withdrawn_at").is_(None),
        "audience": _of(post, "audience") == "named",
        "known": _of(post, "is_known"),
        "member": access.is_member(person, _of(post, "case_id")),
        "shut out": ~access.is_shut_out(person, post),
        "early": ~access.is_too_early(person, post),
        "author": _of(post, "author_id").is_distinct_from(_id(person)),
        "named": ~access.is_named(person, post),
    }
    return and_(*(part for name, part in parts.items() if name != leave_out))


def _without(part: str) -> Callable[[], Any]:
    return _bug("is_withheld", lambda person, post: _withheld(person, post, leave_out=part))


def _when_joined(person: Any, post: Any = Post, *, leave_out: str) -> ColumnElement[bool]:
    hers = post.author_id == _id(person)
    parts = {
        "named": post.id.in_(access.named_for(person)),
        "audience": post.audience == "named",
        "withdrawn": post.withdrawn_at.is_(None),
        "shut out": ~access.is_shut_out(person, post),
        "early": or_(hers, ~access.is_too_early(person, post)),
    }
    return and_(*(part for name, part in parts.items() if name != leave_out))


def _seen_as_members(person: Any) -> Any:
    seen = _cases_seen(person).subquery()
    return select(seen.c.case_id, true().label("is_member"))


def _searched_without(part: str) -> Callable[[], Any]:
    return _bug("is_open_when_joined", lambda person: _when_joined(person, leave_out=part))


def _lead(*, conflict: bool = True, restricted: bool = True, line: bool = True) -> Rule:
    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        over = access.supervises_member(person, case) if line else false()
        over = and_(~access.is_restricted(case), over) if restricted else over
        kept = [~access.is_conflicted(person, case)] if conflict else []
        return and_(
            access.has_content_account(person), *kept, or_(access.is_lead(person, case), over)
        )

    return rule


def _stands(*, begins: bool = True, ends: bool = True, late: bool = False) -> Rule:
    def rule(row: Any) -> ColumnElement[bool]:
        until = row.until_at >= _now() if late else row.until_at > _now()
        parts = [row.from_at <= _now()] if begins else []
        parts += [or_(row.until_at.is_(None), until)] if ends else []
        return and_(true(), *parts)

    return rule


def _works(*, conflict: bool = True, restricted: bool = True, line: bool = True) -> Rule:
    """`access.works_on` with one of its parts left out."""

    def rule(person: Any, case: Any) -> ColumnElement[bool]:
        over = access.supervises_member(person, case) if line else false()
        over = and_(~access.is_restricted(case), over) if restricted else over
        kept = [~access.is_conflicted(person, case)] if conflict else []
        return and_(
            access.has_content_account(person), *kept, or_(access.is_member(person, case), over)
        )

    return rule


def _sits(person: Any, talk: Any, *, stands: bool = True) -> ColumnElement[bool]:
    place = aliased(Participant)
    more = [access._stands(place)] if stands else []
    return (
        exists(1)
        .where(place.conversation_id == _id(talk), place.person_id == _id(person), *more)
        .correlate_except(place)
    )


def _inside(
    *, place: bool = True, stands: bool = True, account: bool = True, none: Any = None, about: Any
) -> Rule:
    """`access.is_in` with one of its parts left out; `none` is said of what is about no case."""

    def rule(person: Any, talk: Any) -> ColumnElement[bool]:
        case = _of(talk, "case_id")
        of_none = case.is_(None) if none is None else and_(case.is_(None), none)
        parts = [_sits(person, talk, stands=stands)] if place else []
        parts += [access.has_content_account(person)] if account else []
        return and_(true(), *parts, or_(of_none, about(person, case)))

    return rule


def _right(person: Any, case: Any) -> ColumnElement[bool]:
    return access.works_on(person, case)


def _by_kind(of_network: Rule, others: Rule) -> Rule:
    """A rule about conversations: one for the network's own, and one for all others."""

    def rule(person: Any, talk: Any) -> ColumnElement[bool]:
        if isinstance(talk, int | BindParameter):
            return access._of_talk(talk, rule(person, access._talk))
        is_its_own = _of(talk, "kind") == "case"
        case = _of(talk, "case_id")
        return or_(
            and_(is_its_own, of_network(person, case)), and_(~is_its_own, others(person, talk))
        )

    return rule


def _said(*, author: bool = True, added: Any = None, early: bool = True) -> Rule:
    """`access.said_to` with one of its parts left out or turned round."""
    place = aliased(Participant)

    def rule(person: Any, message: Any) -> ColumnElement[bool]:
        holds = added or (lambda after, position: after >= position)
        before = (
            exists(1)
            .where(
                place.conversation_id == _of(message, "conversation_id"),
                place.person_id == _id(person),
                holds(place.after, _of(message, "position")),
                access._stands(place),
            )
            .correlate_except(place)
        )
        kept = [~before] + ([~access.is_too_early(person, message)] if early else [])
        hers = _of(message, "author_id") == _id(person)
        return or_(hers if author else false(), and_(*kept))

    return rule


def _early_in_groups_alone(person: Any, message: Any) -> ColumnElement[bool]:
    seat = _sits(person, _InTalk(message))
    return and_(_rule["is_too_early"](person, message), seat)


def _early_of_network_alone(person: Any, message: Any) -> ColumnElement[bool]:
    seat = _sits(person, _InTalk(message))
    return and_(_rule["is_too_early"](person, message), ~seat)


class _InTalk:
    """The conversation of a message, as far as a rule asks for its number."""

    def __init__(self, message: Any) -> None:
        self.id = _of(message, "conversation_id")


def _case_of_talk(rule: Callable[[Any, Any], ColumnElement[bool]]) -> Rule:
    return lambda person, talk: rule(person, _of(talk, "case_id"))


BUGS: dict[str, Callable[[], Any]] = {
    # membership
    "a leaver still sees": _bug("current", lambda m: m.from_at <= _now()),
    "a leaver sees in the instant of leaving": _bug(
        "current", lambda m: and_(m.from_at <= _now(), m.until_at >= _now())
    ),
    "somebody sees before they have begun": _bug("current", lambda m: m.until_at > _now()),
    "nobody sees in the instant they begin": _bug(
        "current", lambda m: and_(m.from_at < _now(), m.until_at > _now())
    ),
    "following grants access": _bug(
        "is_member", lambda p, c: or_(_rule["is_member"](p, c), _between(Follow)(p, c))
    ),
    "everybody is a member": _bug("is_member", lambda p, c: true()),
    "nobody is a member": _bug("is_member", lambda p, c: false()),
    # lines
    "managers see nothing": _bug("supervises_member", lambda p, c: false()),
    "lines run upwards": _bug("supervises_member", _line(_rule["current"], upwards=True)),
    "an old line into a case still counts": _bug("supervises_member", _line()),
    # accounts
    "a closed account still sees": _bug(
        "has_content_account", _person(lambda a: a.account.in_(["practitioner", "manager"]))
    ),
    "administrators and auditors see": _bug("has_content_account", _person(lambda a: a.active)),
    "managers are no content accounts": _bug(
        "has_content_account", _person(lambda a: a.active, lambda a: a.account == "practitioner")
    ),
    # restriction
    "a restriction keeps no manager out": _bug("sees_case", _sees(restricted=False)),
    "a restriction keeps the members out too": _bug("sees_case", _sees(widely=True)),
    "a lifted restriction still holds": _bug(
        "is_restricted", _restriction(lambda r: r.from_at <= _now())
    ),
    "a restriction to come holds already": _bug(
        "is_restricted", _restriction(lambda r: or_(r.until_at.is_(None), r.until_at > _now()))
    ),
    "a restriction for good never holds": _bug(
        "is_restricted", _restriction(lambda r: and_(r.from_at <= _now(), r.until_at > _now()))
    ),
    # conflicts
    "a conflict is forgotten": _bug("sees_case", _sees(conflict=False)),
    "an emergency beats a conflict": _bug("sees_case", _conflict_under("has_broken_glass")),
    "membership beats a conflict": _bug("sees_case", _conflict_under("is_member")),
    "a conflict that is over still stands": _bug(
        "is_conflicted", _between(Conflict, lambda r: r.from_at <= _now())
    ),
    "a conflict to come stands already": _bug(
        "is_conflicted",
        _between(Conflict, lambda r: or_(r.until_at.is_(None), r.until_at > _now())),
    ),
    "a conflict ends an instant late": _bug("_stands", _stands(late=True)),
    "a lead with a conflict leads": _bug("may_lead", _lead(conflict=False)),
    # emergencies
    "nobody can break the glass": _bug("sees_case", _sees(glass=False)),
    "an emergency never ends": _bug(
        "has_broken_glass", _between(BreakGlass, lambda g: g.opened_at <= _now())
    ),
    "an emergency lasts an instant too long": _bug(
        "has_broken_glass",
        _between(
            BreakGlass,
            lambda g: and_(
                g.opened_at <= _now(),
                g.until_at >= _now(),
                or_(g.approved_at.is_not(None), ~access.is_restricted(g.case_id)),
            ),
        ),
    ),
    "one person opens a restricted case": _bug("has_broken_glass", _between(BreakGlass, _opened)),
    "every emergency takes two": _bug(
        "has_broken_glass",
        _between(BreakGlass, _opened, lambda g: g.approved_at.is_not(None)),
    ),
    "asking is enough to open": _bug("has_broken_glass", _between(BreakGlass)),
    "an emergency opens named posts": _bug("shared_with", _shared(members_only=False)),
    # audiences
    "a named audience is forgotten": _bug("shared_with", _shared(named=False)),
    "the author is not of their own audience": _bug("shared_with", _shared(author=False)),
    "naming a person does nothing": _bug("is_named", _named(person=False)),
    "naming an agency does nothing": _bug("is_named", _named(agency=False)),
    "naming somebody names everybody": _bug("is_named", _named(anybody=True)),
    "an excluded agency reads": _bug("shared_with", _shared(shut_out=False)),
    "who is named reads past an exclusion": _bug("shared_with", _shared(named_past_shut_out=True)),
    "an exclusion forgets who supervises": _bug("is_shut_out", _shut_out_members_only),
    "excluding one agency excludes all": _bug("is_shut_out", _shut_out_by_anybody),
    # withdrawal and history
    "withdrawn posts stay": _bug("open_to", access.shared_with),
    "history is forgotten": _bug("shared_with", _shared(early=False)),
    "history hides one's own": _bug("shared_with", _shared(author_early=False)),
    "being named beats the history": _bug("shared_with", _shared(named_early=True)),
    "history hides the first instant": _bug(
        "is_too_early", _early(lambda start, post: start >= _of(post, "posted_at"))
    ),
    "history hides what came after": _bug(
        "is_too_early", _early(lambda start, post: start < _of(post, "posted_at"))
    ),
    "the history of a membership that is over counts": _bug(
        "is_too_early", _early(lambda start, post: start > _of(post, "posted_at"), current=False)
    ),
    # leading
    "every member leads": _bug("is_lead", _rule["is_member"]),
    "no lead leads": _bug("is_lead", lambda p, c: false()),
    "who led leads": _bug("is_lead", _between(Membership, lambda m: m.is_lead)),
    "managers do not lead": _bug("may_lead", _lead(line=False)),
    "managers lead a restricted case": _bug("may_lead", _lead(restricted=False)),
    # what a member is told of
    "one is told of what was withdrawn": _without("withdrawn"),
    "one is told of what nobody shall know of": _without("known"),
    "who is no member is told that there is something": _without("member"),
    "an excluded agency is told that there is something": _without("shut out"),
    "one is told of what came before": _without("early"),
    "one is told of one's own": _without("author"),
    "one is told of what one reads": _without("named"),
    # what is for some alone, as a search looks for it
    "everybody finds what is for some alone": _searched_without("named"),
    "withdrawn posts are found": _searched_without("withdrawn"),
    "an excluded agency finds": _searched_without("shut out"),
    "what came before is found": _searched_without("early"),
    "who oversees finds what is for members": _bug("_seen", _seen_as_members),
}


# The same for what people say to each other.
TALK_BUGS: dict[str, Callable[[], Any]] = {
    # who is in a conversation
    "a conflict is forgotten in what is said about a case": _bug(
        "works_on", _works(conflict=False)
    ),
    "an emergency opens a group": _bug("works_on", _rule["sees_case"]),
    "a manager reads on about a restricted case": _bug("works_on", _works(restricted=False)),
    "a manager is in no conversation about a case": _bug("works_on", _works(line=False)),
    "who left a group reads on": _bug("is_in", _inside(stands=False, about=_right)),
    "everybody is in every conversation": _bug("is_in", _inside(place=False, about=_right)),
    "a closed account reads on": _bug("is_in", _inside(account=False, about=_right)),
    "a place outlasts the case": _bug("is_in", _inside(about=lambda *_: true())),
    "what is about no case is nobody's": _bug("is_in", _inside(none=false(), about=_right)),
    "only members are in a conversation": _bug("is_in", _inside(about=access.is_member)),
    "a place holds an instant too long": _bug("_stands", _stands(late=True)),
    "a place to come holds already": _bug("_stands", _stands(begins=False)),
    # the network's own conversation
    "the network's own takes a place": _bug(
        "reads_in", _by_kind(lambda *_: false(), _rule["is_in"])
    ),
    "an emergency does not open the network's own": _bug(
        "reads_in", _by_kind(_rule["works_on"], _rule["is_in"])
    ),
    "who sees the case reads its groups": _bug(
        "reads_in", _by_kind(_rule["sees_case"], _case_of_talk(_rule["sees_case"]))
    ),
    "who reads in an emergency belongs": _bug(
        "belongs_in", _by_kind(_rule["sees_case"], _rule["is_in"])
    ),
    "who supervises belongs": _bug("belongs_in", _by_kind(_rule["works_on"], _rule["is_in"])),
    "a conflicted member belongs": _bug("belongs_in", _by_kind(_rule["is_member"], _rule["is_in"])),
    "who reads in an emergency writes": _bug("writes_in", _rule["reads_in"]),
    "managers do not write": _bug("writes_in", _rule["belongs_in"]),
    # what was said to whom
    "one's own are forgotten on being added": _bug("said_to", _said(author=False)),
    "who was added reads from the start": _bug("said_to", _said(added=lambda *_: false())),
    "who was added reads the one before": _bug(
        "said_to", _said(added=lambda after, position: after > position)
    ),
    "who was added misses the first": _bug(
        "said_to", _said(added=lambda after, position: after + 1 >= position)
    ),
    "the history of the case is forgotten": _bug("said_to", _said(early=False)),
    "the history is forgotten in the network's own": _bug("is_too_early", _early_in_groups_alone),
    "the history is forgotten in groups": _bug("is_too_early", _early_of_network_alone),
    "history hides the first instant of talk": _bug(
        "is_too_early", _early(lambda start, said: start >= _of(said, "said_at"))
    ),
    "withdrawn messages stay": _bug("heard_by", _rule["said_to"]),
    "a message is heard without its conversation": _bug("reads_message", access.heard_by),
}
