"""Who may see and do what: each rule once, as SQL, asked three ways.

A person and a thing may each be a number, a row, a bind parameter or the whole table. So one
rule answers "may she?" (`may(reads_post(7, 12))`), "what may she?" (`select(Post).where(
reads_post(7, Post))`) and "who may?" (`select(Person).where(reads_post(Person, 12))`).

The rules:

    sees_case(person)   = active, with an account for content, and not conflicted, and
                          (member now, or has broken the glass,
                           or (not restricted, and supervises somebody who is a member now))
    reads_post(person)  = sees_case, and open_to
    open_to(person)     = not withdrawn, and shared_with
    reads_attachment    = reads_post of its post, or reads_message of its message; before it has
                          either, its sender, as long as she sees_case
    shared_with(person) = my agency not excluded
                          and (for the whole network,
                               or (member now, and (author, or named, or my agency named)))
                          and (not member, or author, or posted since my history_from)
    reads_notice(person) = it is mine, and I read its post, message or alert, or any of its finds,
                           see its case, or may lead it when it tells who asks about the child, or
                           is_out_of its conversation
    evaluates(person)   = active, and a manager or an auditor
    reads_reading(person) = sees_case, and not withdrawn, and
                            (told with a post, and open_to of it, or
                             told with none, and (recorded it, or recorded since my history_from))
    reads_alert(person)  = sees_case, and (not a member, or it began since my history_from),
                           and (about no post, or open_to of its post)

What is said about a child belongs to that child's case:

    works_on(person)    = sees_case on a ground that lasts: an emergency is none
    is_in(person)       = participant now, active, with an account for content, and
                          (about no case, or works_on it)
    reads_in(person)    = of the network's own conversation: sees_case
                          of any other: is_in
    said_to(person)     = author, or (not said before my history_from of the case,
                                      nor before what I was given on being added)
    reads_message       = reads_in, not withdrawn, and said_to
    writes_in(person)   = of the network's own conversation: member now, or may_lead
                          of any other: is_in
    is_out_of(person)   = not is_in, active, with an account for content, and
                          (about no case, or works_on it)
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy import case as when
from sqlalchemy.orm import aliased

from app.core import clock, db
from app.core.db import AnySelect, Instant
from app.core.errors import NotAllowed, NotFound
from app.models import (
    CONTENT_ACCOUNTS,
    Alert,
    Attachment,
    Audience,
    BreakGlass,
    Case,
    Comment,
    Conflict,
    Conversation,
    Exclusion,
    Find,
    Membership,
    Message,
    Notice,
    Participant,
    Person,
    Post,
    Reading,
    Restriction,
    Supervision,
)

# A row, a number, a bind parameter, or the table itself.
Thing = Any

# Each rule looks through rows of its own, apart from those of the question it stands in. Making
# such an alias costs more than asking most questions, so each is made once.
_member, _line, _account, _post = (
    aliased(Membership),
    aliased(Supervision),
    aliased(Person),
    aliased(Post),
)
_restriction, _conflict, _glass = aliased(Restriction), aliased(Conflict), aliased(BreakGlass)
_audience, _exclusion, _said = aliased(Audience), aliased(Exclusion), aliased(Comment)
_talk, _place, _message = aliased(Conversation), aliased(Participant), aliased(Message)
_find, _pointed_out = aliased(Find), aliased(Alert)
# Whom and what a prepared question is about.
_viewer, _number = bindparam("viewer", type_=db.BigKey), bindparam("number", type_=db.BigKey)

# Said as they stand in an index of such rows alone: of a parameter SQLite sees only when it is
# there that the index is for it, and plans the statement anew each time.
NAMED = literal_column("'named'", String)
OF_CASE = literal_column("'case'", String)

_PROOF = object()


@dataclass(frozen=True)
class Scope:
    """Where somebody may search at this moment; only `searchable` makes one.

    `case_ids` and `conversation_ids` are what an index may be asked about for her. What is about
    a restricted case stands in no index, and so is not among them. `joined_case_ids` are the cases
    of either kind that she sees as a member.
    """

    viewer_id: int
    case_ids: frozenset[int]
    conversation_ids: frozenset[int]
    restricted_case_ids: frozenset[int]
    joined_case_ids: frozenset[int]
    proof: InitVar[object] = None

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("only access.searchable says where somebody may search")


def now() -> ColumnElement[Any]:
    """The instant at which a statement runs, so that a prepared rule is never a stale one."""
    return bindparam("now", callable_=clock.now, type_=Instant)


def current(membership: Any) -> ColumnElement[bool]:
    """A membership that has begun and has not ended."""
    return and_(membership.from_at <= now(), membership.until_at > now())


def is_member(person: Thing, case: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(_member.case_id == _id(case), _member.person_id == _id(person), current(_member))
        .correlate_except(_member)
    )


def is_lead(person: Thing, case: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(
            _member.case_id == _id(case),
            _member.person_id == _id(person),
            _member.is_lead,
            current(_member),
        )
        .correlate_except(_member)
    )


def supervises_member(person: Thing, case: Thing) -> ColumnElement[bool]:
    # The line first: a database that knows nothing of its tables might walk a whole network.
    hers = select(_line.person_id).where(_line.manager_id == _id(person)).correlate_except(_line)
    return (
        exists(1)
        .where(_member.case_id == _id(case), _member.person_id.in_(hers), current(_member))
        .correlate_except(_member)
    )


def has_content_account(person: Thing) -> ColumnElement[bool]:
    return (
        exists(1)
        .where(
            _account.id == _id(person),
            _account.active,
            or_(*(_account.account == each for each in CONTENT_ACCOUNTS)),
        )
        .correlate_except(_account)
    )


def leads_now(membership: Any) -> ColumnElement[bool]:
    """A membership that leads, of somebody whom no conflict keeps from the case."""
    return and_(
        membership.is_lead,
        current(membership),
        ~is_conflicted(membership.person_id, membership.case_id),
    )


def is_restricted(case: Thing) -> ColumnElement[bool]:
    """Whether the case is for its members alone at present."""
    return (
        exists(1)
        .where(_restriction.case_id == _id(case), _stands(_restriction))
        .correlate_except(_restriction)
    )


def is_conflicted(person: Thing, case: Thing) -> ColumnElement[bool]:
    """Whether the person must know nothing of the case, whatever else would open it."""
    return (
        exists(1)
        .where(
            _conflict.case_id == _id(case),
            _conflict.person_id == _id(person),
            _stands(_conflict),
        )
        .correlate_except(_conflict)
    )


def has_broken_glass(person: Thing, case: Thing) -> ColumnElement[bool]:
    """Whether an emergency opens the case to the person now; a restricted one takes two."""
    return (
        exists(1)
        .where(_glass.case_id == _id(case), _glass.person_id == _id(person), _is_open(_glass))
        .correlate_except(_glass)
    )


def sees_case(person: Thing, case: Thing) -> ColumnElement[bool]:
    return and_(
        has_content_account(person),
        ~is_conflicted(person, case),
        or_(
            is_member(person, case),
            has_broken_glass(person, case),
            and_(~is_restricted(case), supervises_member(person, case)),
        ),
    )


def works_on(person: Thing, case: Thing) -> ColumnElement[bool]:
    """Whether the person sees the case on a ground that lasts, and not in an emergency alone."""
    return and_(
        has_content_account(person),
        ~is_conflicted(person, case),
        or_(
            is_member(person, case),
            and_(~is_restricted(case), supervises_member(person, case)),
        ),
    )


def is_in(person: Thing, conversation: Thing) -> ColumnElement[bool]:
    """Whether a direct or a group conversation is the person's to read and to write in."""
    about = _of(conversation, "case_id")
    return and_(
        exists(1)
        .where(
            _place.conversation_id == _id(conversation),
            _place.person_id == _id(person),
            _stands(_place),
        )
        .correlate_except(_place),
        has_content_account(person),
        or_(about.is_(None), works_on(person, about)),
    )


def is_out_of(person: Thing, conversation: Thing) -> ColumnElement[bool]:
    """Whether somebody who was taken out of a conversation is told so, and is still out of it.

    Who does not work on its case any more is told nothing round it.
    """
    if isinstance(conversation, int | BindParameter):
        return _of_talk(conversation, is_out_of(person, _talk))
    about = _of(conversation, "case_id")
    return and_(
        has_content_account(person),
        or_(about.is_(None), works_on(person, about)),
        ~is_in(person, conversation),
    )


def reads_in(person: Thing, conversation: Thing) -> ColumnElement[bool]:
    """Whether the person reads a conversation: at least what was said to them in it."""
    if isinstance(conversation, int | BindParameter):
        return _of_talk(conversation, reads_in(person, _talk))
    of_network = _of(conversation, "kind") == "case"
    return or_(
        and_(of_network, sees_case(person, _of(conversation, "case_id"))),
        and_(~of_network, is_in(person, conversation)),
    )


def writes_in(person: Thing, conversation: Thing) -> ColumnElement[bool]:
    """Whether the person may say something there, and not only read."""
    if isinstance(conversation, int | BindParameter):
        return _of_talk(conversation, writes_in(person, _talk))
    of_network = _of(conversation, "kind") == "case"
    return or_(
        belongs_in(person, conversation),
        and_(of_network, may_lead(person, _of(conversation, "case_id"))),
    )


def belongs_in(person: Thing, conversation: Thing) -> ColumnElement[bool]:
    """Whether the person is one of those it is between: counted, told, and listed under it."""
    if isinstance(conversation, int | BindParameter):
        return _of_talk(conversation, belongs_in(person, _talk))
    of_network, about = _of(conversation, "kind") == "case", _of(conversation, "case_id")
    in_network = and_(sees_case(person, about), is_member(person, about))
    return or_(
        and_(of_network, in_network),
        and_(~of_network, is_in(person, conversation)),
    )


def said_to(person: Thing, message: Thing) -> ColumnElement[bool]:
    """Whether a message, withdrawn or not, was said to somebody who reads its conversation."""
    before_added = (
        exists(1)
        .where(
            _place.conversation_id == _of(message, "conversation_id"),
            _place.person_id == _id(person),
            _place.after >= _of(message, "position"),
            _stands(_place),
        )
        .correlate_except(_place)
    )
    return or_(
        _of(message, "author_id") == _id(person),
        and_(~before_added, ~is_too_early(person, message)),
    )


def heard_by(person: Thing, message: Thing) -> ColumnElement[bool]:
    """Whether a message is open to somebody who reads its conversation."""
    return and_(_of(message, "withdrawn_at").is_(None), said_to(person, message))


def reads_message(person: Thing, message: Thing) -> ColumnElement[bool]:
    if isinstance(message, int | BindParameter):
        return (
            exists(1)
            .where(_message.id == message, reads_message(person, _message))
            .correlate_except(_message)
        )
    conversation = _of(message, "conversation_id")
    return and_(_of_talk(conversation, reads_in(person, _talk)), heard_by(person, message))


def is_named(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether the post's audience names the person, or the agency they work for."""
    return (
        exists(1)
        .where(
            _audience.post_id == _of(post, "id"),
            or_(_audience.person_id == _id(person), _audience.agency_id == _agency(person)),
        )
        .correlate_except(_audience)
    )


def is_shut_out(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether the person's agency must not learn of the post."""
    return (
        exists(1)
        .where(_exclusion.post_id == _of(post, "id"), _exclusion.agency_id == _agency(person))
        .correlate_except(_exclusion)
    )


def is_too_early(person: Thing, said: Thing) -> ColumnElement[bool]:
    """Whether a post or message is older than what the person was given of the case on joining."""
    return (
        exists(1)
        .where(
            _member.case_id == _of(said, "case_id"),
            _member.person_id == _id(person),
            _member.history_from > _of(said, "said_at" if _is_message(said) else "posted_at"),
            current(_member),
        )
        .correlate_except(_member)
    )


def shared_with(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether a post, withdrawn or not, is for somebody who sees its case."""
    is_hers = _of(post, "author_id") == _id(person)
    return and_(
        ~is_shut_out(person, post),
        or_(
            _of(post, "audience") == "network",
            and_(
                is_member(person, _of(post, "case_id")),
                or_(is_hers, is_named(person, post)),
            ),
        ),
        or_(is_hers, ~is_too_early(person, post)),
    )


def open_to(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether a post is open to somebody who sees its case.

    Apart from `sees_case` so that a list asks the case's rule once a case, not once a post.
    """
    return and_(_of(post, "withdrawn_at").is_(None), shared_with(person, post))


def reads_post(person: Thing, post: Thing) -> ColumnElement[bool]:
    if isinstance(post, int | BindParameter):
        return exists(1).where(_post.id == post, reads_post(person, _post)).correlate_except(_post)
    return and_(sees_case(person, _of(post, "case_id")), open_to(person, post))


def reads_attachment(person: Thing, attachment: Any) -> ColumnElement[bool]:
    """A file is as open as what it goes with; before that only who sent it has it."""
    of_post = exists(1).where(_post.id == attachment.post_id, reads_post(person, _post))
    of_message = exists(1).where(
        _message.id == attachment.message_id, reads_message(person, _message)
    )
    about_none = and_(attachment.case_id.is_(None), has_content_account(person))
    return or_(
        of_post.correlate_except(_post),
        of_message.correlate_except(_message),
        and_(
            attachment.post_id.is_(None),
            attachment.message_id.is_(None),
            attachment.author_id == _id(person),
            or_(about_none, sees_case(person, attachment.case_id)),
        ),
    )


def reads_as_member(membership: Any, post: Any) -> ColumnElement[bool]:
    """`reads_post` for a row of the post's own network that a question has at hand already."""
    person = membership.person_id
    return and_(
        post.withdrawn_at.is_(None),
        current(membership),
        has_content_account(person),
        ~is_conflicted(person, membership.case_id),
        ~is_shut_out(person, post),
        or_(post.audience == "network", post.author_id == person, is_named(person, post)),
        or_(
            post.author_id == person,
            membership.history_from.is_(None),
            membership.history_from <= post.posted_at,
        ),
    )


def is_withheld(person: Thing, post: Thing) -> ColumnElement[bool]:
    """Whether a member is told that there is something, and not what: it is for others."""
    return and_(
        _of(post, "withdrawn_at").is_(None),
        _of(post, "audience") == NAMED,
        _of(post, "is_known"),
        is_member(person, _of(post, "case_id")),
        ~is_shut_out(person, post),
        ~is_too_early(person, post),
        _of(post, "author_id").is_distinct_from(_id(person)),
        ~is_named(person, post),
    )


def reads_notice(person: Thing, notice: Any = Notice) -> ColumnElement[bool]:
    """Whether a notice is hers and what it points to still is: it tells of nothing else.

    That of a saved search points to all that was found, and one of these is enough.
    """
    still_found = (
        exists(1)
        .where(_find.notice_id == notice.id, leads_to(person, _find))
        .correlate_except(_find)
    )
    still_open = (
        exists(1)
        .where(_pointed_out.id == notice.alert_id, reads_alert(person, _pointed_out))
        .correlate_except(_pointed_out)
    )
    return and_(
        notice.person_id == _id(person),
        or_(
            leads_to(person, notice),
            and_(notice.alert_id.is_not(None), still_open),
            and_(notice.saved_search_id.is_not(None), still_found),
            and_(
                notice.post_id.is_(None),
                notice.alert_id.is_(None),
                notice.reason != "asked",
                sees_case(person, notice.case_id),
            ),
            and_(
                notice.post_id.is_(None),
                notice.reason == "asked",
                may_lead(person, notice.case_id),
            ),
            and_(
                notice.conversation_id.is_not(None),
                notice.message_id.is_(None),
                _of_talk(notice.conversation_id, is_out_of(person, _talk)),
            ),
        ),
    )


def leads_to(person: Thing, pointer: Any) -> ColumnElement[bool]:
    """Whether the post or message that a notice or a find points to is still the person's to read.

    Under a post it may have pointed to a comment, and that stands as well.
    """
    still_read = (
        exists(1)
        .where(_post.id == pointer.post_id, reads_post(person, _post))
        .correlate_except(_post)
    )
    still_said = (
        exists(1)
        .where(_said.id == pointer.comment_id, _said.withdrawn_at.is_(None))
        .correlate_except(_said)
    )
    still_heard = (
        exists(1)
        .where(_message.id == pointer.message_id, reads_message(person, _message))
        .correlate_except(_message)
    )
    return or_(
        and_(
            pointer.post_id.is_not(None),
            or_(pointer.comment_id.is_(None), still_said),
            still_read,
        ),
        and_(pointer.message_id.is_not(None), still_heard),
    )


def reads_alert(person: Thing, alert: Any) -> ColumnElement[bool]:
    return and_(sees_case(person, alert.case_id), is_open_alert(person, alert))


def is_open_alert(person: Thing, alert: Any) -> ColumnElement[bool]:
    """Whether an alert is open to somebody who sees its case.

    It counts what is for the whole network; who was given nothing that old is not told how busy
    it was. What it says of one post is for those who read that post.
    """
    too_early = (
        exists(1)
        .where(
            _member.case_id == alert.case_id,
            _member.person_id == _id(person),
            _member.history_from > alert.since,
            current(_member),
        )
        .correlate_except(_member)
    )
    still_read = (
        exists(1).where(_post.id == alert.post_id, open_to(person, _post)).correlate_except(_post)
    )
    return and_(~too_early, or_(alert.post_id.is_(None), still_read))


def reads_reading(person: Thing, reading: Any) -> ColumnElement[bool]:
    return and_(sees_case(person, reading.case_id), is_open_reading(person, reading))


def is_open_reading(person: Thing, reading: Any) -> ColumnElement[bool]:
    """Whether a reading is open to somebody who sees its case: as its post is, if it has one."""
    too_early = (
        exists(1)
        .where(
            _member.case_id == reading.case_id,
            _member.person_id == _id(person),
            _member.history_from > reading.recorded_at,
            current(_member),
        )
        .correlate_except(_member)
    )
    told_with = (
        exists(1).where(_post.id == reading.post_id, open_to(person, _post)).correlate_except(_post)
    )
    is_hers = and_(reading.recorded_by_id.is_not(None), reading.recorded_by_id == _id(person))
    return and_(
        reading.withdrawn_at.is_(None),
        or_(told_with, and_(reading.post_id.is_(None), or_(is_hers, ~too_early))),
    )


def evaluates(person: Thing) -> ColumnElement[bool]:
    """Whether the person judges the monitor itself, by numbers of all cases and of no one case."""
    return (
        exists(1)
        .where(
            _account.id == _id(person),
            _account.active,
            or_(_account.account == "manager", _account.account == "auditor"),
        )
        .correlate_except(_account)
    )


def may_lead(person: Thing, case: Thing) -> ColumnElement[bool]:
    """Change the network, the lead or the status, or withdraw somebody else's post."""
    return and_(
        has_content_account(person),
        ~is_conflicted(person, case),
        or_(
            is_lead(person, case),
            and_(~is_restricted(case), supervises_member(person, case)),
        ),
    )


def may_approve(person: Thing, glass: Thing) -> ColumnElement[bool]:
    """Be the second of two people who open a restricted case: its lead, or another manager."""
    is_manager = (
        exists(1)
        .where(_account.id == _id(person), _account.account == "manager")
        .correlate_except(_account)
    )
    return and_(
        has_content_account(person),
        glass.person_id != _id(person),
        ~is_conflicted(person, glass.case_id),
        or_(is_manager, is_lead(person, glass.case_id)),
    )


def may_review(person: Thing, review: Thing) -> ColumnElement[bool]:
    """Decide about a review: an auditor who stands outside the case and beside its person."""
    is_auditor = (
        exists(1)
        .where(_account.id == _id(person), _account.active, _account.account == "auditor")
        .correlate_except(_account)
    )
    was_member = (
        exists(1)
        .where(_member.case_id == review.case_id, _member.person_id == _id(person))
        .correlate_except(_member)
    )
    in_line = (
        exists(1)
        .where(
            or_(
                and_(_line.manager_id == _id(person), _line.person_id == review.person_id),
                and_(_line.person_id == _id(person), _line.manager_id == review.person_id),
                and_(
                    _line.manager_id == _id(person),
                    _line.person_id == _member.person_id,
                    _member.case_id == review.case_id,
                ),
            )
        )
        .correlate_except(_line, _member)
    )
    had_conflict = (
        exists(1)
        .where(_conflict.case_id == review.case_id, _conflict.person_id == _id(person))
        .correlate_except(_conflict)
    )
    return and_(is_auditor, review.person_id != _id(person), ~was_member, ~in_line, ~had_conflict)


def may(rule: ColumnElement[bool]) -> bool:
    """Ask one rule about one person and one thing."""
    return bool(db.session().scalar(select(rule)))


def case(viewer: Person, case_id: int) -> Case:
    """The case, or `NotFound` when it is not there or not hers.

    On what ground she sees it is kept for the audit of this transaction.
    """
    found = (
        db.session().execute(_case(), {"viewer": viewer.id, "number": _possible(case_id)}).first()
    )
    if found is None:
        raise NotFound(f"case:{case_id}")
    seen: Case = found[0]
    _because(seen.id, found[1])
    return seen


def led_case(actor: Person, case_id: int) -> Case:
    """A case she may lead; one she only sees is refused with whom to ask."""
    found = case(actor, case_id)
    if not leads(actor, case_id):
        raise NotAllowed("Ask the lead practitioner or their manager to do this.")
    return found


def leads(actor: Person, case_id: int) -> bool:
    """Whether she may do what a lead does."""
    return bool(db.session().scalar(_leads(), {"viewer": actor.id, "number": case_id}))


def post(viewer: Person, post_id: int) -> Post:
    found = (
        db.session()
        .execute(_one_post(), {"viewer": viewer.id, "number": _possible(post_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"post:{post_id}")
    seen: Post = found[0]
    _because(seen.case_id, found[1])
    return seen


def alert(viewer: Person, alert_id: int) -> Alert:
    found = (
        db.session().execute(_alert(), {"viewer": viewer.id, "number": _possible(alert_id)}).first()
    )
    if found is None:
        raise NotFound(f"alert:{alert_id}")
    seen: Alert = found[0]
    _because(seen.case_id, found[1])
    return seen


def reading(viewer: Person, reading_id: int) -> Reading:
    found = (
        db.session()
        .execute(_reading(), {"viewer": viewer.id, "number": _possible(reading_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"reading:{reading_id}")
    seen: Reading = found[0]
    _because(seen.case_id, found[1])
    return seen


def evaluation(viewer: Person) -> None:
    """Goes on if she judges the monitor; for everybody else there is no such thing."""
    if not may(evaluates(viewer.id)):
        raise NotFound("evaluation")


def comment(viewer: Person, comment_id: int) -> Comment:
    found = (
        db.session()
        .execute(_comment(), {"viewer": viewer.id, "number": _possible(comment_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"comment:{comment_id}")
    seen: Comment = found[0]
    _because(seen.case_id, found[1])
    return seen


def attachment(viewer: Person, attachment_id: int) -> Attachment:
    found = (
        db.session()
        .execute(_attachment(), {"viewer": viewer.id, "number": _possible(attachment_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"attachment:{attachment_id}")
    seen: Attachment = found[0]
    if seen.case_id is not None:
        _because(seen.case_id, found[1])
    return seen


def conversation(viewer: Person, conversation_id: int) -> Conversation:
    """The conversation, or `NotFound` when it is not there or not hers."""
    found = (
        db.session()
        .execute(_conversation(), {"viewer": viewer.id, "number": _possible(conversation_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"conversation:{conversation_id}")
    seen: Conversation = found[0]
    if seen.case_id is not None:
        _because(seen.case_id, found[1])
    return seen


def message(viewer: Person, message_id: int) -> Message:
    found = (
        db.session()
        .execute(_one_message(), {"viewer": viewer.id, "number": _possible(message_id)})
        .first()
    )
    if found is None:
        raise NotFound(f"message:{message_id}")
    seen: Message = found[0]
    if seen.case_id is not None:
        _because(seen.case_id, found[1])
    return seen


def withdrawn_message(author: Person, message_id: int) -> Message:
    """What she said and is withdrawn; for everybody else it is not there."""
    taken_back = select(Message).where(
        Message.id == _possible(message_id),
        Message.author_id == author.id,
        Message.withdrawn_at.is_not(None),
        _of_talk(Message.conversation_id, reads_in(author.id, _talk)),
    )
    found = db.session().scalar(taken_back)
    if found is None:
        raise NotFound(f"message:{message_id}")
    return found


def writes(viewer: Person, conversation_id: int) -> bool:
    """Whether she may say something in a conversation."""
    return bool(db.session().scalar(_writes(), {"viewer": viewer.id, "number": conversation_id}))


def reads_from(viewer: Person, case_id: int) -> datetime | None:
    """The instant before which the case's posts are not shared with her; none when all are."""
    return db.session().scalar(_reads_from(), {"viewer": viewer.id, "number": case_id})


def withheld(viewer: Person, case_id: int) -> int:
    """How many posts of the case she is told of without reading them."""
    return db.session().scalar(_withheld(), {"viewer": viewer.id, "number": case_id}) or 0


def cases(viewer: Thing) -> Select[Case]:
    """Every case she sees."""
    return select(Case).where(sees_case(_id(viewer), Case))


def searchable(viewer: Person) -> Scope:
    """Every case she sees and every conversation she reads in."""
    asked = {"viewer": viewer.id}
    (found,) = db.rows(_searchable(is_sqlite=db.is_sqlite()), asked)
    joined, others, shut, talks = (frozenset(each or ()) for each in found)
    return Scope(viewer.id, (joined | others) - shut, talks, shut, joined, _PROOF)


def viewers(case_id: int) -> list[int]:
    """Everybody who sees the case now."""
    return list(db.session().scalars(_viewers(), {"number": case_id}))


def readers(post_id: int, *, withdrawn: bool = False) -> list[int]:
    """Everybody who may read the post now: the people an author is told will see it.

    With `withdrawn`, those who could if it still stood: they are told that it does not.
    """
    return list(db.session().scalars(_readers(withdrawn=withdrawn), {"number": post_id}))


def alert_readers(alert_id: int) -> list[int]:
    """Everybody who may read the alert now."""
    return list(db.session().scalars(_alert_readers(), {"number": alert_id}))


def alerted(case_id: int) -> list[int]:
    """Everybody who may read any alert of the case, over or not."""
    return list(db.session().scalars(_alerted(), {"number": case_id}))


def those_in(conversation_id: int) -> list[int]:
    """Everybody who reads the conversation now."""
    return list(db.session().scalars(_those_in(), {"number": conversation_id}))


def hearers(message_id: int, *, withdrawn: bool = False) -> list[int]:
    """Everybody who reads the message now; with `withdrawn`, who would if it still stood."""
    return list(db.session().scalars(_hearers(withdrawn=withdrawn), {"number": message_id}))


# Each question that a page asks is built once: building costs more than asking.


@cache
def _case() -> AnySelect:
    return select(Case, _ground(_viewer, Case)).where(Case.id == _number, sees_case(_viewer, Case))


@cache
def _one_post() -> AnySelect:
    return select(Post, _ground(_viewer, Post.case_id)).where(
        Post.id == _number, reads_post(_viewer, Post)
    )


@cache
def _alert() -> AnySelect:
    return select(Alert, _ground(_viewer, Alert.case_id)).where(
        Alert.id == _number, reads_alert(_viewer, Alert)
    )


@cache
def _reading() -> AnySelect:
    return select(Reading, _ground(_viewer, Reading.case_id)).where(
        Reading.id == _number, reads_reading(_viewer, Reading)
    )


@cache
def _comment() -> AnySelect:
    return (
        select(Comment, _ground(_viewer, Comment.case_id))
        .join(Post, Post.id == Comment.post_id)
        .where(
            Comment.id == _number,
            Comment.withdrawn_at.is_(None),
            reads_post(_viewer, Post),
        )
    )


@cache
def _attachment() -> AnySelect:
    return select(Attachment, _ground(_viewer, Attachment.case_id)).where(
        Attachment.id == _number, reads_attachment(_viewer, Attachment)
    )


@cache
def _conversation() -> AnySelect:
    return select(Conversation, _ground(_viewer, Conversation.case_id)).where(
        Conversation.id == _number, reads_in(_viewer, Conversation)
    )


@cache
def _one_message() -> AnySelect:
    return select(Message, _ground(_viewer, Message.case_id)).where(
        Message.id == _number, reads_message(_viewer, Message)
    )


@cache
def _writes() -> Select[bool]:
    return select(writes_in(_viewer, _number))


@cache
def _those_in() -> Select[int]:
    about = select(Conversation.case_id).where(Conversation.id == _number).scalar_subquery()
    return select(Person.id).where(
        Person.id.in_(_near(about, _placed(_number))), reads_in(Person, _number)
    )


@cache
def _hearers(*, withdrawn: bool) -> Select[int]:
    rule = said_to if withdrawn else heard_by
    there = select(Message.conversation_id, Message.case_id).where(Message.id == _number).subquery()
    where, about = select(there.c.conversation_id), select(there.c.case_id)
    near = _near(about.scalar_subquery(), _placed(where.scalar_subquery()))
    return select(Person.id).where(
        Person.id.in_(near),
        exists(1)
        .where(
            _message.id == _number,
            _talk.id == _message.conversation_id,
            reads_in(Person, _talk),
            rule(Person, _message),
        )
        .correlate_except(_message, _talk),
    )


@cache
def _leads() -> Select[bool]:
    return select(may_lead(_viewer, _number))


@cache
def _reads_from() -> Select[datetime | None]:
    return select(func.max(_member.history_from)).where(
        _member.case_id == _number, _member.person_id == _viewer, current(_member)
    )


@cache
def _withheld() -> Select[int]:
    return select(func.count(Post.id)).where(Post.case_id == _number, is_withheld(_viewer, Post))


@cache
def _searchable(*, is_sqlite: bool) -> AnySelect:
    """One row of lists of numbers: thousands of rows cost more than finding what they say.

    What she sees is gone through once for all of them.
    """
    together = func.json_group_array if is_sqlite else func.json_agg
    seen = _seen(_viewer).cte("seen")
    talks = union_all(_talks_of(seen), _own_talks()).subquery()
    case, is_member = seen.c.case_id, seen.c.is_member
    lists = (
        together(case, type_=JSON).filter(is_in)
        for is_in in (is_member, ~is_member, case.in_(_restricted()))
    )
    return select(*lists, select(together(talks.c.id, type_=JSON)).scalar_subquery())


def _talks_of(cases: Any) -> Select[int]:
    """The conversations of the networks of these cases, but for those of restricted ones."""
    about = Conversation.case_id
    return (
        select(Conversation.id)
        .join(cases, cases.c.case_id == about)
        .where(Conversation.kind == OF_CASE, about.not_in(_restricted()))
    )


def _own_talks() -> Select[int]:
    """The direct and group conversations she is in, but for those about a restricted case."""
    place, about = aliased(Participant), Conversation.case_id
    placed = select(place.conversation_id).where(place.person_id == _viewer)
    return select(Conversation.id).where(
        Conversation.kind != OF_CASE,
        Conversation.id.in_(placed),
        is_in(_viewer, Conversation),
        or_(about.is_(None), ~is_restricted(about)),
    )


@cache
def _viewers() -> Select[int]:
    return select(Person.id).where(Person.id.in_(_near(_number)), sees_case(Person, _number))


@cache
def _readers(*, withdrawn: bool) -> Select[int]:
    rule = shared_with if withdrawn else open_to
    about = select(Post.case_id).where(Post.id == _number).scalar_subquery()
    return select(Person.id).where(
        Person.id.in_(_near(about)),
        exists(1)
        .where(_post.id == _number, sees_case(Person, _post.case_id), rule(Person, _post))
        .correlate_except(_post),
    )


@cache
def _alerted() -> Select[int]:
    return select(Person.id).where(
        Person.id.in_(_near(_number)),
        exists(1)
        .where(_pointed_out.case_id == _number, reads_alert(Person, _pointed_out))
        .correlate_except(_pointed_out),
    )


@cache
def _alert_readers() -> Select[int]:
    about = select(Alert.case_id).where(Alert.id == _number).scalar_subquery()
    return select(Person.id).where(
        Person.id.in_(_near(about)),
        exists(1)
        .where(_pointed_out.id == _number, reads_alert(Person, _pointed_out))
        .correlate_except(_pointed_out),
    )


def _near(case: Thing, *more: Select[int]) -> CompoundSelect[int]:
    """Whoever could see the case on some ground: few, found by index before the rule is asked.

    Nobody else is asked about, so it must leave out no one whom `sees_case` could let in.
    """
    member, line, glass = aliased(Membership), aliased(Supervision), aliased(BreakGlass)
    return union(
        select(member.person_id).where(member.case_id == case),
        select(line.manager_id)
        .join(member, member.person_id == line.person_id)
        .where(member.case_id == case),
        select(glass.person_id).where(glass.case_id == case),
        *more,
    )


def her_cases(person: Thing) -> CompoundSelect[int]:
    """Whatever case the person could see on some ground: `_near`, asked from the other side."""
    member, line, glass = aliased(Membership), aliased(Supervision), aliased(BreakGlass)
    return union(
        select(member.case_id).where(member.person_id == person),
        select(member.case_id)
        .join(line, line.person_id == member.person_id)
        .where(line.manager_id == person),
        select(glass.case_id).where(glass.person_id == person),
    )


def seen_cases(person: Thing) -> Select[int]:
    """The cases the person sees: `sees_case` from the other side, for whoever sees thousands.

    There each rule is asked of each case. Here each ground says which cases it opens, and a case
    that several open is there as often: making them one takes as long as finding them.
    """
    seen = _seen(person).subquery()
    return select(seen.c.case_id)


def _seen(person: Thing) -> AnySelect:
    """The same, and of each whether it is a membership that opens it."""
    member, line = aliased(Membership), aliased(Supervision)
    glass, conflict = aliased(BreakGlass), aliased(Conflict)
    opened = union_all(
        select(member.case_id, true().label("is_member")).where(
            member.person_id == person, current(member)
        ),
        select(member.case_id, false())
        .join(line, line.person_id == member.person_id)
        .where(line.manager_id == person, current(member), member.case_id.not_in(_restricted())),
        select(glass.case_id, false()).where(glass.person_id == person, _is_open(glass)),
    ).subquery()
    shut_out = select(conflict.case_id).where(conflict.person_id == person, _stands(conflict))
    return select(opened.c.case_id, opened.c.is_member).where(
        has_content_account(person), opened.c.case_id.not_in(shut_out)
    )


def _restricted() -> Select[int]:
    """The cases that are for their members alone: few, and found once for thousands."""
    shut = aliased(Restriction)
    return select(shut.case_id).where(_stands(shut))


def is_open_when_joined(person: Thing, post: Any = Post) -> ColumnElement[bool]:
    """Of posts for some alone: `reads_post` for whoever sees the case as a member of it.

    For a search, which knows where that is so, and looks through all of them each time.
    """
    is_hers = post.author_id == _id(person)
    return and_(
        post.id.in_(named_for(person)),
        post.audience == NAMED,
        post.withdrawn_at.is_(None),
        ~is_shut_out(person, post),
        or_(is_hers, ~is_too_early(person, post)),
    )


def named_for(person: Thing) -> CompoundSelect[int]:
    """Whatever post for some alone the person could read: no other is asked about."""
    post, audience = aliased(Post), aliased(Audience)
    return union(
        select(post.id).where(post.author_id == person, post.audience == NAMED),
        select(audience.post_id).where(audience.person_id == person),
        select(audience.post_id).where(audience.agency_id == _agency(person)),
    )


def _placed(conversation: Thing) -> Select[int]:
    place = aliased(Participant)
    return select(place.person_id).where(place.conversation_id == conversation)


def _ground(person: Thing, case: Thing) -> ColumnElement[str]:
    """Why she sees the case, in a word for the audit."""
    return when(
        (is_member(person, case), "member"),
        (has_broken_glass(person, case), "break-glass"),
        else_="supervision",
    )


def _because(case_id: int, ground: str) -> None:
    db.session().info.setdefault("why", {})[case_id] = ground


def _is_open(glass: Any) -> ColumnElement[bool]:
    """Whether this emergency opens its case now."""
    return and_(
        glass.opened_at <= now(),
        glass.until_at > now(),
        or_(glass.approved_at.is_not(None), ~is_restricted(glass.case_id)),
    )


def _stands(row: Any) -> ColumnElement[bool]:
    return and_(row.from_at <= now(), or_(row.until_at.is_(None), row.until_at > now()))


def _possible(number: int) -> int:
    # No row has the number 0.
    return number if number <= db.LARGEST else 0


def _id(thing: Thing) -> Any:
    if isinstance(thing, int):
        return literal(thing, db.BigKey)
    return getattr(thing, "id", thing)


def _agency(person: Thing) -> Any:
    """The agency the person works for now."""
    of_row = getattr(person, "agency_id", None)
    if of_row is not None:
        return literal(of_row, db.BigKey) if isinstance(of_row, int) else of_row
    return (
        select(_account.agency_id)
        .where(_account.id == _id(person))
        .correlate_except(_account)
        .scalar_subquery()
    )


def _of(row: Thing, column: str) -> Any:
    value = getattr(row, column)
    if isinstance(row, Post | Message | Conversation):
        return literal(value, getattr(type(row), column).type)
    return value


def _of_talk(number: Thing, rule: ColumnElement[bool]) -> ColumnElement[bool]:
    """A rule about `_talk`, asked of the conversation with this number."""
    return exists(1).where(_talk.id == number, rule).correlate_except(_talk)


def _is_message(said: Thing) -> bool:
    return hasattr(said, "conversation_id")
