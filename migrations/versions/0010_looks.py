"""Who saw posts of a case in a list over several cases, found by the case; nobody changes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_looks"
down_revision = "0009_need_to_know"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

REFUSED = "BEGIN SELECT RAISE(ABORT, 'the audit cannot be changed'); END"
STAY = {
    "postgresql": [
        """
        CREATE TRIGGER looks_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON looks
        FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """
    ],
    "sqlite": [
        f"CREATE TRIGGER looks_stay BEFORE UPDATE ON looks {REFUSED}",
        f"CREATE TRIGGER looks_last BEFORE DELETE ON looks {REFUSED}",
    ],
}
# The looks of the rows there are: each case that the ranges of a list name, once.
RANGES = {
    "postgresql": (
        "CROSS JOIN LATERAL json_array_elements("
        "CASE json_typeof(row.ranges) WHEN 'array' THEN row.ranges ELSE '[]' END"
        ") AS range(value) JOIN cases ON cases.id = (range.value ->> 0)::bigint"
    ),
    "sqlite": (
        "JOIN json_each(row.ranges) AS range "
        "JOIN cases ON cases.id = json_extract(range.value, '$[0]')"
    ),
}
LOOKS = """
INSERT INTO looks (case_id, person_id, at, did, how)
SELECT case_id, person_id, at, did, how FROM (
    SELECT DISTINCT row.id, cases.id AS case_id, row.person_id, row.at, row.did, row.how
    FROM audit_entries AS row {}
    WHERE (row.case_id IS NULL OR row.case_id <> cases.id)
    AND row.person_id IS NOT NULL AND row.outcome = 'shown'
) AS seen ORDER BY id, case_id
"""


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
    op.create_index("ix_audit_entries_about", "audit_entries", ["about"])
    database = op.get_bind().dialect.name
    op.execute(LOOKS.format(RANGES[database]))
    for trigger in STAY[database]:
        op.execute(trigger)
    # What was before this is not asked about now.
    op.execute(
        "INSERT INTO counters (name, value) "
        "SELECT 'reviewed', coalesce(max(id), 0) FROM audit_entries"
    )


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'reviewed'")
    op.drop_index("ix_audit_entries_about", "audit_entries")
    op.drop_table("looks")
