"""Who needs to know: audiences, ends, restriction, conflicts, emergencies, requests."""

from __future__ import annotations

revision = "0009_need_to_know"
down_revision = "0008_second_factors"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
