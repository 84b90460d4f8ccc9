"""The index of an installation on SQLite: a folder that Whoosh writes and one process at a time
adds to. Nothing outside this package knows what is in it."""

from __future__ import annotations

from search.whoosh_index.folder import Damaged, Reached
from search.whoosh_index.index import Key, WhooshIndex, key

__all__ = ["Damaged", "Key", "Reached", "WhooshIndex", "key"]
