"""Notices: who is told, how, what waits to be mailed, and questions that go a step on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_notices"
down_revision = "0015_message_files"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _notices()
    _choices()
    _mails()
    op.create_table(
        "escalations",
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _to("escalations", "post_id", "posts"),
        sa.PrimaryKeyConstraint("post_id", "step", name=op.f("pk_escalations")),
    )
    op.create_index("ix_posts_kind_due_at", "posts", ["kind", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_posts_kind_due_at", "posts")
    op.execute("DELETE FROM deliveries WHERE listener = 'notices'")
    for name in ("escalations", "mails", "absences", "quiet_hours", "notice_choices", "notices"):
        op.drop_table(name)


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("activity_position", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("comment_id", KEY, nullable=True),
        sa.Column("conversation_id", KEY, nullable=True),
        sa.Column("message_id", KEY, nullable=True),
        sa.Column("instead_of_id", KEY, nullable=True),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("digest_on", sa.Date(), nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        _to("notices", "person_id", "people"),
        sa.ForeignKeyConstraint(
            ["activity_position"],
            ["activities.position"],
            name=op.f("fk_notices_activity_position_activities"),
        ),
        _to("notices", "case_id", "cases"),
        _to("notices", "post_id", "posts"),
        _to("notices", "comment_id", "comments"),
        _to("notices", "conversation_id", "conversations"),
        _to("notices", "message_id", "messages"),
        _to("notices", "instead_of_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "person_id", "activity_position", name=op.f("uq_notices_person_id_activity_position")
        ),
    )
    op.create_index("ix_notices_person_id_read_at", "notices", ["person_id", "read_at"])
    op.create_index("ix_notices_digest_on_person_id", "notices", ["digest_on", "person_id"])
    op.create_index("ix_notices_post_id", "notices", ["post_id"])
    op.create_index("ix_notices_told_at", "notices", ["told_at"])


def _choices() -> None:
    op.create_table(
        "notice_choices",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        _to("notice_choices", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", "reason", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("until_time", sa.Time(), nullable=True),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("urgent_passes", sa.Boolean(), nullable=False),
        _to("quiet_hours", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_quiet_hours")),
    )
    op.create_table(
        "absences",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("cover_id", KEY, nullable=True),
        _to("absences", "person_id", "people"),
        _to("absences", "cover_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_absences")),
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("notice_id", KEY, nullable=True),
        sa.Column("digest_on", sa.Date(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("tries", KEY, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        _to("mails", "person_id", "people"),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notices.id"],
            name=op.f("fk_mails_notice_id_notices"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_mails_notice_id")),
        sa.UniqueConstraint("person_id", "digest_on", name=op.f("uq_mails_person_id_digest_on")),
    )
    op.create_index("ix_mails_done_at_due_at", "mails", ["done_at", "due_at"])


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
