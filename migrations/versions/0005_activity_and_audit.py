"""What happened, who is to be told, who looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_activity_and_audit"
down_revision = "0004_streams"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "activities",
        sa.Column("position", KEY, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["people.id"], name=op.f("fk_activities_actor_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_activities_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_activities_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_activities_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_activities")),
    )
    op.create_index(
        "ix_activities_case_id_position", "activities", ["case_id", "position"], unique=False
    )
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("activity_position", KEY, nullable=False),
        sa.Column("listener", sa.String(), nullable=False),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_position"],
            ["activities.position"],
            name=op.f("fk_deliveries_activity_position_activities"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("ranges", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_audit_entries_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_case_id_at", "audit_entries", ["case_id", "at"], unique=False)
    op.create_index(
        "ix_audit_entries_person_id_at", "audit_entries", ["person_id", "at"], unique=False
    )
    op.create_table(
        "receipts",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_receipts_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_receipts")),
    )

    op.execute("INSERT INTO counters (name, value) VALUES ('activities', 0)")


def downgrade() -> None:
    op.drop_table("receipts")
    op.drop_table("audit_entries")
    op.drop_table("deliveries")
    op.drop_table("activities")
    op.drop_table("counters")
