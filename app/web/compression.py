"""Smaller pages on slow phones, without telling by their length what a page holds."""

from __future__ import annotations

import gzip
import io
import secrets

from flask import Flask, Response, request

LEAST = 1024


def register(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if (
        response.direct_passthrough
        or response.mimetype not in ("text/html", "application/json")
        or "Content-Encoding" in response.headers
        or len(body := response.get_data()) < LEAST
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(_with_unsteady_length(body))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _with_unsteady_length(body: bytes) -> bytes:
    # Whoever can make a page repeat a guess could read a secret from the compressed length
    # (BREACH). The name inside a gzip header is read by nobody, so its length may be anything.
    name = secrets.token_hex(32)[: secrets.randbelow(64) + 1]
    packed = io.BytesIO()
    with gzip.GzipFile(name, "wb", compresslevel=5, fileobj=packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()
