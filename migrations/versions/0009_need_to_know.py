"""Who needs to know: audiences, ends, restriction, conflicts, emergencies, requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009_need_to_know"
down_revision = "0008_second_factors"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
YEAR = timedelta(days=365)


def upgrade() -> None:
    _end_memberships()
    _narrow_posts()
    op.add_column("children", sa.Column("address", sa.String(), nullable=True))
    op.add_column("children", sa.Column("postcode", sa.String(), nullable=True))
    op.create_index("ix_children_born_on", "children", ["born_on"])
    _keep_apart("restrictions", "decided_by_id")
    _keep_apart("conflicts", "declared_by_id", "person_id")
    op.create_index("ix_restrictions_case_id", "restrictions", ["case_id"])
    op.create_index("ix_conflicts_case_id_person_id", "conflicts", ["case_id", "person_id"])
    op.create_index("ix_conflicts_person_id", "conflicts", ["person_id"])
    _emergencies()
    _look_ups()
    _reviews()


def downgrade() -> None:
    for name in ("reviews", "look_ups", "break_glass", "conflicts", "restrictions"):
        op.drop_table(name)
    op.drop_index("ix_children_born_on", "children")
    op.drop_column("children", "postcode")
    op.drop_column("children", "address")
    op.drop_table("exclusions")
    op.drop_table("audiences")
    for column in ("is_known", "sharing_reason", "audience"):
        op.drop_column("posts", column)
    with op.batch_alter_table("memberships") as table:
        table.drop_constraint("fk_memberships_renewed_by_id_people", type_="foreignkey")
        table.drop_column("renewed_reason")
        table.drop_column("renewed_by_id")
        table.drop_column("renewed_at")
        table.drop_column("legal_basis")
        table.alter_column("until_at", existing_type=INSTANT, nullable=True)


def _end_memberships() -> None:
    # Nobody loses a case overnight: who is a member today has a year to be renewed.
    memberships = sa.table("memberships", sa.column("until_at", INSTANT))
    op.execute(
        memberships.update()
        .where(memberships.c.until_at.is_(None))
        .values(until_at=datetime.now(UTC) + YEAR)
    )
    with op.batch_alter_table("memberships") as table:
        table.alter_column("until_at", existing_type=INSTANT, nullable=False)
        table.add_column(
            sa.Column("legal_basis", sa.String(), nullable=False, server_default="public_task")
        )
        table.add_column(sa.Column("renewed_at", INSTANT, nullable=True))
        table.add_column(sa.Column("renewed_by_id", KEY, nullable=True))
        table.add_column(sa.Column("renewed_reason", sa.String(), nullable=True))
        table.create_foreign_key(
            op.f("fk_memberships_renewed_by_id_people"), "people", ["renewed_by_id"], ["id"]
        )
    with op.batch_alter_table("memberships") as table:
        table.alter_column("legal_basis", existing_type=sa.String(), server_default=None)


def _narrow_posts() -> None:
    op.add_column(
        "posts", sa.Column("audience", sa.String(), nullable=False, server_default="network")
    )
    op.add_column("posts", sa.Column("sharing_reason", sa.String(), nullable=True))
    op.add_column(
        "posts", sa.Column("is_known", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_table(
        "audiences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("agency_id", KEY, nullable=True),
        _to("audiences", "post_id", "posts"),
        _to("audiences", "person_id", "people"),
        _to("audiences", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
    )
    op.create_index("ix_audiences_post_id", "audiences", ["post_id"])
    op.create_table(
        "exclusions",
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        _to("exclusions", "post_id", "posts"),
        _to("exclusions", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("post_id", "agency_id", name=op.f("pk_exclusions")),
    )


def _keep_apart(table: str, decider: str, *people: str) -> None:
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in people),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(decider, KEY, nullable=False),
        sa.Column("ended_by_id", KEY, nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        _to(table, "case_id", "cases"),
        *(_to(table, name, "people") for name in (*people, decider, "ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _emergencies() -> None:
    op.create_table(
        "break_glass",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("emergency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("approved_by_id", KEY, nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        _to("break_glass", "person_id", "people"),
        _to("break_glass", "case_id", "cases"),
        _to("break_glass", "approved_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
        sa.UniqueConstraint("reference", name=op.f("uq_break_glass_reference")),
    )
    op.create_index("ix_break_glass_person_id_case_id", "break_glass", ["person_id", "case_id"])
    op.create_index("ix_break_glass_case_id", "break_glass", ["case_id"])


def _look_ups() -> None:
    op.create_table(
        "look_ups",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by_id", KEY, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        _to("look_ups", "person_id", "people"),
        _to("look_ups", "case_id", "cases"),
        _to("look_ups", "answered_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_ups")),
    )
    op.create_index("ix_look_ups_person_id_asked_at", "look_ups", ["person_id", "asked_at"])
    op.create_index("ix_look_ups_case_id", "look_ups", ["case_id"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("break_glass_id", KEY, nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("reviewed_by_id", KEY, nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        _to("reviews", "person_id", "people"),
        _to("reviews", "case_id", "cases"),
        _to("reviews", "break_glass_id", "break_glass"),
        _to("reviews", "reviewed_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("reference", name=op.f("uq_reviews_reference")),
    )
    op.create_index("ix_reviews_person_id", "reviews", ["person_id"])
    op.create_index("ix_reviews_outcome_due_at", "reviews", ["outcome", "due_at"])


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
