"""Files and photos of posts: where each is kept outside the database, and under which key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_attachments"
down_revision = "0011_conversations"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("place", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("alt", sa.String(), nullable=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("preview", sa.String(), nullable=True),
        sa.Column("width", KEY, nullable=True),
        sa.Column("height", KEY, nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_attachments_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["post_id", "case_id"],
            ["posts.id", "posts.case_id"],
            name=op.f("fk_attachments_post_id_case_id_posts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_post_id", "attachments", ["post_id"])
    op.create_index("ix_attachments_file", "attachments", ["file"])
    op.create_index("ix_attachments_author_id_kept_at", "attachments", ["author_id", "kept_at"])


def downgrade() -> None:
    op.drop_table("attachments")
