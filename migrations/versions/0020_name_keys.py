"""Names: the keys they are found by, and of which name each row has them.

There are none yet: whoever serves Kith, or upgrades its database, makes them after this.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_name_keys"
down_revision = "0019_shortcuts"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# The tables that have names, the column they stand in, and where the keys are kept.
NAMED = (
    ("children", "name", "child_keys"),
    ("child_names", "name", "child_name_keys"),
    ("family_links", "relative_name", "relative_keys"),
    ("people", "name", "person_keys"),
)


def upgrade() -> None:
    for table, name, keys in NAMED:
        op.add_column(table, sa.Column("keyed_name", sa.String(), nullable=True))
        unkeyed = sa.column(name).is_distinct_from(sa.column("keyed_name"))
        op.create_index(
            f"ix_{table}_unkeyed", table, ["id"], sqlite_where=unkeyed, postgresql_where=unkeyed
        )
        op.create_table(
            keys,
            sa.Column("key", sa.String(), nullable=False),
            sa.Column("owner_id", KEY, nullable=False),
            sa.ForeignKeyConstraint(
                ["owner_id"],
                [f"{table}.id"],
                name=op.f(f"fk_{keys}_owner_id_{table}"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("key", "owner_id", name=op.f(f"pk_{keys}")),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{keys}_owner_id", keys, ["owner_id"])
    rules = op.create_table(
        "name_rules",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_rules")),
    )
    op.bulk_insert(rules, [{"id": 1, "digest": ""}])


def downgrade() -> None:
    op.drop_table("name_rules")
    for table, _, keys in reversed(NAMED):
        op.drop_table(keys)
        op.drop_index(f"ix_{table}_unkeyed", table)
        op.drop_column(table, "keyed_name")
