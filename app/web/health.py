"""Whether this process lives, and whether it can do its work: no content, no versions."""

from __future__ import annotations

from app.web import pages  # noqa: F401
