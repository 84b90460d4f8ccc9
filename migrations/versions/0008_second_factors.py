"""A second proof of who signs in."""

from __future__ import annotations

revision = "0008_second_factors"
down_revision = "0007_audit_chain"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
