"""Who looked and who was refused: a chain of rows nobody can change unseen."""

from __future__ import annotations

from app.audit.notes import LATELY, entries, is_noted, note, note_unless_lately, opened_from

__all__ = ["LATELY", "entries", "is_noted", "note", "note_unless_lately", "opened_from"]
