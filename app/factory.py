"""Puts Kith together: the only place that chooses back ends, and where every limit stands."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, request
from flask import session as cookie
from flask.typing import RouteCallable
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from whitenoise import WhiteNoise

from app import api, realtime, web
from app.core import db, log
from config.settings import Settings, from_environment

# endpoint: (how many, in which time, counted by)
LIMITS = {
    "web.sign_in": ("5 per minute", "account"),
    "web.publish": ("30 per minute", "person"),
    "web.comment": ("30 per minute", "person"),
    "web.search": ("60 per minute", "person"),
    "web.change_password": ("5 per minute", "person"),
    "api.publish": ("30 per minute", "person"),
    "api.comment": ("30 per minute", "person"),
}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or from_environment()
    log.configure()
    db.use(settings.database_url)
    app = Flask("app.web", static_folder=None)
    app.config.update(
        KITH=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-kith" if settings.secure else "kith",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # A form left open over lunch still sends what was typed in it; the session ends it.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
    )
    csrf = CSRFProtect(app)
    web.register(app)
    api.register(app, csrf)
    realtime.register(app, settings)
    _limit(app, settings)
    app.after_request(_with_headers)
    _serve_assets(app)
    return app


def _limit(app: Flask, settings: Settings) -> None:
    if not settings.limits:
        return  # a limiter that is switched off does not outlive this function
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        # Redis away: this process counts for itself rather than letting everybody through.
        in_memory_fallback_enabled=bool(settings.redis_url),
        strategy="fixed-window",
    )
    counted_by = {"account": _account, "person": _person}
    for endpoint, (limit, key) in LIMITS.items():
        view = app.view_functions[endpoint]
        # Only what is sent counts, but a search asks in its address.
        methods = ["GET"] if endpoint == "web.search" else ["POST"]
        decorate = limiter.limit(limit, key_func=counted_by[key], methods=methods)
        app.view_functions[endpoint] = cast(RouteCallable, decorate(view))


def _account() -> str:
    return f"account:{request.form.get('email', '').strip().lower()[:200]}"


def _person() -> str:
    return f"person:{request.headers.get('Authorization') or cookie.get('_user_id', '')}"


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _serve_assets(app: Flask) -> None:
    """Style and scripts, compressed and named by content, straight from the package."""
    static = web.__path__[0] + "/static"
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=static, prefix="static/", immutable_file_test=_named_by_content
    )


def _named_by_content(_path: str, _url: str) -> bool:
    # Every compiled file carries a hash of itself in its name, so a browser may keep it for ever.
    return True
