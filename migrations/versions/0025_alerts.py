"""What the monitor counts and points out, and what was decided about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_alerts"
down_revision = "0024_newest_of_a_case"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "case_counts",
        sa.Column("case_id", KEY, autoincrement=False, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("days", sa.LargeBinary(), nullable=False),
        _to("case_counts", "case_id", "cases"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_counts")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("again_at", INSTANT, nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        *(
            sa.Column(name, KEY, nullable=True)
            for name in ("window", "updates", "most_by_one", "count", "low", "high")
        ),
        sa.Column("is_young", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("lift", sa.Double(), nullable=False),
        sa.Column("band", KEY, nullable=False),
        _to("alerts", "case_id", "cases"),
        _to("alerts", "post_id", "posts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_standing",
        "alerts",
        ["case_id", "kind", "about_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_alerts_case_id", "alerts", ["case_id"])
    op.create_index("ix_alerts_opened_at", "alerts", ["opened_at"])
    op.create_index("ix_alerts_post_id", "alerts", ["post_id"])
    op.create_table(
        "alert_posts",
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        _to("alert_posts", "alert_id", "alerts"),
        _to("alert_posts", "post_id", "posts"),
        sa.PrimaryKeyConstraint("alert_id", "post_id", name=op.f("pk_alert_posts")),
    )
    op.create_index("ix_alert_posts_post_id", "alert_posts", ["post_id"])
    op.create_table(
        "alert_agencies",
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        sa.Column("days", KEY, nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        _to("alert_agencies", "alert_id", "alerts"),
        _to("alert_agencies", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("alert_id", "agency_id", name=op.f("pk_alert_agencies")),
    )
    op.create_table(
        "dispositions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        _to("dispositions", "alert_id", "alerts"),
        _to("dispositions", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
    )
    op.create_index("ix_dispositions_alert_id", "dispositions", ["alert_id"])
    op.create_table(
        "monitor_passes",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=False),
        sa.Column("reached", KEY, nullable=False),
        sa.Column("cases", KEY, nullable=False),
        sa.Column("learnt", sa.JSON(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_monitor_passes")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE listener = 'monitor'")
    for table in (
        "monitor_passes",
        "dispositions",
        "alert_agencies",
        "alert_posts",
        "alerts",
        "case_counts",
    ):
        op.drop_table(table)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
