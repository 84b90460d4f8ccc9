"""Who saw posts of a case in a list over several cases, found by the case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_looks"
down_revision = "0009_need_to_know"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_looks_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_looks_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
    )
    op.create_index("ix_looks_case_id_at", "looks", ["case_id", "at"])
    # What was before this is not asked about now.
    op.execute(
        "INSERT INTO counters (name, value) "
        "SELECT 'reviewed', coalesce(max(id), 0) FROM audit_entries"
    )


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'reviewed'")
    op.drop_table("looks")
