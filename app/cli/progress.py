"""How far long work is, for whoever sits before the terminal."""

from __future__ import annotations

import sys

import click


def show(done: int, total: int) -> None:
    """On one line of a terminal; of nobody who reads it later."""
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,} ", err=True, nl=done >= total)
