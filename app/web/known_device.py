"""The cookie by which a browser that has signed in before is known again.

It opens nothing. It only keeps the failures of strangers from counting against its owner.
"""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.casework import sign_ins


def sent() -> str | None:
    """What the browser carries, when it was given here."""
    try:
        token = _signer().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return None
    return token if isinstance(token, str) else None


def give(token: str) -> None:
    """Let the browser carry it from this answer on; it survives signing out."""

    @after_this_request
    def with_cookie(answer: Response) -> Response:
        answer.set_cookie(
            _name(),
            _signer().dumps(token),
            max_age=sign_ins.KNOWN_FOR,
            secure=_is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return answer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known device")


def _name() -> str:
    return "__Host-kith-device" if _is_secure() else "kith-device"


def _is_secure() -> bool:
    return bool(current_app.config["KITH"].secure)
