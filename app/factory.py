"""Puts Kith together: the only place that chooses back ends, and where every limit stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask import session as cookie
from flask.typing import RouteCallable
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from limits import RateLimitItemPerDay, parse
from redis import RedisError
from werkzeug.sansio.utils import host_is_trusted
from whitenoise import WhiteNoise

from app import api, attachments, mail, realtime, scan, web
from app.api import door
from app.casework import sign_ins
from app.core import db, files, log, seals
from app.core.clamd import Clamd
from app.jobs import watching
from app.web import known_device, session
from config import demo
from config.settings import Settings, from_environment
from search import engines

# endpoint, how many in which time, counted by
LIMITS = [
    # One device of an account's own, or one network of strangers to it: neither uses up what
    # the other has. A stranger network is counted over all accounts it tries, too.
    ("web.sign_in", "5 per minute", "account"),
    ("web.sign_in", "60 per minute; 600 per hour", "stranger"),
    ("web.publish", "30 per minute", "person"),
    ("web.comment", "30 per minute", "person"),
    ("web.say", "60 per minute", "person"),
    ("web.say_to_network", "60 per minute", "person"),
    ("web.search", "60 per minute", "person"),
    # With a pause before each, nobody's fingers ask more often.
    ("web.suggestions", "180 per minute", "person"),
    # More than anybody prepares in a day, and far less than all the cases of a manager.
    ("web.take_chronology", "30 per day", "person"),
    # A family of five, on paper and for a program.
    ("web.take_record", "10 per day", "person"),
    ("api.read_record", "10 per day", "person"),
    ("web.change_password", "5 per minute", "person"),
    ("api.publish", "30 per minute", "person"),
    ("api.comment", "30 per minute", "person"),
    ("api.say", "60 per minute", "person"),
    ("api.say_to_network", "60 per minute", "person"),
    ("api.keep_file", "30 per minute", "person"),
    ("api.search", "60 per minute", "person"),
    ("api.search_names", "60 per minute", "person"),
    ("api.search_suggestions", "180 per minute", "person"),
]
# A search asks in its address, and a program asks for a record; of all else only what is sent
# counts.
ASKED = (
    "web.search",
    "web.suggestions",
    "api.search",
    "api.search_names",
    "api.search_suggestions",
    "api.read_record",
)
# Where files may come along, and how much besides them.
TAKE_FILES = (
    "web.publish",
    "web.say",
    "web.say_to_network",
    "api.keep_file",
    "api.keep_file_to_send",
)
ROOM_FOR_WORDS = 1024 * 1024

# What carries a key of its sender's own: sent again it is answered again, and counts once.
KEYED = (
    "web.publish",
    "web.comment",
    "web.say",
    "web.say_to_network",
    "api.publish",
    "api.comment",
    "api.say",
    "api.say_to_network",
    "api.keep_file",
)
ONCE = RateLimitItemPerDay(1)

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
    "Cache-Control": "no-store",
}

# Whoever asks whether this process lives knows it by its number, not by its name.
ASKED_BY_NUMBER = ("/livez", "/readyz")

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or from_environment()
    log.configure()
    db.use(settings.database_url)
    seals.use(settings.secret_key)
    files.use(settings.files)
    scan.use(Clamd(settings.clamd) if settings.clamd else None)
    mail.use(_post_office(settings))
    engines.use(settings.search, settings.index)
    watching.use(settings)
    app = Flask("app.web", static_folder=None)
    # An address with a slash too many is none, rather than the way to one with our name guessed.
    app.url_map.merge_slashes = False
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
    # Before the token of a form is looked for, for that reads all of what was sent.
    app.before_request(_make_room)
    csrf = CSRFProtect(app)
    web.register(app)
    api.register(app, csrf)
    realtime.register(app, settings)
    _limit(app, settings)
    _serve_assets(app)
    app.wsgi_app = Gate(app.wsgi_app, settings)  # type: ignore[method-assign]
    return app


def _make_room() -> None:
    """More may be sent where files come along: as many as an update has, and its words."""
    if request.endpoint in TAKE_FILES:
        files_at_once = attachments.MOST * session.settings().file_bytes
        request.max_content_length = files_at_once + ROOM_FOR_WORDS


def _post_office(settings: Settings) -> mail.Office:
    server = None
    if settings.smtp_url:
        from app.jobs import smtp  # met late: it brings all there is to know of mail

        server = smtp.Server(settings.smtp_url, settings.mail_from)
    return mail.Office(server, settings.url, settings.digest_hour)


def _limit(app: Flask, settings: Settings) -> None:
    if not settings.limits:
        return  # a limiter that is switched off does not outlive this function
    limiter = Limiter(
        _client,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        # Redis away: this process counts for itself rather than letting everybody through.
        in_memory_fallback_enabled=bool(settings.redis_url),
        strategy="fixed-window",
    )
    counted_by = {"account": _account, "stranger": _client, "person": _person}
    for endpoint, limit, key in LIMITS:
        view = app.view_functions[endpoint]
        methods = ["GET"] if endpoint in ASKED else ["POST"]
        uncounted = _repeated(limiter, limit) if endpoint in KEYED else None
        if key == "stranger":
            uncounted = _is_known_device
        decorate = limiter.limit(
            limit, key_func=counted_by[key], methods=methods, exempt_when=uncounted
        )
        app.view_functions[endpoint] = cast(RouteCallable, decorate(view))
    app.after_request(_forgetting_refusals(limiter))


def _repeated(limiter: Limiter, limit: str) -> Callable[[], bool]:
    """Whether this write was let in before, so that it counts no more.

    At the limit only what was let in passes; below it, of those who come at once one counts.
    """
    per_person = parse(limit)

    def is_repeated() -> bool:
        sent = _sent_key()
        if sent is None:
            return False
        counts = limiter.limiter
        if counts.test(per_person, _person(), request.endpoint or ""):
            return not counts.hit(ONCE, *sent)
        return not counts.test(ONCE, *sent)

    return is_repeated


def _forgetting_refusals(limiter: Limiter) -> Callable[[Response], Response]:
    def forget(response: Response) -> Response:
        # A refusal leaves the key free for a better try, and that counts.
        sent = _sent_key() if response.status_code >= 400 else None
        if sent is not None:
            with suppress(RedisError):
                limiter.limiter.clear(ONCE, *sent)
        return response

    return forget


def _sent_key() -> tuple[str, str] | None:
    """Whose write this is and its key; both as digests."""
    if request.endpoint not in KEYED or request.method != "POST":
        return None
    by_program = request.endpoint.startswith("api.")
    key = request.headers.get("Idempotency-Key") if by_program else request.form.get("key")
    return (_person(), sign_ins.digest(f"{request.endpoint} {key}")) if key else None


def _account() -> str:
    """The account somebody tries to open, and from where.

    An account's own device has a count of its own, and so has each network: whoever fails
    elsewhere keeps nobody out. The buttons of the demo are each visitor's own too.
    """
    address = sign_ins.address(request.form.get("email", ""))
    if address:
        place = f"device:{known_device.sent()}" if _is_known_device() else _client()
        return f"account:{sign_ins.digest(f'{address} {place}')}"
    chosen = request.form.get("demo", "")
    known = any(chosen == each.email for each in demo.SUGGESTED)
    return f"{_client()} {chosen if known else ''}"


def _is_known_device() -> bool:
    """Whether the account somebody tries to open knows this browser."""
    if "is_known_device" not in g:
        g.is_known_device = False
        carried, email = known_device.sent(), request.form.get("email", "")
        if carried and email:
            with db.transaction(durable=False):
                g.is_known_device = sign_ins.known_device(email, carried) is not None
    return bool(g.is_known_device)


def _client() -> str:
    route = request.access_route
    # Kith itself speaks no TLS: over https a proxy stands before it, and its word comes last.
    place = route[-1] if route and session.settings().secure else request.remote_addr
    return f"client:{sign_ins.digest(_network(place or ''))}"


def _network(place: str) -> str:
    """The address, or the whole of what one subscriber has: of version 6 that is a /64."""
    try:
        address = ip_address(place)
    except ValueError:
        return place
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((address, 64), strict=False))
    return str(address)


def _person() -> str:
    """The device or the program, by what is kept of its secret."""
    by_program = (request.endpoint or "").startswith("api.")
    secret = door.secret_sent() if by_program else cookie.get("_user_id")
    return f"person:{sign_ins.digest(secret or '')}"


class Gate:
    """Stands before everything: refuses names that are not ours and what other sites send, and
    puts headers on all answers.

    Files, sockets and pages are answered in different places; here is the one all pass.
    """

    def __init__(self, inside: Application, settings: Settings) -> None:
        self._inside, self._names, self._settings = inside, _names(settings), settings

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, _with_headers(status, headers, environ), *error)

        if not self._is_ours(environ):
            start("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"This is not an address of Kith.\n"]
        if self._changes_from_elsewhere(environ):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"This was sent from another site. Open Kith and send it from there.\n"]
        return self._inside(environ, start)

    def _changes_from_elsewhere(self, environ: Environ) -> bool:
        """Whether a browser says that a page of another site sends this, and it would change
        something. Forms have a token besides; programs send no Origin."""
        if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
            return False
        if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("same-origin", "none"):
            return True
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._settings.origins:
            return False
        return self._settings.secure or origin != f"http://{environ.get('HTTP_HOST', '')}"

    def _is_ours(self, environ: Environ) -> bool:
        if environ.get("PATH_INFO") in ASKED_BY_NUMBER:
            return True
        host = environ.get("HTTP_HOST", "")
        return host_is_trusted(host) and urlsplit(f"//{host}").hostname in self._names


def _names(settings: Settings) -> set[str | None]:
    names = {urlsplit(settings.url).hostname, settings.host.strip("[]").lower()}
    return names if settings.secure else names | {"localhost", "127.0.0.1"}


def _with_headers(
    status: str, headers: list[tuple[str, str]], environ: Environ
) -> list[tuple[str, str]]:
    given = {name.lower() for name, _ in headers}
    added = dict(HEADERS)
    if status.startswith(("429", "503")):
        added["Retry-After"] = "60"
    if environ["wsgi.url_scheme"] == "https":
        added["Strict-Transport-Security"] = "max-age=31536000"
    return headers + [each for each in added.items() if each[0].lower() not in given]


def _serve_assets(app: Flask) -> None:
    """Style and scripts, compressed and named by content, straight from the package."""
    static = web.__path__[0] + "/static"
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=static,
        prefix="static/",
        allow_all_origins=False,
        immutable_file_test=_named_by_content,
    )


def _named_by_content(_path: str, _url: str) -> bool:
    # Every compiled file carries a hash of itself in its name, so a browser may keep it for ever.
    return True
