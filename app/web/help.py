"""Help and accessibility, in plain words."""

from __future__ import annotations

from app.web import pages  # noqa: F401
