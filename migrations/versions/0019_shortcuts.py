"""Whether a single key does something on the pages, as each person chooses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_shortcuts"
down_revision = "0018_message_drafts"


def upgrade() -> None:
    op.add_column(
        "people", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("people", "shortcuts")
