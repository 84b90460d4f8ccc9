"""What is compared over time, and the values of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_measures"
down_revision = "0026_alert_notices"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# Noise: of attendance over a month of school, about one day; of the SDQ, from its published
# reliability (.85, standard deviation about 6); of a scale, one step. The last two move by
# measuring alone by a few centiles.
BROUGHT_ALONG = [
    {
        "key": "safety_scale",
        "name": "Safety scale",
        "about": "0 is not safe at all, 10 is safe enough to close.",
        "unit": " of 10",
        "better": "up",
        "lowest": 0,
        "highest": 10,
        "step": 1,
        "threshold": None,
        "threshold_means": None,
        "noise": 1.0,
        "counts_kind": None,
        "place": 1,
    },
    {
        "key": "attendance",
        "name": "School attendance",
        "about": "Sessions attended of those possible.",
        "unit": "%",
        "better": "up",
        "lowest": 0,
        "highest": 100,
        "step": 0.1,
        "threshold": 90,
        "threshold_means": "below this a child is persistently absent",
        "noise": 4.0,
        "counts_kind": None,
        "place": 2,
    },
    {
        "key": "sdq_total",
        "name": "Strengths and difficulties (SDQ)",
        "about": "Total difficulties, 0 to 40.",
        "unit": " of 40",
        "better": "down",
        "lowest": 0,
        "highest": 40,
        "step": 1,
        "threshold": 20,
        "threshold_means": "very high from here on",
        "noise": 2.3,
        "counts_kind": None,
        "place": 3,
    },
    {
        "key": "graded_care",
        "name": "Graded care",
        "about": "1 is best, 5 is worst: the whole profile in one number.",
        "unit": " of 5",
        "better": "down",
        "lowest": 1,
        "highest": 5,
        "step": 1,
        "threshold": None,
        "threshold_means": None,
        "noise": 0.7,
        "counts_kind": None,
        "place": 4,
    },
    {
        "key": "missing_episodes",
        "name": "Times missing",
        "about": "Times reported missing in a month.",
        "unit": "",
        "better": "down",
        "lowest": 0,
        "highest": None,
        "step": 1,
        "threshold": None,
        "threshold_means": None,
        "noise": 0.0,
        "counts_kind": "missing",
        "place": 5,
    },
    {
        "key": "weight_centile",
        "name": "Weight centile",
        "about": "A plain number: no way is better by itself.",
        "unit": "",
        "better": "neither",
        "lowest": 0,
        "highest": 100,
        "step": 0.1,
        "threshold": None,
        "threshold_means": None,
        "noise": 5.0,
        "counts_kind": None,
        "place": 6,
    },
    {
        "key": "height_centile",
        "name": "Height centile",
        "about": "A plain number: no way is better by itself.",
        "unit": "",
        "better": "neither",
        "lowest": 0,
        "highest": 100,
        "step": 0.1,
        "threshold": None,
        "threshold_means": None,
        "noise": 5.0,
        "counts_kind": None,
        "place": 7,
    },
]


def upgrade() -> None:
    measures = op.create_table(
        "measures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("better", sa.String(), nullable=False),
        sa.Column("lowest", sa.Double(), nullable=True),
        sa.Column("highest", sa.Double(), nullable=True),
        sa.Column("step", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("threshold_means", sa.String(), nullable=True),
        sa.Column("noise", sa.Double(), nullable=False),
        sa.Column("counts_kind", sa.String(), nullable=True),
        sa.Column("place", KEY, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("key", name=op.f("uq_measures_key")),
    )
    op.create_table(
        "readings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("measure_id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.Column("agency_id", KEY, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", KEY, nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("source_as_at", sa.Date(), nullable=True),
        _to("case_id", "cases"),
        _to("measure_id", "measures"),
        _to("recorded_by_id", "people"),
        _to("agency_id", "agencies"),
        _to("withdrawn_by_id", "people"),
        sa.ForeignKeyConstraint(
            ["post_id", "case_id"],
            ["posts.id", "posts.case_id"],
            name=op.f("fk_readings_post_id_case_id_posts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("case_id", "source_key", name=op.f("uq_readings_case_id_source_key")),
    )
    op.create_index(
        "ix_readings_case_id_measure_id", "readings", ["case_id", "measure_id", "read_on"]
    )
    op.create_index("ix_readings_post_id", "readings", ["post_id"])
    op.bulk_insert(measures, BROUGHT_ALONG)


def downgrade() -> None:
    op.drop_table("readings")
    op.drop_table("measures")


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_readings_{column}_{other}")
    )
