"""Each line of the audit names the one before."""

from __future__ import annotations

revision = "0007_audit_chain"
down_revision = "0006_versions_keep_the_meaning"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
