"""JSON, written and read in one way: quickly, with instants in UTC as RFC 3339 says."""

from __future__ import annotations

from typing import Any

import orjson

_AS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def dumps(value: object) -> bytes:
    return orjson.dumps(value, option=_AS)


def loads(written: bytes | str) -> Any:
    """What the JSON says; raises `ValueError` when it is none."""
    return orjson.loads(written)
