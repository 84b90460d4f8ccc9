"""Saved searches, sealed; what they found, under the notice of it; and lists that were cleared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_saved_searches"
down_revision = "0020_name_keys"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NAME = "fk_notices_saved_search_id_saved_searches"


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        _to("saved_searches", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("person_id", "digest", name=op.f("uq_saved_searches_person_id_digest")),
    )
    # Both databases take the column with its reference in one statement, without a new table.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE notices ADD COLUMN saved_search_id {kind} "
        f"CONSTRAINT {NAME} REFERENCES saved_searches (id)"
    )
    op.create_index("ix_notices_saved_search_id", "notices", ["saved_search_id"])
    op.create_table(
        "finds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("comment_id", KEY, nullable=True),
        sa.Column("message_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notices.id"],
            name=op.f("fk_finds_notice_id_notices"),
            ondelete="CASCADE",
        ),
        _to("finds", "post_id", "posts"),
        _to("finds", "comment_id", "comments"),
        _to("finds", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finds")),
    )
    for column in ("notice_id", "post_id", "message_id"):
        op.create_index(f"ix_finds_{column}", "finds", [column])
    op.create_table(
        "cleared_searches",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("up_to", KEY, nullable=False),
        _to("cleared_searches", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_cleared_searches")),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('saved_searches', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'saved_searches'")
    op.execute("DELETE FROM deliveries WHERE listener = 'alerts'")
    op.drop_table("cleared_searches")
    op.drop_table("finds")
    op.execute("DELETE FROM notices WHERE reason = 'found'")
    op.execute("DELETE FROM notice_choices WHERE reason = 'found'")
    op.drop_index("ix_notices_saved_search_id", "notices")
    op.drop_column("notices", "saved_search_id")
    op.drop_table("saved_searches")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
