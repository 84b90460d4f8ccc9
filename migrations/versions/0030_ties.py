"""How the tie between a child and a relative is, and whether they may be contacted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_ties"
down_revision = "0029_copies"

ADDED = ("strength", "is_stressful", "contact", "contact_reason", "said_by", "has_died")


def upgrade() -> None:
    for column in (
        sa.Column("strength", sa.String(), nullable=True),
        sa.Column("is_stressful", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("contact", sa.String(), server_default="ordinary", nullable=False),
        sa.Column("contact_reason", sa.String(), nullable=True),
        sa.Column("said_by", sa.String(), nullable=True),
        sa.Column("has_died", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("family_links", column)


def downgrade() -> None:
    with op.batch_alter_table("family_links") as links:
        for name in reversed(ADDED):
            links.drop_column(name)
