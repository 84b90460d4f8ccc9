"""The live channel: pointers to what changed, to the open pages of whoever may see it."""

from __future__ import annotations

from flask import Flask

from app.realtime import sockets
from config.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Open the channel's door beside the pages, and make it what `app.push` tells."""
    sockets.register(app, settings)
