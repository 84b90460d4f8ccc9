"""Who belongs to which network, and who follows what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_networks"
down_revision = "0002_children_and_cases"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=False),
        sa.Column("history_from", INSTANT, nullable=True),
        sa.Column("ended_by_id", KEY, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_memberships_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_memberships_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people.id"], name=op.f("fk_memberships_decided_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["people.id"], name=op.f("fk_memberships_ended_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_memberships_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(
        "ix_memberships_case_id_person_id", "memberships", ["case_id", "person_id"], unique=False
    )
    op.create_index(
        "ix_memberships_person_id_case_id", "memberships", ["person_id", "case_id"], unique=False
    )
    op.create_table(
        "follows",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("following", sa.Boolean(), nullable=False),
        sa.Column("last_read", KEY, nullable=False),
        sa.Column("last_read_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_follows_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_follows_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "case_id", name=op.f("pk_follows")),
    )
    op.create_index("ix_follows_case_id", "follows", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("follows")
    op.drop_table("memberships")
