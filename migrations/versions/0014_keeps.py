"""Messages that somebody wants kept as an update, and whose authors are told first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_keeps"
down_revision = "0012_attachments"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "keeps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("keeper_id", KEY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("declined_by_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_keeps_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_keeps_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["people.id"], name=op.f("fk_keeps_keeper_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["declined_by_id"], ["people.id"], name=op.f("fk_keeps_declined_by_id_people")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_keeps_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeps")),
    )
    op.create_index("ix_keeps_ended_at_due_at", "keeps", ["ended_at", "due_at"])
    op.create_table(
        "kept_messages",
        sa.Column("keep_id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["keep_id"], ["keeps.id"], name=op.f("fk_kept_messages_keep_id_keeps")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_kept_messages_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("keep_id", "message_id", name=op.f("pk_kept_messages")),
    )
    op.create_index(op.f("ix_kept_messages_message_id"), "kept_messages", ["message_id"])


def downgrade() -> None:
    op.drop_table("kept_messages")
    op.drop_table("keeps")
