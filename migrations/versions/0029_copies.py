"""Who took what of a case along, printed or as a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029_copies"
down_revision = "0027_measures"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "copies",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("agency_id", KEY, nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("by_words", sa.Boolean(), nullable=False),
        _to("case_id", "cases"),
        _to("person_id", "people"),
        _to("agency_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
    )
    op.create_index("ix_copies_case_id", "copies", ["case_id"])


def downgrade() -> None:
    op.drop_table("copies")


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_copies_{column}_{other}")
    )
