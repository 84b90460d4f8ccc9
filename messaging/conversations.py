"""Who talks with whom: start, name, add somebody, leave, mute."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app import access, activity
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    Agency,
    Case,
    Child,
    Conversation,
    ConversationHead,
    Membership,
    Message,
    Participant,
    Person,
    ReadMark,
)
from messaging import order

MOST = 50
# So many people fit on a page; whoever is not among them is found by name, or asked for.
OFFERED, MOST_OFFERED = 40, 5_000
NOT_YOURS = "Your account looks after Kith itself and talks with nobody in it."
NOT_WITH = "Choose somebody who works with children and can sign in."
NOT_ABOUT = (
    "{} cannot be in a conversation about this child: only people in the network, and those who "
    "supervise them, can."
)
NOT_HERS_TO_REMOVE = (
    "Whoever started a group takes people out of it, or whoever leads the case it is about."
)
OF_NETWORK = "This conversation belongs to the network: its people join and leave with it."


def start(
    actor: Person, people: Collection[Person], *, case: Case | None = None, name: str | None = None
) -> Conversation:
    """Begin to talk with these people, about a case (which comes from `access`) or about none.

    With one other person and no name it is a direct conversation: the one they have already, if
    they do. Everybody must be able to know what it is about.
    """
    others = {person.id: person for person in people if person.id != actor.id}
    if not others:
        raise Invalid(people="Choose at least one person to talk with.")
    if len(others) >= MOST:
        raise Invalid(people=f"At most {MOST} people can be in one conversation.")
    if not access.may(access.has_content_account(actor.id)):
        raise NotAllowed(NOT_YOURS)
    if case is not None:
        _must_work_on(actor, case.id)
    for person in others.values():
        _must_be_able(person, case.id if case else None)
    called = text.line(name, field="name", longest=100) or None
    if len(others) == 1 and not called:
        return _direct(actor, next(iter(others.values())), case)
    made = _begin(actor, "group", case, name=called)
    _seat(actor, made, [actor.id, *sorted(others)])
    order.note(actor, made, "named", f"{actor.name} started this group.")
    activity.record(actor, "conversation_changed", conversation_id=made.id)
    return made


def of_case(actor: Person, case: Case) -> Conversation:
    """The network's own conversation, begun when the first of them wants to say something."""
    found = find_of_case(case)
    if found is not None:
        return found
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    at = clock.now()
    made_id = db.session().scalar(
        insert(Conversation)
        .values(kind="case", case_id=case.id, created_by_id=actor.id, created_at=at)
        .on_conflict_do_nothing()
        .returning(Conversation.id)
    )
    if made_id is not None:
        db.session().add(ConversationHead(conversation_id=made_id, said_at=at))
        db.session().flush()
    begun = find_of_case(case)
    assert begun is not None
    return begun


def find_of_case(case: Case) -> Conversation | None:
    """The network's own conversation, if anybody has said something in it."""
    return db.session().scalar(
        select(Conversation).where(
            Conversation.case_id == case.id, Conversation.kind == access.OF_CASE
        )
    )


def rename(actor: Person, conversation: Conversation, name: str) -> None:
    if conversation.kind != "group":
        raise NotAllowed("Only a group has a name of its own.")
    called = text.line(name, field="name", longest=100, needed="Say what the group is called.")
    if called != conversation.name:
        conversation.name = called
        order.note(actor, conversation, "named", f"{actor.name} named this group “{called}”.")
        activity.record(actor, "conversation_changed", conversation_id=conversation.id)


def add(
    actor: Person,
    conversation: Conversation,
    person: Person,
    *,
    history_from: datetime | None = None,
) -> Participant:
    """Bring somebody in; they read what was said from `history_from` on, or all of it.

    Never more than who brings them in: what was not given to her is not hers to give.
    """
    if conversation.kind == "case":
        raise NotAllowed(OF_NETWORK)
    if conversation.kind == "direct":
        raise NotAllowed("This is between two people. Start a group to talk with more.")
    if history_from is not None and history_from > clock.now():
        raise Invalid(history_from="That day has not come yet. Choose today or an earlier one.")
    _hold(conversation)
    _must_be_able(person, conversation.case_id)
    kept = db.session().get(Participant, (conversation.id, person.id))
    if kept is not None and kept.until_at is None:
        raise Conflict(f"{person.name} is in this conversation already.")
    if len(_seats(conversation)) >= MOST:
        raise Invalid(people=f"At most {MOST} people can be in one conversation.")
    place = kept or Participant(conversation_id=conversation.id, person_id=person.id)
    place.added_by_id, place.from_at, place.until_at = actor.id, clock.now(), None
    hers = db.session().get_one(Participant, (conversation.id, actor.id))
    place.after = max(_before(conversation, history_from), hers.after)
    db.session().add(place)
    db.session().flush()
    order.note(actor, conversation, "joined", f"{actor.name} added {person.name}.")
    activity.record(
        actor, "conversation_changed", conversation_id=conversation.id, person_id=person.id
    )
    return place


def leave(person: Person, conversation: Conversation) -> None:
    """Step out: from now on nothing of it is theirs to read."""
    if conversation.kind == "case":
        raise NotAllowed(OF_NETWORK)
    if conversation.kind == "direct":
        raise NotAllowed("A conversation of two cannot be left. You can mute it.")
    _hold(conversation)
    place = db.session().get_one(Participant, (conversation.id, person.id))
    place.until_at = clock.now()
    db.session().flush()
    order.note(person, conversation, "left", f"{person.name} left.")
    activity.record(
        person, "conversation_left", conversation_id=conversation.id, person_id=person.id
    )


def may_remove(actor: Person, conversation: Conversation) -> bool:
    """Whether she may take others out of a group: who started it, or leads the case it is about."""
    if conversation.kind != "group":
        return False
    about = conversation.case_id
    is_hers = conversation.created_by_id == actor.id
    return is_hers or (about is not None and access.leads(actor, about))


def remove(actor: Person, conversation: Conversation, person: Person) -> None:
    """Take somebody out of a group: from now on nothing of it is theirs to read."""
    if not may_remove(actor, conversation):
        raise NotAllowed(NOT_HERS_TO_REMOVE)
    if person.id == actor.id:
        raise NotAllowed("Use “Leave this conversation” to step out yourself.")
    _hold(conversation)
    place = db.session().get(Participant, (conversation.id, person.id))
    if place is None or place.until_at is not None:
        raise NotFound(f"person:{person.id}")
    place.until_at = clock.now()
    db.session().flush()
    order.note(actor, conversation, "left", f"{actor.name} took {person.name} out of this group.")
    activity.record(
        actor, "conversation_left", conversation_id=conversation.id, person_id=person.id
    )


def is_alone(person: Person, conversation: Conversation) -> bool:
    """Whether nobody else reads it at present, nor will by joining a network."""
    return conversation.kind != "case" and not (set(access.those_in(conversation.id)) - {person.id})


def mute(person: Person, conversation: Conversation, *, muted: bool) -> None:
    """Whether its news is counted at the top of every page; nobody else learns of it."""
    insert = (sqlite if db.is_sqlite() else postgresql).insert
    db.session().execute(
        insert(ReadMark)
        .values(conversation_id=conversation.id, person_id=person.id, last_read=0, muted=muted)
        .on_conflict_do_update(
            index_elements=["conversation_id", "person_id"], set_={"muted": muted}
        )
    )


def is_muted(person: Person, conversation: Conversation) -> bool:
    mark = db.session().get(ReadMark, (conversation.id, person.id))
    return mark is not None and mark.muted


def people(conversation: Conversation) -> Sequence[AnyRow]:
    """Those it is between, by name: how to reach them, how far they have read, and what they can.

    `after` and `history_from` say from where on each of them reads.
    """
    talk = Conversation
    inside = _members(conversation) if conversation.kind == "case" else _places(conversation)
    return db.rows(
        select(
            Person.id,
            Person.name,
            Person.role,
            Person.phone,
            Person.out_of_office,
            Agency.name.label("agency_name"),
            Agency.agency_type,
            func.coalesce(Participant.after, 0).label("after"),
            Membership.history_from,
            func.coalesce(ReadMark.last_read, 0).label("last_read"),
            ReadMark.last_read_at,
        )
        .select_from(Person)
        .join(talk, talk.id == conversation.id)
        .join(Agency, Agency.id == Person.agency_id)
        .outerjoin(
            Participant,
            (Participant.conversation_id == talk.id) & (Participant.person_id == Person.id),
        )
        .outerjoin(
            Membership,
            (Membership.case_id == talk.case_id)
            & (Membership.person_id == Person.id)
            & access.current(Membership),
        )
        .outerjoin(
            ReadMark, (ReadMark.conversation_id == talk.id) & (ReadMark.person_id == Person.id)
        )
        .where(Person.id.in_(inside), access.belongs_in(Person, talk))
        .order_by(Person.name, Person.id)
    )


def mine(
    viewer: Person,
    *,
    before: tuple[datetime, int] | None = None,
    of_case: Case | None = None,
    size: int = 50,
) -> Sequence[AnyRow]:
    """The conversations she is one of, the newest said in first; of one case only, if asked.

    One in which nobody has said anything yet is not among them.
    """
    rows = _mine(viewer).limit(size)
    if of_case is not None:
        rows = rows.where(Conversation.case_id == of_case.id)
    if before is not None:
        at, number = before
        rows = rows.where(
            or_(
                ConversationHead.said_at < at,
                (ConversationHead.said_at == at) & (Conversation.id < number),
            )
        )
    return db.rows(rows)


def names(conversation_ids: Collection[int], viewer: Person) -> dict[int, list[str]]:
    """Who else is in each of these direct and group conversations, by name.

    A direct one is known by the other person also when they do not read it any more.
    """
    rows = (
        select(Participant.conversation_id, Person.name)
        .join(Person, Person.id == Participant.person_id)
        .join(Conversation, Conversation.id == Participant.conversation_id)
        .where(
            Participant.conversation_id.in_(conversation_ids),
            Participant.person_id != viewer.id,
            or_(Conversation.kind == "direct", access.is_in(Person, Conversation)),
        )
        .order_by(Participant.conversation_id, Person.name)
    )
    found: dict[int, list[str]] = {each: [] for each in conversation_ids}
    for row in db.rows(rows) if conversation_ids else ():
        found[row.conversation_id].append(row.name)
    return found


def may_join(
    viewer: Person,
    case_id: int | None,
    *,
    words: str = "",
    called: Collection[int] = (),
    chosen: Collection[int] = (),
    most: int = OFFERED,
) -> tuple[Sequence[AnyRow], bool]:
    """Whom she can talk with, and whether there are more than so many.

    Those who work on the case; about none, whoever works with children. With `words`, those whose
    name, role or agency has them all, and those who are `called` so; without, the people of her own
    agency and networks. Whom she has `chosen` already stands first.
    """
    rows = (
        select(
            Person.id,
            Person.name,
            Person.role,
            Agency.name.label("agency_name"),
            Agency.agency_type,
        )
        .join(Agency, Agency.id == Person.agency_id)
        .where(Person.id != viewer.id, access.has_content_account(Person))
        .order_by(Person.id.in_(chosen).desc(), Person.name, Person.id)
        .limit(most + 1)
    )
    if case_id is not None:
        rows = rows.where(access.works_on(Person, case_id))
    if words.strip():
        rows = rows.where(or_(Person.id.in_([*chosen, *called]), _is_called(words)))
    elif case_id is None:
        near = or_(Person.agency_id == viewer.agency_id, Person.id.in_(_colleagues(viewer)))
        rows = rows.where(or_(Person.id.in_(chosen), near))
    found = db.rows(rows)
    return found[:most], len(found) > most


def candidates(viewer_id: int | BindParameter[Any]) -> Select[int]:
    """The numbers of what she might be in: narrowed for speed, and not yet by the rule."""
    member = aliased(Membership)
    of_hers = (
        select(Conversation.id)
        .join(member, member.case_id == Conversation.case_id)
        .where(
            Conversation.kind == access.OF_CASE,
            member.person_id == viewer_id,
            access.current(member),
        )
    )
    placed = select(Participant.conversation_id).where(
        Participant.person_id == viewer_id, Participant.until_at.is_(None)
    )
    return select(of_hers.union(placed).subquery().c[0])


def _is_called(words: str) -> ColumnElement[bool]:
    whole = func.lower(Person.name + " " + Person.role + " " + Agency.name)
    return and_(*(whole.contains(each, autoescape=True) for each in words.lower().split()[:8]))


def _colleagues(viewer: Person) -> Select[int]:
    """Whoever is in a network she is in."""
    hers, theirs = aliased(Membership), aliased(Membership)
    return (
        select(theirs.person_id)
        .join(hers, hers.case_id == theirs.case_id)
        .where(
            hers.person_id == viewer.id,
            access.current(hers),
            access.current(theirs),
            ~access.is_conflicted(viewer.id, hers.case_id),
        )
    )


def _mine(viewer: Person) -> AnySelect:
    return (
        select(
            Conversation.id,
            Conversation.kind,
            Conversation.case_id,
            Conversation.name,
            Child.label.label("child_name"),
            ConversationHead.position,
            ConversationHead.said_at,
            func.coalesce(ReadMark.muted, ~true()).label("muted"),
        )
        .join(ConversationHead, ConversationHead.conversation_id == Conversation.id)
        .outerjoin(Case, Case.id == Conversation.case_id)
        .outerjoin(Child, Child.id == Case.child_id)
        .outerjoin(
            ReadMark,
            (ReadMark.conversation_id == Conversation.id) & (ReadMark.person_id == viewer.id),
        )
        .where(
            Conversation.id.in_(candidates(viewer.id)),
            ConversationHead.position > 0,
            access.belongs_in(viewer.id, Conversation),
        )
        .order_by(ConversationHead.said_at.desc(), Conversation.id.desc())
    )


def _direct(actor: Person, other: Person, case: Case | None) -> Conversation:
    low, high = sorted((actor.id, other.id))
    pair = f"{low}-{high}" + (f"-about-{case.id}" if case else "")
    known = select(Conversation).where(Conversation.pair == pair)
    found = db.session().scalar(known)
    if found is None:
        insert = (sqlite if db.is_sqlite() else postgresql).insert
        at = clock.now()
        # Two who turn to each other at the same moment get one conversation.
        made_id = db.session().scalar(
            insert(Conversation)
            .values(
                kind="direct",
                case_id=case.id if case else None,
                pair=pair,
                created_by_id=actor.id,
                created_at=at,
            )
            .on_conflict_do_nothing()
            .returning(Conversation.id)
        )
        found = db.session().scalars(known).one()
        if made_id is not None:
            db.session().add(ConversationHead(conversation_id=made_id, said_at=at))
            _seat(actor, found, [low, high])
    return found


def _begin(actor: Person, kind: str, case: Case | None, *, name: str | None = None) -> Conversation:
    at = clock.now()
    made = Conversation(
        kind=kind,
        case_id=case.id if case else None,
        name=name,
        created_by_id=actor.id,
        created_at=at,
    )
    db.session().add(made)
    db.session().flush()
    db.session().add(ConversationHead(conversation_id=made.id, said_at=at))
    return made


def _seat(actor: Person, conversation: Conversation, person_ids: Collection[int]) -> None:
    at = clock.now()
    db.session().add_all(
        Participant(
            conversation_id=conversation.id, person_id=each, added_by_id=actor.id, from_at=at
        )
        for each in person_ids
    )
    db.session().flush()


def _hold(conversation: Conversation) -> None:
    # Two who add or leave at once take turns, and what was said before is a settled position.
    db.session().execute(
        select(ConversationHead.position)
        .where(ConversationHead.conversation_id == conversation.id)
        .with_for_update()
    )


def _before(conversation: Conversation, history_from: datetime | None) -> int:
    """The position of the last message said before that instant; 0 when all is to be read."""
    if history_from is None:
        return 0
    return (
        db.session().scalar(
            select(func.max(Message.position)).where(
                Message.conversation_id == conversation.id, Message.said_at < history_from
            )
        )
        or 0
    )


def _seats(conversation: Conversation) -> Sequence[int]:
    return db.session().scalars(_places(conversation)).all()


def _places(conversation: Conversation) -> Select[int]:
    return select(Participant.person_id).where(
        Participant.conversation_id == conversation.id, Participant.until_at.is_(None)
    )


def _members(conversation: Conversation) -> Select[int]:
    return select(Membership.person_id).where(
        Membership.case_id == conversation.case_id, access.current(Membership)
    )


def _must_work_on(actor: Person, case_id: int) -> None:
    if not access.may(access.works_on(actor.id, case_id)):
        raise NotAllowed("What opened this case to you ends soon. Ask its lead to add you first.")


def _must_be_able(person: Person, case_id: int | None) -> None:
    if not access.may(access.has_content_account(person.id)):
        raise Invalid(people=NOT_WITH)
    if case_id is not None and not access.may(access.works_on(person.id, case_id)):
        raise Invalid(people=NOT_ABOUT.format(person.name))
