"""Search: what was looked for, sealed; and on PostgreSQL the words of what people wrote.

PostgreSQL itself keeps the words of each row beside it, so that no row is ever without them. They
are made as `search/words.py` makes them, for which no extension is needed. Adding them writes
the four tables anew and holds them for that long: a minute or two for a million rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_search"
down_revision = "0016_notices"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Without a list of words too common to keep: "no further action" is not "action".
CONFIGURATION = [
    "CREATE TEXT SEARCH DICTIONARY kith_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION kith (COPY = pg_catalog.simple)",
    "ALTER TEXT SEARCH CONFIGURATION kith ALTER MAPPING REPLACE simple WITH kith_stem",
]

MARKS = r"[\u0300-\u036f]+"
APOSTROPHES = r"['`´ʼ‘’](s(?![a-z0-9]))?"
BETWEEN = (
    r"[\u0001-/:-`{-\u00bf×÷\u02b0-\u036f\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f"
    r"\ue000-\uf8ff\ufe00-\ufe6f\ufff0-\uffff\U0001f000-\U0001faff]+"
)
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
# Bodies that are read when they are made: they hold whatever the search path is, in a dump too.
FUNCTIONS = [
    f"""
    CREATE FUNCTION kith_words(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(regexp_replace(translate(
        {"replace(" * len(LETTERS)}
            lower(regexp_replace(normalize(written, NFKD), '{MARKS}', '', 'g')
                COLLATE "und-x-icu"),
            {", ".join(f"'{one}', '{two}')" for one, two in LETTERS.items())},
        'øđðłħıς', 'oddlhiσ'), '{APOSTROPHES.replace("'", "''")}', '', 'g'), '{BETWEEN}', ' ', 'g')
    """,
    """
    CREATE FUNCTION kith_vector(words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('kith', words) || strip(to_tsvector('pg_catalog.simple', words))
    """,
]
# What is for some alone, or was taken back, is not among them.
WORDS = {
    "posts": (
        "CASE WHEN audience = 'network' AND withdrawn_at IS NULL "
        "THEN kith_vector(kith_words(body || E'\\n' || coalesce(meaning, ''))) END"
    ),
    "comments": "CASE WHEN withdrawn_at IS NULL THEN kith_vector(kith_words(body)) END",
    "messages": (
        "CASE WHEN kind = 'said' AND withdrawn_at IS NULL THEN kith_vector(kith_words(body)) END"
    ),
    "attachments": (
        "CASE WHEN coalesce(post_id, message_id) IS NOT NULL "
        "THEN kith_vector(kith_words(name || E'\\n' || coalesce(alt, ''))) END"
    ),
}
# The newest first, where what is looked for is common.
NEWEST = {
    "posts": "posted_at",
    "comments": "posted_at",
    "messages": "said_at",
    "attachments": "kept_at",
}


def upgrade() -> None:
    op.create_table(
        "searches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_searches_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index("ix_searches_person_id_at", "searches", ["person_id", "at"])
    named = sa.text("audience = 'named'")
    op.create_index(
        "ix_posts_named", "posts", ["case_id"], sqlite_where=named, postgresql_where=named
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_words()


def downgrade() -> None:
    op.drop_index("ix_posts_named", "posts")
    op.drop_table("searches")
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(WORDS):
        op.execute(f"DROP INDEX ix_{table}_newest")
        op.execute(f"ALTER TABLE {table} DROP COLUMN words")
    op.execute("DROP FUNCTION kith_vector(text), kith_words(text)")
    op.execute("DROP TEXT SEARCH CONFIGURATION kith")
    op.execute("DROP TEXT SEARCH DICTIONARY kith_stem")


def _keep_words() -> None:
    for statement in (*CONFIGURATION, *FUNCTIONS):
        op.execute(statement.replace(":", r"\:"))
    for table, words in WORDS.items():
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN words tsvector GENERATED ALWAYS AS ({words}) STORED"
        )
        op.execute(
            f"CREATE INDEX ix_{table}_words ON {table} USING gin (words) WITH (fastupdate = off)"
        )
        op.execute(f"CREATE INDEX ix_{table}_newest ON {table} ({NEWEST[table]} DESC, id DESC)")
