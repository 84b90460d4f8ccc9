"""The child, by the names and numbers different services know them by, and their family."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, cast, false
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement, func

from app.core.db import Base, Id
from app.models.name_key import NameKey, unkeyed

# As the children in need census has them.
ETHNICITIES = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy/Roma",
    "WOTH": "Any other White background",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "Any other Asian background",
    "BCRB": "Caribbean",
    "BAFR": "African",
    "BOTH": "Any other Black background",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Information not yet obtained",
}


# How close somebody is to the child, and whether they may be turned to.
STRENGTHS = {"strong": "Strong", "ordinary": "Ordinary", "weak": "Weak"}
CONTACTS = {
    "ordinary": "Nothing stands against it",
    "supervised": "Supervised only",
    "none": "Must not be contacted",
}


class Child(Base):
    """A child or young person; `expected_on` stands in for a birth date before birth.

    `keyed_name` is the name there are keys of: another one than `name` until they are made anew.
    Statutory returns carry no names: such a child is shown by council number until named. The
    same number may stand on two rows: to refuse the second would tell whoever typed it that
    there is a case they do not see.
    """

    __tablename__ = "children"
    __table_args__ = (unkeyed("children"),)

    id: Mapped[Id]
    name: Mapped[str | None]
    keyed_name: Mapped[str | None]
    born_on: Mapped[date | None] = mapped_column(index=True)
    expected_on: Mapped[date | None]
    gender: Mapped[str | None]
    ethnicity: Mapped[str | None]
    school: Mapped[str | None]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    council_id: Mapped[str | None] = mapped_column(index=True)
    nhs_number: Mapped[str | None] = mapped_column(index=True)
    upn: Mapped[str | None] = mapped_column(index=True)

    @hybrid_property
    def label(self) -> str:
        return self.name or f"Child {self.council_id or self.id}"

    @label.inplace.expression
    @classmethod
    def _label(cls) -> ColumnElement[str]:
        return func.coalesce(
            cls.name, "Child " + func.coalesce(cls.council_id, cast(cls.id, String))
        )


class ChildName(Base):
    """Another name the child is or was known by."""

    __tablename__ = "child_names"
    __table_args__ = (unkeyed("child_names"),)

    id: Mapped[Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    name: Mapped[str]
    keyed_name: Mapped[str | None]


class FamilyLink(Base):
    """How a child is related to another child, or to an adult; it grants nobody access.

    Read as "the relative is the child's `relation`": mother, brother, mother's partner. The
    `strength` of the tie is none while nobody has said. Where `contact` is limited,
    `contact_reason` says why and `said_by` who said so: a court, the police, a social worker.
    """

    __tablename__ = "family_links"
    __table_args__ = (unkeyed("family_links", "relative_name"),)

    id: Mapped[Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("children.id"), index=True)
    relative_child_id: Mapped[int | None] = mapped_column(ForeignKey("children.id"), index=True)
    relative_name: Mapped[str | None]
    keyed_name: Mapped[str | None]
    relation: Mapped[str]
    same_household: Mapped[bool] = mapped_column(default=False)
    strength: Mapped[str | None]
    is_stressful: Mapped[bool] = mapped_column(default=False, server_default=false())
    contact: Mapped[str] = mapped_column(default="ordinary", server_default="ordinary")
    contact_reason: Mapped[str | None]
    said_by: Mapped[str | None]
    has_died: Mapped[bool] = mapped_column(default=False, server_default=false())


class ChildKey(NameKey, Base):
    __tablename__ = "child_keys"

    owner_id: Mapped[int] = mapped_column(
        ForeignKey("children.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ChildNameKey(NameKey, Base):
    __tablename__ = "child_name_keys"

    owner_id: Mapped[int] = mapped_column(
        ForeignKey("child_names.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RelativeKey(NameKey, Base):
    __tablename__ = "relative_keys"

    owner_id: Mapped[int] = mapped_column(
        ForeignKey("family_links.id", ondelete="CASCADE"), primary_key=True, index=True
    )
