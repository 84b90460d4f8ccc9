"""Telling the network round a child: publish, edit, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, delete, or_, select

from app import access, activity, attachments, stream
from app.core import clock, db, mentions, text
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
from feeds import audiences

# Clocks on phones differ; a minute or two ahead is not a claim about the future.
SKEW = timedelta(minutes=5)
# A slip of the year, not a day anybody means: a childhood back, two years ahead.
LONG_AGO = timedelta(days=30 * 365)
FAR_AHEAD = timedelta(days=2 * 365)

DUE = {
    "planned_visit": "Say when the visit is planned, in the future.",
    "question": "Say by when you need an answer, in the future.",
}
MEANTIME = "This was changed in the meantime. What you typed is kept below: compare and save again."
MEANING_NEEDED = "Say in one line what this means for the child."


@dataclass(frozen=True)
class Update:
    """What somebody wants to tell; see `Post` for what each field means.

    `people` and `agencies` are those a "named" audience names, `excluded` the agencies that must
    not learn of it. `attachments` are files its author has sent before, `alt` what the photos
    among them show.
    """

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
    audience: str = "network"
    people: tuple[int, ...] = ()
    agencies: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    sharing_reason: str | None = None
    is_known: bool = True
    attachments: tuple[int, ...] = ()
    alt: str | None = None


def publish(author: Person, case: Case, update: Update, also: Sequence[Case] = ()) -> Post:
    """Post to one case, or to several siblings' cases as one; answers the post in `case`.

    Every case must come from `app.access`. Raises `Invalid` with a sentence for each field.
    """
    check(update)
    words = text.clean(update.body)
    at = clock.now()
    places = sorted({place.id for place in (case, *also)})
    there = audiences.must_hold(author, update, places)
    original: Post | None = None
    rows = {}
    for place_id in places:
        row = _row(author, place_id, update, words, original, at)
        rows[place_id] = stream.append(row)
        original = original or row
        audiences.keep(row, update, there)
        _mention(row)
    attachments.attach(author, case, list(rows.values()), update.attachments, update.alt)
    for place_id, row in rows.items():
        activity.record(author, "published", case_id=place_id, post_id=row.id)
    return rows[case.id]


def check(update: Update) -> None:
    """Whether the update has what its kind and its worry need, and no more is asked."""
    wrong = _wrong(update)
    if wrong:
        raise Invalid(**wrong)


def edit(
    author: Person,
    post: Post,
    body: str,
    meaning: str | None = None,
    *,
    version: int | None = None,
) -> bool:
    """Say it better, all of it anew; what it said before is kept. Answers whether it differs.

    It changes in every sibling's stream in which its author reads it now, and in no other.
    With the `version` it was made from, an edit never goes over a newer one: `Conflict`.
    """
    if post.author_id != author.id or post.kind not in KINDS:
        raise NotAllowed("Only the person who wrote this can change it. You can add a comment.")
    words = text.clean(body)
    line = text.line(meaning, field="meaning") or None
    if post.worry == "worried" and not line:
        raise Invalid(meaning=MEANING_NEEDED)
    hers = _held(post, access.reads_post(author.id, Post))
    rows = [row for row in hers if (row.body, row.meaning) != (words.source, line)]
    if version is not None and any(row.version != version for row in rows if row.id == post.id):
        raise Conflict(MEANTIME)
    for row in rows:
        db.session().add(
            PostVersion(
                post_id=row.id,
                version=row.version,
                body=row.body,
                body_html=row.body_html,
                meaning=row.meaning,
                written_at=row.edited_at or row.posted_at,
            )
        )
        row.body, row.body_html, row.cleaner = words.source, words.html, text.CLEANER
        row.meaning = line
        row.version += 1
        row.edited_at = clock.now()
        db.session().execute(delete(Mention).where(Mention.post_id == row.id))
        _mention(row)
        activity.record(author, "edited", case_id=row.case_id, post_id=row.id)
    return bool(rows)


def withdraw(actor: Person, post: Post, reason: str) -> None:
    """Take it back, with a reason: its author, or whoever leads the case.

    It goes from every sibling's stream from which they could take it back one by one.
    """
    if post.author_id != actor.id and not access.may(access.may_lead(actor.id, post.case_id)):
        raise NotAllowed("Ask the author, or the lead practitioner, to withdraw this.")
    if post.kind not in KINDS:
        raise Conflict("This row is part of the case's history and stays.")
    why = text.line(reason, field="reason", needed="Say why you are withdrawing this.")
    rows = _held(post, or_(Post.id == post.id, _may_take_back(actor)))
    for row in rows:
        row.withdrawn_at, row.withdrawn_by_id, row.withdrawn_reason = clock.now(), actor.id, why
    db.session().flush()
    for row in rows:
        stream.refresh_head(row.case_id)
    for row in rows:
        activity.record(actor, "withdrawn", case_id=row.case_id, post_id=row.id)


def copies(post: Post) -> list[Post]:
    """The same update in every sibling's stream it was posted to, this one included."""
    return list(db.session().scalars(_copies(post)))


def taken_back_with(actor: Person, post: Post) -> list[int]:
    """Which copies in siblings' streams go too when she withdraws the post, by number."""
    rows = _copies(post).where(Post.id != post.id, _may_take_back(actor))
    return [copy.id for copy in db.session().scalars(rows)]


def _may_take_back(actor: Person) -> ColumnElement[bool]:
    return and_(
        access.reads_post(actor.id, Post),
        or_(Post.author_id == actor.id, access.may_lead(actor.id, Post.case_id)),
    )


def _held(post: Post, only: ColumnElement[bool]) -> list[Post]:
    # Two who change the same post take turns, and each from what the other left.
    query = _copies(post).where(only).with_for_update().execution_options(populate_existing=True)
    return list(db.session().scalars(query))


def _copies(post: Post) -> Select[Post]:
    first = post.original_id or post.id
    return (
        select(Post)
        .where(or_(Post.id == first, Post.original_id == first), Post.withdrawn_at.is_(None))
        .order_by(Post.case_id)
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
    author: Person,
    case_id: int,
    update: Update,
    words: text.Text,
    original: Post | None,
    at: datetime,
) -> Post:
    return Post(
        case_id=case_id,
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
        audience=update.audience,
        sharing_reason=_sharing_reason(update),
        is_known=update.is_known or update.audience == "network",
    )


def _sharing_reason(update: Update) -> str | None:
    if not audiences.is_narrowed(update):
        return None
    return text.line(update.sharing_reason, field="sharing_reason", needed=audiences.WHY)


def _wrong(update: Update) -> dict[str, str]:
    now, wrong = clock.now(), {}
    if update.kind not in KINDS:
        wrong["kind"] = "Choose what kind of update this is."
    if update.worry not in WORRIES:
        wrong["worry"] = "Choose how worried you are."
    if update.occurred_at and update.occurred_at > now + SKEW:
        wrong["occurred_at"] = "When it happened cannot be in the future."
    if update.occurred_at and update.occurred_at < now - LONG_AGO:
        wrong["occurred_at"] = "That is too long ago. Check the year."
    wrong |= _wrong_for_kind(update, now)
    if update.worry == "worried" and not (update.meaning or "").strip():
        wrong["meaning"] = MEANING_NEEDED
    if update.worry == "urgent" and update.phoned is None:
        wrong["phoned"] = "Say whether you have phoned. Kith is not an emergency service."
    if not update.body.strip():
        wrong["body"] = "Write something first."
    return wrong | audiences.wrong(update)


def _wrong_for_kind(update: Update, now: datetime) -> dict[str, str]:
    if update.kind == "visit":
        if update.seen is None:
            return {"seen": "Say whether the child was seen."}
        if update.seen and update.seen_alone is None:
            return {"seen_alone": "Say whether the child was seen alone."}
    if update.kind in DUE:
        if not update.due_at or update.due_at <= now:
            return {"due_at": DUE[update.kind]}
        if update.due_at > now + FAR_AHEAD:
            return {"due_at": "That is too far ahead. Check the year."}
    return {}


def _mention(post: Post) -> None:
    """Mark and keep the members who read the post and whose name stands after an @ in it."""
    if "@" not in post.body:
        return
    members: dict[str, set[int]] = {}
    for name, person_id in _readers(post):
        members.setdefault(name.casefold(), set()).add(person_id)
    if not members:
        return
    named = set().union(*(members.get(name, set()) for name in mentions.of(post.body, members)))
    marked = mentions.marked(post.body, members)
    post.body_html = text.clean(marked, longest=len(marked)).html
    db.session().add_all(Mention(post_id=post.id, person_id=each) for each in named)


def _readers(post: Post) -> Sequence[Row[str, int]]:
    return (
        db.session()
        .execute(
            select(Person.name, Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.case_id == post.case_id,
                access.current(Membership),
                access.reads_post(Person, post),
            )
        )
        .all()
    )
