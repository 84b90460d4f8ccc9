"""What each source told of a child, beside what others tell; and by what a key date is known again.

The status history of a case is put together from what all sources told. So what has been brought
in already is kept as told by its source.
"""

from __future__ import annotations

from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0032_tellings"
down_revision = "0030_ties"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
BROUGHT_IN = """
SELECT case_id, source, source_key, since, status, category, recorded_at,
       (SELECT MAX(source_as_at) FROM posts
        WHERE posts.case_id = case_statuses.case_id
          AND posts.source = case_statuses.source) AS as_at
FROM case_statuses
WHERE source IS NOT NULL
ORDER BY case_id, source, since, id
"""


def upgrade() -> None:
    tellings = op.create_table(
        "tellings",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("brought_in_at", INSTANT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tellings_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "source", name=op.f("pk_tellings")),
    )
    lines = op.get_bind().execute(_brought_in()).all()
    for (case_id, source), each in groupby(lines, lambda line: (line.case_id, line.source)):
        told = list(each)
        op.bulk_insert(
            tellings,
            [
                {
                    "case_id": case_id,
                    "source": source,
                    "as_at": told[0].as_at or told[-1].since,
                    "brought_in_at": max(line.recorded_at for line in told),
                    "facts": {},
                    "history": [_line(line) for line in told],
                }
            ],
        )
    with op.batch_alter_table("key_dates") as table:
        table.add_column(sa.Column("source", sa.String(), nullable=True))
        table.add_column(sa.Column("source_key", sa.String(), nullable=True))
        table.create_unique_constraint(
            op.f("uq_key_dates_case_id_source_key"), ["case_id", "source_key"]
        )


def downgrade() -> None:
    with op.batch_alter_table("key_dates") as table:
        table.drop_constraint(op.f("uq_key_dates_case_id_source_key"), type_="unique")
        table.drop_column("source_key")
        table.drop_column("source")
    op.drop_table("tellings")


def _brought_in() -> sa.TextualSelect:
    return sa.text(BROUGHT_IN).columns(
        since=sa.Date(), recorded_at=sa.DateTime(timezone=True), as_at=sa.Date()
    )


def _line(line: sa.Row[tuple[object, ...]]) -> list[str | None]:
    because = line.source_key.removeprefix("status:")
    return [line.since.isoformat(), line.status, line.category, because]
