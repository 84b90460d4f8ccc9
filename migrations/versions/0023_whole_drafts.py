"""Drafts of messages know what they answer; and notices are found by their conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_whole_drafts"
down_revision = "0022_where_one_reads"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "fk_message_drafts_reply_to_id_messages"


def upgrade() -> None:
    # Both databases take the column with its reference in one statement, without a new table.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE message_drafts ADD COLUMN reply_to_id {kind} "
        f"CONSTRAINT {NAME} REFERENCES messages (id)"
    )
    op.add_column("message_drafts", sa.Column("files", KEY, nullable=False, server_default="0"))
    op.create_index("ix_notices_conversation_id", "notices", ["conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_notices_conversation_id", "notices")
    op.drop_column("message_drafts", "files")
    op.drop_column("message_drafts", "reply_to_id")
