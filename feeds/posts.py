"""Telling the network round a child: publish, edit, withdraw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app import access, activity, stream
from app.core import clock, db, text
from app.core.errors import Conflict, Invalid, NotAllowed
from app.models import (
    KINDS,
    WORRIES,
    Case,
    Membership,
    Mention,
    Person,
    Post,
    PostVersion,
)

# Clocks on phones differ; a minute or two ahead is not a claim about the future.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Update:
    """What somebody wants to tell; see `Post` for what each field means."""

    body: str
    kind: str = "update"
    worry: str = "none"
    occurred_at: datetime | None = None
    seen: bool | None = None
    seen_alone: bool | None = None
    due_at: datetime | None = None
    referral: str | None = None
    meaning: str | None = None
    phoned: bool | None = None
    significant: bool = False


def publish(author: Person, case: Case, update: Update, also: Sequence[Case] = ()) -> Post:
    """Post to one case, or to several siblings' cases as one; answers the post in `case`.

    Every case must come from `app.access`. Raises `Invalid` with a sentence for each field.
    """
    check(update)
    words = text.clean(update.body)
    original: Post | None = None
    rows = {}
    for place in sorted({case, *also}, key=lambda each: each.id):
        row = _row(author, place, update, words, original)
        rows[place.id] = stream.append(row)
        original = original or row
        _mention(row)
    for place_id, row in rows.items():
        activity.record(author, "published", case_id=place_id, post_id=row.id)
    return rows[case.id]


def check(update: Update) -> None:
    """Whether the update has what its kind and its worry need, and no more is asked."""
    wrong = _wrong(update)
    if wrong:
        raise Invalid(**wrong)


def edit(author: Person, post: Post, body: str, meaning: str | None = None) -> None:
    """Say it better; what it said before is kept."""
    if post.author_id != author.id or post.kind not in KINDS:
        raise NotAllowed("Only the person who wrote this can change it. You can add a comment.")
    words = text.clean(body)
    line = text.line(meaning, field="meaning") or None
    for row in copies(post):
        if (row.body, row.meaning) == (words.source, line):
            continue
        db.session().add(
            PostVersion(
                post_id=row.id,
                version=row.version,
                body=row.body,
                body_html=row.body_html,
                written_at=row.edited_at or row.posted_at,
            )
        )
        row.body, row.cleaner, row.meaning = words.source, text.CLEANER, line
        row.body_html = _marked(row.body, _members_named(row))
        row.version += 1
        row.edited_at = clock.now()
        activity.record(author, "edited", case_id=row.case_id, post_id=row.id)


def withdraw(actor: Person, post: Post, reason: str) -> None:
    """Take it back everywhere: its author, or whoever leads the case, with a reason."""
    if post.author_id != actor.id and not access.may(access.may_lead(actor.id, post.case_id)):
        raise NotAllowed("Ask the author, or the lead practitioner, to withdraw this.")
    if post.kind not in KINDS:
        raise Conflict("This row is part of the case's history and stays.")
    why = text.line(reason, field="reason", needed="Say why you are withdrawing this.")
    rows = copies(post)
    for row in rows:
        row.withdrawn_at, row.withdrawn_by_id, row.withdrawn_reason = clock.now(), actor.id, why
    db.session().flush()
    for row in rows:
        stream.refresh_head(row.case_id)
    for row in rows:
        activity.record(actor, "withdrawn", case_id=row.case_id, post_id=row.id)


def copies(post: Post) -> list[Post]:
    """The same update in every sibling's stream it was posted to, this one included."""
    first = post.original_id or post.id
    return list(
        db.session().scalars(
            select(Post)
            .where(or_(Post.id == first, Post.original_id == first), Post.withdrawn_at.is_(None))
            .order_by(Post.case_id)
        )
    )


def versions(post: Post) -> list[PostVersion]:
    """What the post said before, newest first."""
    return list(
        db.session().scalars(
            select(PostVersion)
            .where(PostVersion.post_id == post.id)
            .order_by(PostVersion.version.desc())
        )
    )


def _row(
    author: Person, case: Case, update: Update, words: text.Text, original: Post | None
) -> Post:
    at = clock.now()
    return Post(
        case_id=case.id,
        original_id=original.id if original else None,
        author_id=author.id,
        agency_id=author.agency_id,
        author_role=author.role,
        kind=update.kind,
        worry=update.worry,
        body=words.source,
        body_html=words.html,
        cleaner=text.CLEANER,
        occurred_at=min(update.occurred_at or at, at),
        posted_at=at,
        significant=update.significant or update.worry in ("worried", "urgent"),
        meaning=text.line(update.meaning, field="meaning") or None,
        seen=update.seen if update.kind == "visit" else None,
        seen_alone=update.seen_alone if update.kind == "visit" and update.seen else None,
        due_at=update.due_at if update.kind in ("planned_visit", "question") else None,
        referral=text.line(update.referral, field="referral") or None,
        phoned=update.phoned if update.worry == "urgent" else None,
    )


def _wrong(update: Update) -> dict[str, str]:
    now, wrong = clock.now(), {}
    if update.kind not in KINDS:
        wrong["kind"] = "Choose what kind of update this is."
    if update.worry not in WORRIES:
        wrong["worry"] = "Choose how worried you are."
    if update.occurred_at and update.occurred_at > now + SKEW:
        wrong["occurred_at"] = "When it happened cannot be in the future."
    wrong |= _wrong_for_kind(update, now)
    if update.worry == "worried" and not (update.meaning or "").strip():
        wrong["meaning"] = "Say in one line what this means for the child."
    if update.worry == "urgent" and update.phoned is None:
        wrong["phoned"] = "Say whether you have phoned. Kith is not an emergency service."
    if not update.body.strip():
        wrong["body"] = "Write something first."
    return wrong


def _wrong_for_kind(update: Update, now: datetime) -> dict[str, str]:
    if update.kind == "visit":
        if update.seen is None:
            return {"seen": "Say whether the child was seen."}
        if update.seen and update.seen_alone is None:
            return {"seen_alone": "Say whether the child was seen alone."}
    if update.kind == "planned_visit" and (not update.due_at or update.due_at <= now):
        return {"due_at": "Say when the visit is planned, in the future."}
    if update.kind == "question" and (not update.due_at or update.due_at <= now):
        return {"due_at": "Say by when you need an answer, in the future."}
    return {}


def _mention(post: Post) -> None:
    names = _members_named(post)
    if names:
        post.body_html = _marked(post.body, names)
        db.session().add_all(Mention(post_id=post.id, person_id=each) for each in names.values())


def _members_named(post: Post) -> dict[str, int]:
    """Members of the network whose name stands after an @ in the post."""
    if "@" not in post.body:
        return {}
    members = db.session().execute(
        select(Person.name, Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.case_id == post.case_id, access.current(Membership))
    )
    said = post.body.casefold()
    return {name: person_id for name, person_id in members if f"@{name.casefold()}" in said}


def _marked(source: str, names: dict[str, int]) -> str:
    # The longest name first, or "@Ann Lee" would be marked inside "@Ann Leeson".
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    marked = re.sub(rf"@({pattern})", r"**@\1**", source, flags=re.IGNORECASE) if names else source
    return text.clean(marked, longest=2 * text.LONGEST).html
