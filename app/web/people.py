"""The directory: colleagues, their phones, and the cases shared with them."""

from __future__ import annotations

from app.web import pages  # noqa: F401
