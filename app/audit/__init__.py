"""Who looked and who was refused: a chain of rows nobody can change unseen."""

from __future__ import annotations

from app.audit.notes import entries, is_noted, note

__all__ = ["entries", "is_noted", "note"]
