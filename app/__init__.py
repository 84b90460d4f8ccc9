"""The working place of the professionals round one child."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application; imported late so that a rule or a noun can be used without Flask."""
    from app.factory import create_app as put_together

    return put_together(settings)
