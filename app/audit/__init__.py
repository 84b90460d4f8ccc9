"""Who looked and who was refused: a chain of rows nobody can change unseen."""

from __future__ import annotations

from app.audit.notes import entries, is_noted, note, opened_from

__all__ = ["entries", "is_noted", "note", "opened_from"]
