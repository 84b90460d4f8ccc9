"""Children, their families, and the work round each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_children_and_cases"
down_revision = "0001_people_and_agencies"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "children",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("ethnicity", sa.String(), nullable=True),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column("council_id", sa.String(), nullable=True),
        sa.Column("nhs_number", sa.String(), nullable=True),
        sa.Column("upn", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_children")),
    )
    for number in ("council_id", "nhs_number", "upn"):
        op.create_index(op.f(f"ix_children_{number}"), "children", [number], unique=False)
    op.create_table(
        "child_names",
        sa.Column("id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_child_names_child_id_children")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_names")),
    )
    op.create_index(op.f("ix_child_names_child_id"), "child_names", ["child_id"], unique=False)
    op.create_table(
        "family_links",
        sa.Column("id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("relative_child_id", KEY, nullable=True),
        sa.Column("relative_name", sa.String(), nullable=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("same_household", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_family_links_child_id_children")
        ),
        sa.ForeignKeyConstraint(
            ["relative_child_id"],
            ["children.id"],
            name=op.f("fk_family_links_relative_child_id_children"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_links")),
    )
    op.create_index(op.f("ix_family_links_child_id"), "family_links", ["child_id"], unique=False)
    op.create_index(
        op.f("ix_family_links_relative_child_id"),
        "family_links",
        ["relative_child_id"],
        unique=False,
    )
    op.create_table(
        "cases",
        sa.Column("id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("before_visit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["child_id"], ["children.id"], name=op.f("fk_cases_child_id_children")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("child_id", name=op.f("uq_cases_child_id")),
    )
    op.create_table(
        "case_heads",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_heads_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_heads")),
    )
    op.create_table(
        "case_statuses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_statuses_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["people.id"], name=op.f("fk_case_statuses_recorded_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_statuses")),
        sa.UniqueConstraint(
            "case_id", "source_key", name=op.f("uq_case_statuses_case_id_source_key")
        ),
    )
    op.create_index(
        "ix_case_statuses_case_id_since", "case_statuses", ["case_id", "since"], unique=False
    )
    op.create_table(
        "key_dates",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_key_dates_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_dates")),
    )
    op.create_index(op.f("ix_key_dates_case_id"), "key_dates", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("key_dates")
    op.drop_table("case_statuses")
    op.drop_table("case_heads")
    op.drop_table("cases")
    op.drop_table("family_links")
    op.drop_table("child_names")
    op.drop_table("children")
