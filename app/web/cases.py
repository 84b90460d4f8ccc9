"""The pages round a whole case: my cases, opening one, what is known of the child."""

from __future__ import annotations

from app.web import pages  # noqa: F401
