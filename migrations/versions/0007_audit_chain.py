"""The audit is one chain with one head, and the database refuses to change it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007_audit_chain"
down_revision = "0006_versions_keep_the_meaning"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
START = "0" * 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 5_000

POSTGRESQL = """
CREATE OR REPLACE FUNCTION audit_follows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE audit_head
    SET place = place + 1,
        hash = encode(
            sha256(convert_to(concat(hash, ' ', place + 1, ' ', NEW.hash), 'UTF8')), 'hex'
        )
    WHERE NEW.id IS NULL OR NEW.id = place + 1
    RETURNING place, hash INTO NEW.id, NEW.hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the audit goes on at its head';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit cannot be changed';
END $$;

CREATE TRIGGER audit_entries_follow BEFORE INSERT ON audit_entries
FOR EACH ROW EXECUTE FUNCTION audit_follows();

CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE TRIGGER audit_head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

CREATE TRIGGER audit_head_moves BEFORE UPDATE ON audit_head
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_stays();
"""

REFUSED = "BEGIN SELECT RAISE(ABORT, 'the audit cannot be changed'); END"
HEAD_IS_WRONG = """
NEW.id IS NOT OLD.id OR NEW.place IS NOT OLD.place + 1
OR NEW.hash IS NOT (SELECT hash FROM audit_entries WHERE id = NEW.place)
"""
SQLITE = [
    """
    CREATE TRIGGER audit_entries_follow BEFORE INSERT ON audit_entries
    WHEN NEW.id IS NOT (SELECT place + 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'the audit goes on at its head'); END
    """,
    """
    CREATE TRIGGER audit_entries_move_head AFTER INSERT ON audit_entries
    BEGIN UPDATE audit_head SET place = NEW.id, hash = NEW.hash; END
    """,
    f"CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries {REFUSED}",
    f"CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries {REFUSED}",
    f"CREATE TRIGGER audit_head_alone BEFORE INSERT ON audit_head {REFUSED}",
    f"CREATE TRIGGER audit_head_lasts BEFORE DELETE ON audit_head {REFUSED}",
    f"CREATE TRIGGER audit_head_moves BEFORE UPDATE ON audit_head WHEN {HEAD_IS_WRONG} {REFUSED}",
]


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("why", sa.String(), nullable=True))
    op.add_column("audit_entries", sa.Column("hash", sa.String(), nullable=True))
    head = op.create_table(
        "audit_head",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("place", KEY, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    place, last = _chain_what_is_there(op.get_bind())
    op.bulk_insert(head, [{"id": 1, "place": place, "hash": last}])
    with op.batch_alter_table("audit_entries") as table:
        table.alter_column("hash", existing_type=sa.String(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_entries ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE audit_entries_id_seq")
        op.execute(POSTGRESQL)
    else:
        for trigger in SQLITE:
            op.execute(trigger)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_follows() CASCADE")
        op.execute("DROP FUNCTION audit_stays() CASCADE")
        op.execute("CREATE SEQUENCE audit_entries_id_seq OWNED BY audit_entries.id")
        op.execute(
            "SELECT setval('audit_entries_id_seq', (SELECT place + 1 FROM audit_head), false)"
        )
        op.execute(
            "ALTER TABLE audit_entries ALTER COLUMN id SET DEFAULT nextval('audit_entries_id_seq')"
        )
    op.drop_table("audit_head")
    for trigger in "follow move_head stay last".split():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER audit_entries_{trigger}")
    with op.batch_alter_table("audit_entries") as table:
        table.drop_column("hash")
        table.drop_column("why")


def _chain_what_is_there(connection: sa.Connection) -> tuple[int, str]:
    """Give each row its place and its hash, in the order of the rows; answers the end."""
    rows = sa.table(
        "audit_entries",
        *(sa.column(name) for name in "person_id did how outcome case_id about why hash".split()),
        sa.column("id", KEY),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("ranges", sa.JSON()),
    )
    said = "at person_id did how outcome case_id about ranges why".split()
    wanted = sa.select(rows.c.id, *(rows.c[name] for name in said)).order_by(rows.c.id)
    linked = (
        sa.update(rows)
        .where(rows.c.id == sa.bindparam("was"))
        .values(id=sa.bindparam("place"), hash=sa.bindparam("linked"))
    )
    place, last, after = 0, START, -(2**63)
    while found := connection.execute(wanted.where(rows.c.id > after).limit(BATCH)).all():
        changed = []
        for was, *facts in found:
            place, last = place + 1, _linked(last, place + 1, facts)
            changed.append({"was": was, "place": place, "linked": last})
        # A place is never after the number it takes the place of, so none is taken yet.
        connection.execute(linked, changed)
        after = found[-1][0]
    return place, last


def _linked(before: str, place: int, facts: list[Any]) -> str:
    at = facts[0] if facts[0].tzinfo else facts[0].replace(tzinfo=UTC)
    said = [(at - EPOCH) // timedelta(microseconds=1), *facts[1:]]
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    digest = sha256(written.encode()).hexdigest()
    return sha256(f"{before} {place} {digest}".encode()).hexdigest()
