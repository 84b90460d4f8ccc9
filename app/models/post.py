"""One update by one person in one case, and what others made of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

KINDS = {
    "update": "Update",
    "visit": "Visit",
    "planned_visit": "Planned visit",
    "was_not_brought": "Was not brought",
    "concern": "Concern",
    "incident": "Incident",
    "missing": "Missing",
    "returned": "Returned",
    "health": "Health",
    "attendance": "Attendance",
    "meeting": "Meeting",
    "decision": "Decision",
    "question": "Question",
    "childs_words": "Child’s words",
    "working_well": "Working well",
    "disagreement": "Disagreement",
}
# Rows the system writes into the stream: nobody composes them.
SYSTEM_KINDS = {
    "status_changed": "Status changed",
    "imported": "From another system",
    "joined": "Joined",
    "left": "Left",
    "lead_changed": "New lead",
    "restricted": "For members only",
    "unrestricted": "No longer for members only",
    "break_glass": "Opened in an emergency",
    "looked_into": "Looked into",
}
# What may say that the child was seen.
SEEN_IN = ("visit", "imported")
AUDIENCES = {"network": "Everyone in the network", "named": "Only those named"}
WORRIES = {
    "none": "Not worried",
    "keep_an_eye_on": "Keep an eye on",
    "worried": "Worried",
    "urgent": "Urgent",
}


class Post(Base):
    """`occurred_at` is when it happened, `posted_at` when the network was told.

    `agency_id` and `author_role` are the author's at the time. `due_at` is when a planned visit
    is to be, or when a question wants its answer. `referral` names the referral that was made;
    a concern without one is information shared, not a referral. `phoned` answers "have you
    phoned?", asked before an urgent post. One post about several siblings is one row in each of
    their cases, all but the first naming the first as `original_id`.

    `audience` is "network", or "named": then only the author and whom `Audience` names read it,
    for `sharing_reason`. `is_known` says whether other members are told that there is something.
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        UniqueConstraint("case_id", "source_key"),
        UniqueConstraint("id", "case_id"),
        # On PostgreSQL an index leads to a row's number only if it is told to; SQLite's always do.
        Index("ix_posts_case_id_posted_at", "case_id", "posted_at", postgresql_include=["id"]),
        Index("ix_posts_case_id_kind", "case_id", "kind", "occurred_at"),
        Index("ix_posts_original_id", "original_id"),
        Index("ix_posts_kind_due_at", "kind", "due_at"),
        # Few, and each search looks through all of them that are the viewer's.
        Index(
            "ix_posts_named_author_id",
            "author_id",
            sqlite_where=text("audience = 'named'"),
            postgresql_where=text("audience = 'named'"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    original_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    author_role: Mapped[str | None]
    kind: Mapped[str]
    worry: Mapped[str] = mapped_column(default="none")
    body: Mapped[str]
    body_html: Mapped[str]
    cleaner: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    occurred_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    significant: Mapped[bool] = mapped_column(default=False)
    meaning: Mapped[str | None]
    seen: Mapped[bool | None]
    seen_alone: Mapped[bool | None]
    due_at: Mapped[datetime | None]
    referral: Mapped[str | None]
    phoned: Mapped[bool | None]
    audience: Mapped[str] = mapped_column(default="network", server_default="network")
    sharing_reason: Mapped[str | None]
    is_known: Mapped[bool] = mapped_column(default=True, server_default=true())
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_reason: Mapped[str | None]
    source: Mapped[str | None]
    source_key: Mapped[str | None]
    source_as_at: Mapped[date | None]


class Audience(Base):
    """One person, or one agency, that a post with a named audience is for."""

    __tablename__ = "audiences"
    __table_args__ = (
        Index("ix_audiences_post_id", "post_id"),
        Index("ix_audiences_person_id", "person_id", "post_id"),
        Index("ix_audiences_agency_id", "agency_id", "post_id"),
    )

    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))


class Exclusion(Base):
    """An agency whose people must not learn of a post, in the network or not."""

    __tablename__ = "exclusions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), primary_key=True)


class PostVersion(Base):
    """What a post said before an edit."""

    __tablename__ = "post_versions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    body_html: Mapped[str]
    meaning: Mapped[str | None]
    written_at: Mapped[datetime]


class Comment(Base):
    """A reply to a post. On a question, the accepted one is its answer."""

    __tablename__ = "comments"
    __table_args__ = (
        # Nothing can be attached to another case's post.
        ForeignKeyConstraint(["post_id", "case_id"], ["posts.id", "posts.case_id"]),
        Index("ix_comments_post_id", "post_id"),
    )

    id: Mapped[Id]
    post_id: Mapped[int]
    case_id: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    author_role: Mapped[str]
    body: Mapped[str]
    body_html: Mapped[str]
    posted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    accepted_at: Mapped[datetime | None]


class Acknowledgement(Base):
    """A named person has seen this and has it."""

    __tablename__ = "acknowledgements"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    acknowledged_at: Mapped[datetime]


class Mention(Base):
    __tablename__ = "mentions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class Draft(Base):
    """What somebody has typed and not yet posted; nobody else ever sees it."""

    __tablename__ = "drafts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
