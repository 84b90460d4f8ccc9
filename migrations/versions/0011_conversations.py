"""Conversations: who is in them, what is said, and how far it has been read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_conversations"
down_revision = "0010_looks"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NAMED = {"conversation_id": "conversations", "message_id": "messages"}


def upgrade() -> None:
    _conversations()
    _messages()
    _places_in_them()
    _what_belongs_to_a_message()
    for column, table in NAMED.items():
        _add_reference(column, table)


def downgrade() -> None:
    for column in NAMED:
        op.drop_column("activities", column)
    op.drop_table("reactions")
    op.drop_table("message_versions")
    op.drop_table("message_mentions")
    op.drop_table("message_links")
    op.drop_table("read_marks")
    op.drop_table("participants")
    op.drop_table("messages")
    op.drop_table("conversation_heads")
    op.drop_table("conversations")


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("pair", sa.String(), nullable=True),
        sa.Column("created_by_id", KEY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_conversations_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_conversations_created_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("id", "case_id", name=op.f("uq_conversations_id_case_id")),
        sa.UniqueConstraint("pair", name=op.f("uq_conversations_pair")),
    )
    op.create_index("ix_conversations_case_id", "conversations", ["case_id"])
    op.create_index(
        "uq_conversations_of_case",
        "conversations",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'case'"),
        postgresql_where=sa.text("kind = 'case'"),
    )
    op.create_table(
        "conversation_heads",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_heads_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_heads")),
    )
    op.create_index("ix_conversation_heads_said_at", "conversation_heads", ["said_at"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("position", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        sa.Column("author_role", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("cleaner", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("reply_to_id", KEY, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_messages_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_messages_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "case_id"],
            ["conversations.id", "conversations.case_id"],
            name=op.f("fk_messages_conversation_id_case_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_messages_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_id", "conversation_id"],
            ["messages.id", "messages.conversation_id"],
            name=op.f("fk_messages_reply_to_id_conversation_id_messages"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["people.id"], name=op.f("fk_messages_withdrawn_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "conversation_id", "position", name=op.f("uq_messages_conversation_id_position")
        ),
        sa.UniqueConstraint("id", "conversation_id", name=op.f("uq_messages_id_conversation_id")),
    )
    op.create_index(
        "ix_messages_conversation_id_said_at", "messages", ["conversation_id", "said_at"]
    )
    op.create_index("ix_messages_reply_to_id", "messages", ["reply_to_id"])


def _places_in_them() -> None:
    op.create_table(
        "participants",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("added_by_id", KEY, nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("after", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["people.id"], name=op.f("fk_participants_added_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_participants_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_participants_person_id_people")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "person_id", name=op.f("pk_participants")),
    )
    op.create_index("ix_participants_person_id", "participants", ["person_id"])
    op.create_table(
        "read_marks",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("last_read", KEY, nullable=False),
        sa.Column("last_read_at", INSTANT, nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_read_marks_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_read_marks_person_id_people")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "person_id", name=op.f("pk_read_marks")),
    )
    op.create_index(op.f("ix_read_marks_person_id"), "read_marks", ["person_id"])


def _what_belongs_to_a_message() -> None:
    op.create_table(
        "message_links",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_message_links_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_links_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_message_links_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_links")),
    )
    op.create_index("ix_message_links_message_id", "message_links", ["message_id"])
    op.create_table(
        "message_mentions",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_mentions_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_message_mentions_person_id_people")
        ),
        sa.PrimaryKeyConstraint("message_id", "person_id", name=op.f("pk_message_mentions")),
    )
    op.create_index(op.f("ix_message_mentions_person_id"), "message_mentions", ["person_id"])
    op.create_table(
        "message_versions",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_versions_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("message_id", "version", name=op.f("pk_message_versions")),
    )
    op.create_table(
        "reactions",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("reacted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_reactions_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_reactions_person_id_people")
        ),
        sa.PrimaryKeyConstraint("message_id", "person_id", "reaction", name=op.f("pk_reactions")),
    )


def _add_reference(column: str, table: str) -> None:
    # What points to its activities keeps SQLite from making that table anew, as Alembic would.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    name = f"fk_activities_{column}_{table}"
    op.execute(
        f"ALTER TABLE activities ADD COLUMN {column} {kind} "
        f"CONSTRAINT {name} REFERENCES {table} (id)"
    )
