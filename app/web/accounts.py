"""Accounts and agencies, for administrators: who may sign in and as what."""

from __future__ import annotations

from app.web import pages  # noqa: F401
