"""What names are found by, kept beside them: see `search/name_keys.py`."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, column
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id


class NameKey:
    """One key of one name; it goes with the row it is of."""

    __table_args__: ClassVar = {"sqlite_with_rowid": False}

    key: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]


class NameRules(Base):
    """By which rules the keys were made: one row."""

    __tablename__ = "name_rules"

    id: Mapped[Id]
    digest: Mapped[str]


def unkeyed(table: str, name: str = "name") -> Index:
    """The index that knows which names have no keys, or keys of what they were before."""
    is_unkeyed = column(name).is_distinct_from(column("keyed_name"))
    return Index(f"ix_{table}_unkeyed", "id", sqlite_where=is_unkeyed, postgresql_where=is_unkeyed)
