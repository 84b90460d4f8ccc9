"""Indexes that lead from a person to what they see: their networks, and what names them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_where_one_reads"
down_revision = "0021_saved_searches"

NETWORKS = "ix_memberships_person_id_case_id"
NAMED = sa.text("audience = 'named'")


def upgrade() -> None:
    op.drop_index(NETWORKS, "memberships")
    op.create_index(NETWORKS, "memberships", ["person_id", "case_id", "from_at", "until_at"])
    op.create_index("ix_audiences_person_id", "audiences", ["person_id", "post_id"])
    op.create_index("ix_audiences_agency_id", "audiences", ["agency_id", "post_id"])
    op.drop_index("ix_posts_named", "posts")
    op.create_index(
        "ix_posts_named_author_id",
        "posts",
        ["author_id"],
        sqlite_where=NAMED,
        postgresql_where=NAMED,
    )


def downgrade() -> None:
    op.drop_index("ix_posts_named_author_id", "posts")
    op.create_index(
        "ix_posts_named", "posts", ["case_id"], sqlite_where=NAMED, postgresql_where=NAMED
    )
    op.drop_index("ix_audiences_agency_id", "audiences")
    op.drop_index("ix_audiences_person_id", "audiences")
    op.drop_index(NETWORKS, "memberships")
    op.create_index(NETWORKS, "memberships", ["person_id", "case_id"])
