"""What a post meant for the child, kept with what it said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_versions_keep_the_meaning"
down_revision = "0005_activity_and_audit"


def upgrade() -> None:
    op.add_column("post_versions", sa.Column("meaning", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("post_versions") as table:
        table.drop_column("meaning")
