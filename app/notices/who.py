"""Who is told of what was done, and why: rows in, people out; no database and no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from app.models import KINDS

People = Collection[int]
NOBODY: frozenset[int] = frozenset()

# What asks for somebody's answer: while she is away, a colleague is told instead.
CANNOT_WAIT = ("urgent", "question", "named", "message", "unanswered", "asked", "unusual")
# Worry that followers are told of; anything less stands in the stream and in the feed.
TOLD_OF = ("keep_an_eye_on", "worried")


@dataclass(frozen=True)
class Done:
    """One thing done, with all that decides who is told of it.

    `kind` is the post's, or the conversation's in which something was said.
    `readers` may read the post, or see the case, at this moment: nobody else is ever told.
    `known` have been told of it already, in a brother's or sister's case or before an edit.
    """

    did: str
    actor: int | None = None
    person: int | None = None
    author: int | None = None
    kind: str = ""
    worry: str = "none"
    is_imported: bool = False
    is_replied: bool = False
    answerer: int | None = None
    readers: People = NOBODY
    named: People = NOBODY
    followers: People = NOBODY
    leads: People = NOBODY
    managers: People = NOBODY
    known: People = NOBODY
    muted: People = NOBODY


@dataclass(frozen=True)
class Told:
    """The reasons, the strongest first, and for whom she stands in, if she does."""

    reasons: tuple[str, ...]
    instead_of: int | None = None


Why = Iterator[tuple[str, People]]


def told(done: Done) -> dict[int, Told]:
    """Everybody who is told, whatever they have chosen: never whoever did it."""
    reasons: dict[int, list[str]] = {}
    for reason, people in RULES[done.did](done):
        for each in set(people) & set(done.readers) - set(done.known) - {done.actor}:
            reasons.setdefault(each, []).append(reason)
    return {each: Told(tuple(why)) for each, why in reasons.items()}


def with_cover(
    found: Mapping[int, Told], done: Done, away: Mapping[int, int | None]
) -> dict[int, Told]:
    """The same, and for everybody who is away somebody who is told instead.

    That is whom they chose, if it is one who may read it; otherwise the lead, otherwise a manager
    of the lead. `away` has everybody who is, with whom they chose.
    """
    everybody = dict(found)
    for person in sorted(set(found) & set(away)):
        if found[person].reasons[0] not in CANNOT_WAIT:
            continue
        asked = (away[person], *sorted(done.leads), *sorted(done.managers))
        there = [
            each
            for each in asked
            if each is not None
            and each in done.readers
            and each not in away
            and each not in (person, done.actor)
        ]
        if there and not _answers_for_it(everybody.get(there[0])):
            everybody[there[0]] = Told(found[person].reasons, person)
    return everybody


def _answers_for_it(told: Told | None) -> bool:
    """Whether somebody is told in their own right that it waits for them."""
    return told is not None and told.reasons[0] in CANNOT_WAIT


def _published(done: Done) -> Why:
    if done.kind not in KINDS or done.is_imported:
        return
    if done.worry == "urgent":
        yield "urgent", done.readers
    if done.kind == "question":
        yield "question", done.named
    yield "named", done.named
    if done.worry in TOLD_OF or done.kind == "question":
        yield "followed", done.followers
    else:
        yield "news", done.followers


def _edited(done: Done) -> Why:
    yield "question" if done.kind == "question" else "named", done.named


def _commented(done: Done) -> Why:
    yield "reply", _some(done.author)


def _answered(done: Done) -> Why:
    yield "reply", _some(done.author, done.answerer)


def _unanswered(done: Done) -> Why:
    if not done.is_replied:
        yield "unanswered", done.leads


def _still_unanswered(done: Done) -> Why:
    if not done.is_replied:
        yield "unanswered", done.managers


def _said(done: Done) -> Why:
    yield "named", done.named
    if done.kind == "direct":
        # The muted hear of it only when they are named.
        yield "message", set(done.readers) - set(done.muted)


def _named_later(done: Done) -> Why:
    """Whose name an edit has added."""
    yield "named", _some(done.person)


def _keeping(done: Done) -> Why:
    """Whose words shall be kept as an update; or who asked for it, and hears that they are not."""
    yield "message", _some(done.person)


def _brought_in(done: Done) -> Why:
    yield "access", _some(done.person)


def _out(done: Done) -> Why:
    """Who was taken out of a conversation; who steps out knows it."""
    yield "access", _some(done.person)


def _asked(done: Done) -> Why:
    yield "asked", done.leads or done.managers


def _alerted(done: Done) -> Why:
    """Somebody who may read it: who leads, or else who manages."""
    yield "unusual", set(done.leads) & set(done.readers) or done.managers


def _some(*people: int | None) -> frozenset[int]:
    return frozenset(each for each in people if each is not None)


# For each thing done that anybody is told of, why and who. What is not here tells nobody.
RULES: dict[str, Callable[[Done], Why]] = {
    "published": _published,
    "edited": _edited,
    "commented": _commented,
    "answered": _answered,
    "acknowledged": _commented,
    "unanswered": _unanswered,
    "still_unanswered": _still_unanswered,
    "said": _said,
    "message_named": _named_later,
    "keep_asked": _keeping,
    "keep_declined": _keeping,
    "joined": _brought_in,
    "lead_changed": _brought_in,
    "conversation_left": _out,
    "break_glass": _asked,
    "look_up": _asked,
    "alerted": _alerted,
}
