"""Two children who stand here and may be one, or may be brothers and sisters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

LINKS = {"same": "The same child", "family": "Brothers and sisters"}
DECISIONS = {"linked": "Yes", "refused": "No"}


class ChildLink(Base):
    """A pair and what was decided of it; it grants nobody access and moves nothing.

    `why` holds words for how the two compare, with a blank between, and never what is compared.
    One without a decision waits for a person; one without who decided was linked by itself. Undone,
    it waits again and is never again linked by itself.
    """

    __tablename__ = "child_links"
    __table_args__ = (
        UniqueConstraint("child_id", "other_child_id", "kind"),
        CheckConstraint("child_id < other_child_id", name="in_order"),
        Index("ix_child_links_other_child_id", "other_child_id"),
    )

    id: Mapped[Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"))
    other_child_id: Mapped[int] = mapped_column(ForeignKey("children.id"))
    kind: Mapped[str]
    score: Mapped[float]
    why: Mapped[str]
    found_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    undone_at: Mapped[datetime | None]
