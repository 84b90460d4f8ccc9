"""Posts and what others made of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_streams"
down_revision = "0003_networks"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "posts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("original_id", KEY, nullable=True),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("agency_id", KEY, nullable=True),
        sa.Column("author_role", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("worry", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("cleaner", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=True),
        sa.Column("significant", sa.Boolean(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=True),
        sa.Column("seen_alone", sa.Boolean(), nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("referral", sa.String(), nullable=True),
        sa.Column("phoned", sa.Boolean(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", KEY, nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("source_as_at", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_posts_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_posts_author_id_people")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_posts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["original_id"], ["posts.id"], name=op.f("fk_posts_original_id_posts")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["people.id"], name=op.f("fk_posts_withdrawn_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_posts_case_id_position")),
        sa.UniqueConstraint("case_id", "source_key", name=op.f("uq_posts_case_id_source_key")),
        sa.UniqueConstraint("id", "case_id", name=op.f("uq_posts_id_case_id")),
    )
    op.create_index(
        "ix_posts_case_id_kind", "posts", ["case_id", "kind", "occurred_at"], unique=False
    )
    op.create_index("ix_posts_case_id_posted_at", "posts", ["case_id", "posted_at"], unique=False)
    op.create_index("ix_posts_original_id", "posts", ["original_id"], unique=False)
    op.create_table(
        "post_versions",
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_versions_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("post_id", "version", name=op.f("pk_post_versions")),
    )
    op.create_table(
        "comments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        sa.Column("author_role", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_comments_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_comments_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["post_id", "case_id"],
            ["posts.id", "posts.case_id"],
            name=op.f("fk_comments_post_id_case_id_posts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_post_id", "comments", ["post_id"], unique=False)
    op.create_table(
        "acknowledgements",
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("acknowledged_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_acknowledgements_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_acknowledgements_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_acknowledgements")),
    )
    op.create_table(
        "mentions",
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mentions_person_id_people")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_mentions_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_person_id"), "mentions", ["person_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_drafts_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "case_id", name=op.f("pk_drafts")),
    )


def downgrade() -> None:
    op.drop_table("drafts")
    op.drop_table("mentions")
    op.drop_table("acknowledgements")
    op.drop_table("comments")
    op.drop_table("post_versions")
    op.drop_table("posts")
