"""On PostgreSQL: what is newest in some cases, out of an index alone; and how many rows may match.

Where a word is common, the newest that hold it are found sooner by walking back in the cases that
are searched than by going through all that hold it. Which of the two it is to be hangs on how many
rows the database expects to find, and only EXPLAIN says that.
"""

from __future__ import annotations

from alembic import op

revision = "0024_newest_of_a_case"
down_revision = "0023_whole_drafts"

# With the number of each row in it, an index needs no row to say what is newest.
WIDER = {
    "ix_posts_case_id_posted_at": "posts (case_id, posted_at)",
    "ix_messages_conversation_id_said_at": "messages (conversation_id, said_at)",
}
COMMENTS = "comments (case_id, posted_at)"
# The matches it expects, and the rows it knows of.
EXPECTED = """
CREATE OR REPLACE FUNCTION kith_expected(noun regclass, sought tsquery) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    IF sought IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %s WHERE words @@ %L', noun, sought)
        INTO plan;
    RETURN ARRAY[
        (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint,
        (SELECT reltuples FROM pg_class WHERE oid = noun)::bigint
    ];
END
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(EXPECTED.replace(":", r"\:"))
    for name, columns in WIDER.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON {columns} INCLUDE (id)")
    op.execute(f"CREATE INDEX ix_comments_case_newest ON {COMMENTS} INCLUDE (id)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP INDEX ix_comments_case_newest")
    for name, columns in WIDER.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON {columns}")
    op.execute("DROP FUNCTION kith_expected(regclass, tsquery)")
