"""Everything that differs between one installation of Kith and another, read once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from email.utils import parseaddr
from itertools import pairwise
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

REDIS = ("redis://", "rediss://", "unix://")
SMTP = ("smtp", "smtps")
SEARCH = ("auto", "off", "whoosh", "postgresql")
LEAST_SECRET = 16
# What may be overdue, as `app.monitor.due` has it.
OVERDUE = (
    "unacknowledged",
    "unanswered",
    "no_outcome",
    "not_brought",
    "no_lead",
    "review_due",
    "not_seen",
)
# How a case may stand while it is open, as `app.models.STATUSES` has it.
OPEN_STATUSES = (
    "contact",
    "early_help",
    "assessment",
    "child_in_need",
    "child_protection_plan",
    "looked_after",
)
TERM_FORM = "write a line for each, first and last day: 2026-09-02 2026-12-18."

Term = tuple[date, date]


class WrongSetting(Exception):
    """A setting cannot be used; its sentence stops the start."""


@dataclass(frozen=True)
class Settings:
    """One installation. Times are hours unless a name says otherwise."""

    data: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = "http://localhost:8000"
    processes: int = 1
    threads: int = 64
    demo: bool = False
    limits: bool = True
    session_hours: int = 12
    idle_minutes: int = 60
    second_factor_required: bool = False
    anchors_file: Path | None = None
    file_megabytes: int = 10
    clamd: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = ""
    digest_hour: int = 7
    question_hours: int = 24
    search: str = "auto"
    acknowledge_hours: int = 2
    outcome_days: int = 1
    not_brought_days: int = 30
    no_lead_days: int = 1
    left_out: tuple[str, ...] = ()  # what is overdue and yet not pointed out here
    seen_within: tuple[tuple[str, int], ...] = ()  # days by how a case stands; none is the usual
    holidays: tuple[str, str | None] = ("GB", "ENG")
    terms: tuple[Term, ...] = ()

    @property
    def anchors(self) -> Path:
        """Where the audit is anchored, outside the database."""
        return self.anchors_file or self.data / "anchors.jsonl"

    @property
    def files(self) -> Path:
        """Where files and photos are kept, each sealed under a key that is in its row."""
        return self.data / "files"

    @property
    def index(self) -> Path:
        """Where words are looked for, unless the database does it: it may be thrown away."""
        return self.data / "search"

    @property
    def file_bytes(self) -> int:
        return self.file_megabytes * 1024 * 1024

    @property
    def anchor_key(self) -> Path:
        return self.data / "anchor-key.pem"

    @property
    def secure(self) -> bool:
        """Whether people reach this installation over https, so that cookies may insist on it."""
        return self.url.startswith("https://")

    @property
    def origins(self) -> list[str]:
        """The origins a browser may name when it opens a socket."""
        own = urlsplit(self.url)
        origins = [f"{own.scheme}://{own.netloc}"]
        if not self.secure:
            origins += [f"http://{host}:{self.port}" for host in ("localhost", "127.0.0.1")]
        return list(dict.fromkeys(origins))


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the `KITH_…` variables; docs/settings.md has a line for each."""
    data = Path(environ.get("KITH_DATA", "./var")).resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = _number(environ, "KITH_PORT", 8000, 1, 65535)
    url = environ.get("KITH_URL", f"http://localhost:{port}").rstrip("/")
    demo = _switch(environ, "KITH_DEMO", default=False)
    settings = Settings(
        data=data,
        database_url=_database_url(environ.get("KITH_DATABASE_URL"), data),
        secret_key=environ.get("KITH_SECRET_KEY") or _kept_secret(data / "secret"),
        redis_url=environ.get("KITH_REDIS_URL") or None,
        host=environ.get("KITH_HOST", "127.0.0.1"),
        port=port,
        url=url,
        processes=_number(environ, "KITH_PROCESSES", 1, 1, 64),
        threads=_number(environ, "KITH_THREADS", 64, 4, 1000),
        demo=demo,
        limits=_switch(environ, "KITH_LIMITS", default=True),
        session_hours=_number(environ, "KITH_SESSION_HOURS", 12, 1, 24),
        idle_minutes=_number(environ, "KITH_IDLE_MINUTES", 60, 5, 720),
        second_factor_required=_required(
            environ, "KITH_SECOND_FACTOR", default=url.startswith("https://") and not demo
        ),
        anchors_file=_path(environ.get("KITH_ANCHORS")),
        file_megabytes=_number(environ, "KITH_FILE_MEGABYTES", 10, 1, 100),
        clamd=_clamd(environ.get("KITH_CLAMD")),
        smtp_url=environ.get("KITH_SMTP_URL") or None,
        mail_from=environ.get("KITH_MAIL_FROM", "").strip(),
        digest_hour=_number(environ, "KITH_DIGEST_HOUR", 7, 0, 23),
        question_hours=_number(environ, "KITH_QUESTION_HOURS", 24, 1, 240),
        search=_one_of(environ, "KITH_SEARCH", SEARCH),
        acknowledge_hours=_number(environ, "KITH_ACKNOWLEDGE_HOURS", 2, 1, 72),
        outcome_days=_number(environ, "KITH_OUTCOME_DAYS", 1, 1, 30),
        not_brought_days=_number(environ, "KITH_NOT_BROUGHT_DAYS", 30, 7, 120),
        no_lead_days=_number(environ, "KITH_NO_LEAD_DAYS", 1, 1, 60),
        left_out=_left_out(environ.get("KITH_NOT_POINTED_OUT", "")),
        seen_within=_seen_within(environ.get("KITH_SEEN_WITHIN", "")),
        holidays=_holidays(environ.get("KITH_HOLIDAYS") or "GB-ENG"),
        terms=_terms(environ.get("KITH_TERMS", "").strip()),
    )
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    if settings.processes > 1 and not settings.redis_url:
        raise WrongSetting("KITH_PROCESSES is more than 1, so KITH_REDIS_URL must be set.")
    if settings.database_url.startswith("sqlite"):
        _check_beside_sqlite(settings)
    if not _is_origin(settings.url):
        raise WrongSetting("KITH_URL must be http:// or https:// and a host, with nothing after.")
    if settings.demo and settings.second_factor_required:
        raise WrongSetting("KITH_DEMO has one button to sign in: set KITH_SECOND_FACTOR=offered.")
    if settings.redis_url:
        _check_redis(settings.redis_url)
    if settings.smtp_url:
        _check_mail(settings.smtp_url, settings.mail_from)
    if len(settings.secret_key) < LEAST_SECRET:
        raise WrongSetting(f"KITH_SECRET_KEY must have at least {LEAST_SECRET} characters.")


def _check_beside_sqlite(settings: Settings) -> None:
    if settings.processes > 1:
        raise WrongSetting("SQLite has one writing process: set KITH_PROCESSES=1 or PostgreSQL.")
    if settings.search == "postgresql":
        raise WrongSetting("KITH_SEARCH=postgresql needs PostgreSQL: set KITH_DATABASE_URL.")


def _is_origin(url: str) -> bool:
    try:
        own = _parts(url)
    except ValueError:
        return False
    rest = own.path or own.query or own.fragment or "@" in own.netloc
    return own.scheme in ("http", "https") and bool(own.hostname) and not rest


def _check_redis(url: str) -> None:
    if not url.startswith(REDIS):
        raise WrongSetting("KITH_REDIS_URL must begin with redis://, rediss:// or unix://.")
    try:
        own = _parts(url)
        database = parse_qs(own.query).get("db", ["0"])[0]
        if own.scheme != "unix":
            database = own.path.strip("/") or database
    except ValueError:
        database = "none"
    if not (database.isascii() and database.isdigit()):
        raise WrongSetting(
            "KITH_REDIS_URL is no address of a Redis: write redis://host:6379/0, where the port "
            "and the database at the end are numbers."
        )


def _check_mail(url: str, sender: str) -> None:
    try:
        own = _parts(url)
        is_one = own.scheme in SMTP and own.hostname and own.path in ("", "/")
    except ValueError:
        is_one = False
    if not is_one:
        raise WrongSetting("KITH_SMTP_URL must be smtp:// or smtps:// and a host, perhaps :port.")
    name, at, domain = parseaddr(sender)[1].rpartition("@")
    if not (name and at and domain) or not sender.isprintable():
        raise WrongSetting("KITH_SMTP_URL is set, so KITH_MAIL_FROM must be an email address.")


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.port == 0:  # a port that is no number raises its own ValueError when it is asked for
        raise ValueError("no port")
    return parts


def _database_url(value: str | None, data: Path) -> str:
    if not value:
        return f"sqlite:///{data / 'kith.db'}"
    for plain in ("postgres://", "postgresql://"):
        if value.startswith(plain):
            return "postgresql+psycopg://" + value.removeprefix(plain)
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise WrongSetting("KITH_DATABASE_URL must begin with postgresql:// or sqlite:///.")


def keep_once(path: Path, secret: str) -> None:
    """Write a secret for this user alone, unless there is one already.

    It is put in its place whole, so that of two processes that start together neither reads half
    of what the other writes.
    """
    if path.exists():
        return
    written = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret)
    with suppress(FileExistsError):
        os.link(written, path)
    written.unlink()


def _clamd(value: str | None) -> str | None:
    if not value:
        return None
    with suppress(ValueError):
        own = _parts(value)
        if own.scheme == "unix" and not own.netloc and len(own.path) > 1:
            return value
        if own.scheme == "tcp" and own.hostname and not own.path:
            return value
    raise WrongSetting(
        "KITH_CLAMD must be unix:///run/clamav/clamd.ctl or tcp://host:3310: the socket of clamd."
    )


def _seen_within(value: str) -> tuple[tuple[str, int], ...]:
    """`assessment=20,child_in_need=35`: how a case stands, and within how many days."""
    found: dict[str, int] = {}
    for each in filter(None, (part.strip() for part in value.split(","))):
        status, _, days = (part.strip() for part in each.partition("="))
        known = status in OPEN_STATUSES and status not in found
        if not known or not (days.isascii() and days.isdigit()) or not 1 <= int(days) <= 366:
            raise WrongSetting(
                "KITH_SEEN_WITHIN must be written as assessment=20,child_in_need=35: days from 1 "
                f"to 366, each once, for {', '.join(OPEN_STATUSES[:-1])} or {OPEN_STATUSES[-1]}."
            )
        found[status] = int(days)
    return tuple(found.items())


def _left_out(value: str) -> tuple[str, ...]:
    """`no_lead,review_due`: kinds that an organisation looks after in another way."""
    found = tuple(filter(None, (part.strip() for part in value.split(","))))
    if not set(found) <= set(OVERDUE):
        raise WrongSetting(
            "KITH_NOT_POINTED_OUT must name, with commas between, some of "
            f"{', '.join(OVERDUE[:-1])} and {OVERDUE[-1]}."
        )
    return found


def _holidays(value: str) -> tuple[str, str | None]:
    country, _, part = value.strip().upper().partition("-")
    if (country, part) == ("GB", "ENG"):
        return country, part
    import holidays  # met late: it knows every country there is

    parts = holidays.list_supported_countries().get(country)
    if parts is None or (part and part not in parts):
        raise WrongSetting(
            "KITH_HOLIDAYS must be a country, perhaps with a part of it: GB-ENG, GB-SCT, IE or "
            "DE-BY."
        )
    return country, part or None


def _terms(value: str) -> tuple[Term, ...]:
    """The school terms, from the setting itself or from the file it names."""
    lines = value.replace(";", "\n") if value[:4].isdigit() else _read_terms(value)
    written = (line.split("#")[0].split() for line in lines.splitlines())
    terms = sorted(_term(words) for words in written if words)
    for (_, last), (first, _) in pairwise(terms):
        if first <= last:
            raise WrongSetting(f"KITH_TERMS has two terms that both hold {first}.")
    return tuple(terms)


def _read_terms(path: str) -> str:
    try:
        return Path(path).read_text() if path else ""
    except (OSError, UnicodeError):
        raise WrongSetting(
            f"KITH_TERMS names no file that can be read, nor days: {TERM_FORM}"
        ) from None


def _term(words: Sequence[str]) -> Term:
    try:
        first, last = map(date.fromisoformat, words)
    except ValueError:
        raise WrongSetting(f"KITH_TERMS holds a line that is no term: {TERM_FORM}") from None
    if last < first:
        raise WrongSetting(f"KITH_TERMS has a term that ends before it begins, on {last}.")
    return first, last


def _path(value: str | None) -> Path | None:
    return Path(value).resolve() if value else None


def _kept_secret(path: Path) -> str:
    # Written once, so that a restart signs nobody out.
    keep_once(path, secrets.token_hex(32))
    secret = path.read_bytes().decode(errors="replace").strip()
    if len(secret) < LEAST_SECRET:
        raise WrongSetting(
            f"{path} holds no whole secret: delete it and Kith makes another, which signs "
            "everybody out."
        )
    return secret


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise WrongSetting(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def _required(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name, "").lower()
    if value in ("", "required", "offered"):
        return value == "required" if value else default
    raise WrongSetting(f"{name} must be required or offered.")


def _one_of(environ: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    value = environ.get(name, "").lower() or words[0]
    if value in words:
        return value
    raise WrongSetting(f"{name} must be {', '.join(words[:-1])} or {words[-1]}.")


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name, "").lower()
    if value in ("", "1", "on", "yes", "true", "0", "off", "no", "false"):
        return value in ("1", "on", "yes", "true") if value else default
    raise WrongSetting(f"{name} must be on or off.")
