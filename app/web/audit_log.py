"""Who looked at what, for auditors: people, cases and moments, never content."""

from __future__ import annotations

from app.web import pages  # noqa: F401
