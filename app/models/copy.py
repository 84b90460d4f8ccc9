"""What somebody took along of a case: printed, or kept as a file."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id

# What can be taken along, and in which forms.
COPIES = {"chronology": "Chronology", "record": "Whole record"}
FORMS = {
    "print": "printed",
    "csv": "kept as CSV",
    "docx": "kept as a Word document (DOCX)",
    "json": "kept as JSON",
}


class Copy(Base):
    """Who took what of a case out of Kith, and when.

    The filter is kept but for the words somebody looked for: `by_words` says that there were
    some. How much it held is kept nowhere, for that would tell others of what they do not read.
    """

    __tablename__ = "copies"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    what: Mapped[str]
    form: Mapped[str]
    made_at: Mapped[datetime]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    kind: Mapped[str | None]
    everything: Mapped[bool] = mapped_column(default=False)
    by_words: Mapped[bool] = mapped_column(default=False)
