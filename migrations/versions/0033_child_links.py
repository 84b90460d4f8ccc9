"""Children who stand here twice, or are brothers and sisters, and what a person said of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033_child_links"
down_revision = "0032_tellings"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "child_links",
        sa.Column("id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("other_child_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("undone_by_id", KEY, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        _to("child_id", "children"),
        _to("other_child_id", "children"),
        _to("decided_by_id", "people"),
        _to("undone_by_id", "people"),
        sa.CheckConstraint("child_id < other_child_id", name=op.f("ck_child_links_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_links")),
        sa.UniqueConstraint(
            "child_id",
            "other_child_id",
            "kind",
            name=op.f("uq_child_links_child_id_other_child_id_kind"),
        ),
    )
    op.create_index("ix_child_links_other_child_id", "child_links", ["other_child_id"])


def downgrade() -> None:
    op.drop_table("child_links")


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_child_links_{column}_{other}")
    )
