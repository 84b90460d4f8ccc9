"""Drafts of messages: what somebody has typed in a conversation and not yet sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_message_drafts"
down_revision = "0017_search"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_drafts",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_message_drafts_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_message_drafts_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("person_id", "conversation_id", name=op.f("pk_message_drafts")),
    )


def downgrade() -> None:
    op.drop_table("message_drafts")
