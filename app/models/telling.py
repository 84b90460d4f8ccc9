"""What another system told of a child, and as at when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

# The returns that can be brought in, as a sentence names them.
SOURCES = {
    "annex-a": "Annex A",
    "cin-census": "the CIN census",
    "ssda903": "the SSDA903 return",
}


class Telling(Base):
    """What one source says of one child, beside what others say.

    `facts` are those of the child: what is shown of the child is what the newest file says.
    `history` is how the case stood by this source alone: (day, status, category, because), oldest
    first. What stands in `case_statuses` is put together from all of them.
    """

    __tablename__ = "tellings"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    as_at: Mapped[date]
    brought_in_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    history: Mapped[list[Any]] = mapped_column(JSON)
