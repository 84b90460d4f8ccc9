"""Files and photos go with what people say to each other, too."""

from __future__ import annotations

from alembic import op

revision = "0015_message_files"
down_revision = "0014_keeps"

NAME = "fk_attachments_message_id_messages"


def upgrade() -> None:
    # Both databases take the column with its reference in one statement, without a new table.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE attachments ADD COLUMN message_id {kind} "
        f"CONSTRAINT {NAME} REFERENCES messages (id)"
    )
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"])


def downgrade() -> None:
    op.drop_index("ix_attachments_message_id", "attachments")
    op.drop_column("attachments", "message_id")
