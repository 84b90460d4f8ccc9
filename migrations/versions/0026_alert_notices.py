"""Notices of what the monitor points out."""

from __future__ import annotations

from alembic import op

revision = "0026_alert_notices"
down_revision = "0025_alerts"

NAME = "fk_notices_alert_id_alerts"


def upgrade() -> None:
    # Both databases take the column with its reference in one statement, without a new table.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE notices ADD COLUMN alert_id {kind} CONSTRAINT {NAME} REFERENCES alerts (id)"
    )
    op.create_index("ix_notices_alert_id", "notices", ["alert_id"])


def downgrade() -> None:
    op.execute("DELETE FROM notices WHERE reason = 'unusual'")
    op.execute("DELETE FROM notice_choices WHERE reason = 'unusual'")
    op.drop_index("ix_notices_alert_id", "notices")
    op.drop_column("notices", "alert_id")
