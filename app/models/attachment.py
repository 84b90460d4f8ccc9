"""A file or a photo that somebody gave to a post or a message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id


class Attachment(Base):
    """One file in one place. What is in it is kept outside the database, under `file`, and sealed
    with `key`; the copies of a post in siblings' cases each have a row, and share the file.

    Until it has a `post_id` or a `message_id`, nobody knows of it but who sent it. `alt` says
    what a photo shows, for those who cannot see it. A photo has a small one beside it, kept as
    `preview`, of `width` by `height`. `verdict` is what the virus check said.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        # Nothing can be attached to another case's post.
        ForeignKeyConstraint(["post_id", "case_id"], ["posts.id", "posts.case_id"]),
        Index("ix_attachments_post_id", "post_id"),
        Index("ix_attachments_message_id", "message_id"),
        Index("ix_attachments_file", "file"),
        Index("ix_attachments_author_id_kept_at", "author_id", "kept_at"),
    )

    id: Mapped[Id]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    post_id: Mapped[int | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    place: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]
    alt: Mapped[str | None]
    file: Mapped[str]
    preview: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    verdict: Mapped[str]
    kept_at: Mapped[datetime]
