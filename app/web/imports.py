"""Bringing in an Annex A workbook, for administrators: look first, then import."""

from __future__ import annotations

from app.web import pages  # noqa: F401
