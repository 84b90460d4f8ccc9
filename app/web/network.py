"""The network of one case: who is in it, and how people join, lead and leave."""

from __future__ import annotations

from app.web import pages  # noqa: F401
