"""My own settings: phone, absence, password, devices and tokens."""

from __future__ import annotations

from app.web import pages  # noqa: F401
