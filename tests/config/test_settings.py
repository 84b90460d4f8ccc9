"""Settings: what an installation may say, and the sentence that stops a wrong one."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

from app.models import STATUSES
from app.monitor import due
from config.settings import OPEN_STATUSES, OVERDUE, WrongSetting, from_environment

KEY = "a secret that nobody knows"


def read(folder: Path, **said: str) -> object:
    return from_environment({"KITH_DATA": str(folder), **said})


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    settings = from_environment({"KITH_DATA": str(tmp_path / "var")})
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'kith.db'}"
    assert (settings.port, settings.processes, settings.demo) == (8000, 1, False)
    assert settings.limits
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KITH_PORT", "0"),
        ("KITH_PORT", "65536"),
        ("KITH_PORT", "eighty"),
        ("KITH_PORT", "8²"),
        ("KITH_THREADS", "-4"),
        ("KITH_THREADS", "3"),
        ("KITH_DEMO", "maybe"),
        ("KITH_LIMITS", "2"),
        ("KITH_SECOND_FACTOR", "on"),
        ("KITH_SESSION_HOURS", "25"),
        ("KITH_IDLE_MINUTES", "1"),
        ("KITH_DATABASE_URL", "mysql://localhost/kith"),
        ("KITH_DATABASE_URL", "kith.db"),
        ("KITH_REDIS_URL", "localhost:6379"),
        ("KITH_URL", "kith.example"),
        ("KITH_URL", "https://"),
        ("KITH_URL", "ftp://kith.example"),
        ("KITH_URL", "https://kith.example/app"),
        ("KITH_URL", "http://[bad"),
        ("KITH_URL", "http://kith.example:abc"),
        ("KITH_URL", "https://kith.example#top"),
        ("KITH_URL", "https://ann:word@kith.example"),
        ("KITH_REDIS_URL", "redis://cache:port/0"),
        ("KITH_REDIS_URL", "redis://:word@cache/first"),
        ("KITH_REDIS_URL", "unix:///run/redis.sock?db=first"),
        ("KITH_SECRET_KEY", "short"),
        ("KITH_PROCESSES", "2"),
        ("KITH_SEARCH", "on"),
        ("KITH_SEARCH", "postgresql"),
        ("KITH_ACKNOWLEDGE_HOURS", "0"),
        ("KITH_OUTCOME_DAYS", "31"),
        ("KITH_NOT_BROUGHT_DAYS", "6"),
        ("KITH_NO_LEAD_DAYS", "0"),
        ("KITH_NOT_POINTED_OUT", "busy"),
        ("KITH_SEEN_WITHIN", "20"),
        ("KITH_SEEN_WITHIN", "closed=20"),
        ("KITH_SEEN_WITHIN", "assessment=0"),
        ("KITH_SEEN_WITHIN", "assessment=20,assessment=30"),
        ("KITH_HOLIDAYS", "England"),
        ("KITH_HOLIDAYS", "GB-KEN"),
        ("KITH_TERMS", "/nowhere/terms.txt"),
        ("KITH_TERMS", "2026-09-02"),
        ("KITH_TERMS", "2026-09-31 2026-12-18"),
        ("KITH_TERMS", "2026-12-18 2026-09-02"),
        ("KITH_TERMS", "2026-09-02 2026-12-18; 2026-12-18 2027-03-26"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_its_setting(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(WrongSetting, match=name) as stopped:
        read(tmp_path, **{name: value})
    assert str(stopped.value).endswith(".")
    assert "word" not in str(stopped.value), "a password is not repeated"


def test_a_second_factor_is_required_where_there_is_https(tmp_path: Path) -> None:
    https = {"KITH_URL": "https://kith.example"}
    for said, required in (
        ({}, False),
        (https, True),
        (https | {"KITH_DEMO": "on"}, False),
        (https | {"KITH_SECOND_FACTOR": "offered"}, False),
        ({"KITH_SECOND_FACTOR": "Required"}, True),
    ):
        settings = from_environment({"KITH_DATA": str(tmp_path), **said})
        assert settings.second_factor_required is required, said
    with pytest.raises(WrongSetting, match="KITH_SECOND_FACTOR"):
        read(tmp_path, KITH_DEMO="on", KITH_SECOND_FACTOR="required")


def test_several_processes_need_redis_and_postgresql(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="KITH_REDIS_URL"):
        read(tmp_path, KITH_PROCESSES="2", KITH_DATABASE_URL="postgresql://db/kith")
    with pytest.raises(WrongSetting, match="SQLite"):
        read(tmp_path, KITH_PROCESSES="2", KITH_REDIS_URL="redis://cache/0")
    read(
        tmp_path,
        KITH_PROCESSES="2",
        KITH_REDIS_URL="redis://cache/0",
        KITH_DATABASE_URL="postgresql://db/kith",
    )


@pytest.mark.parametrize("url", ["postgres://db/kith", "postgresql://db/kith"])
def test_a_postgresql_address_may_be_written_as_hosts_give_it(tmp_path: Path, url: str) -> None:
    settings = from_environment({"KITH_DATA": str(tmp_path), "KITH_DATABASE_URL": url})
    assert settings.database_url == "postgresql+psycopg://db/kith"


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    printed = repr(
        read(
            tmp_path,
            KITH_SECRET_KEY=KEY,
            KITH_DATABASE_URL="postgresql://kith:canary@db/kith",
            KITH_REDIS_URL="redis://:canary@cache/0",
        )
    )
    assert KEY not in printed
    assert "canary" not in printed


@pytest.mark.parametrize("url", ["smtp://mail", "smtps://ann:word@mail:465/", "smtp://[::1]:2525"])
def test_mail_goes_where_the_settings_say_and_needs_a_sender(tmp_path: Path, url: str) -> None:
    set_so = {"KITH_SMTP_URL": url, "KITH_MAIL_FROM": "Kith <kith@north.example>"}
    settings = from_environment({"KITH_DATA": str(tmp_path), **set_so})
    assert (settings.smtp_url, settings.digest_hour, settings.question_hours) == (url, 7, 24)
    assert "word" not in repr(settings)
    for sender in ("", "Kith", "kith@", "a@b\nBcc: c@d"):
        with pytest.raises(WrongSetting, match="KITH_MAIL_FROM"):
            read(tmp_path, KITH_SMTP_URL=url, KITH_MAIL_FROM=sender)


@pytest.mark.parametrize(
    "url", ["mail", "http://mail", "smtp://", "smtp://mail:none", "smtp://a/b"]
)
def test_what_is_no_mail_server_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongSetting, match="KITH_SMTP_URL"):
        read(tmp_path, KITH_SMTP_URL=url, KITH_MAIL_FROM="kith@north.example")


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    settings = from_environment({"KITH_DATA": str(tmp_path)})
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_the_kept_secret_is_written_once_for_its_owner_alone(tmp_path: Path) -> None:
    def secret(_: int) -> str:
        return from_environment({"KITH_DATA": str(tmp_path)}).secret_key

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(secret, range(16)))
    assert len(found) == 1
    assert len(found.pop()) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    "url", ["redis://cache", "redis://ann:word@cache:6379/3", "unix:///run/redis.sock?db=1"]
)
def test_redis_may_be_written_in_each_of_its_ways(tmp_path: Path, url: str) -> None:
    settings = from_environment({"KITH_DATA": str(tmp_path), "KITH_REDIS_URL": url})
    assert settings.redis_url == url


@pytest.mark.parametrize("kept", [b"", b"\n", b"half", b"\xff\xfe"])
def test_a_damaged_secret_stops_the_start_and_names_its_file(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "secret").write_bytes(kept)
    with pytest.raises(WrongSetting, match=str(tmp_path / "secret")):
        read(tmp_path)


def test_cookies_insist_on_https_where_there_is_https(tmp_path: Path) -> None:
    public = from_environment({"KITH_DATA": str(tmp_path), "KITH_URL": "https://kith.example/"})
    assert public.secure
    assert public.origins == ["https://kith.example"]
    local = from_environment({"KITH_DATA": str(tmp_path), "KITH_PORT": "8123"})
    assert not local.secure
    assert local.origins == ["http://localhost:8123", "http://127.0.0.1:8123"]


def test_the_monitor_waits_as_long_as_the_organisation_says(tmp_path: Path) -> None:
    usual = from_environment({"KITH_DATA": str(tmp_path), "KITH_SEEN_WITHIN": ""})
    assert (usual.acknowledge_hours, usual.seen_within) == (2, ())
    said = {"KITH_ACKNOWLEDGE_HOURS": "4", "KITH_SEEN_WITHIN": " assessment = 10, contact=5,"}
    chosen = from_environment({"KITH_DATA": str(tmp_path), **said})
    assert chosen.acknowledge_hours == 4
    assert dict(chosen.seen_within) == {"assessment": 10, "contact": 5}


def test_an_organisation_may_leave_out_what_it_looks_after_in_another_way(tmp_path: Path) -> None:
    said = {"KITH_NOT_POINTED_OUT": "no_lead, review_due", "KITH_NO_LEAD_DAYS": "14"}
    chosen = from_environment({"KITH_DATA": str(tmp_path), **said})
    assert (chosen.left_out, chosen.no_lead_days) == (("no_lead", "review_due"), 14)
    assert set(OVERDUE) == set(due.KINDS)


def test_a_child_is_to_be_seen_however_an_open_case_stands() -> None:
    assert tuple(status for status in STATUSES if status != "closed") == OPEN_STATUSES


@pytest.mark.parametrize(
    ("said", "place"),
    [("", ("GB", "ENG")), ("gb-sct", ("GB", "SCT")), ("IE", ("IE", None)), ("DE-BY", ("DE", "BY"))],
)
def test_holidays_are_those_of_a_country_or_a_part_of_it(
    tmp_path: Path, said: str, place: tuple[str, str | None]
) -> None:
    read_so = from_environment({"KITH_DATA": str(tmp_path), "KITH_HOLIDAYS": said})
    assert read_so.holidays == place


def test_school_terms_stand_in_the_setting_or_in_the_file_it_names(tmp_path: Path) -> None:
    autumn = (date(2026, 9, 2), date(2026, 12, 18))
    spring = (date(2027, 1, 5), date(2027, 3, 26))
    file = tmp_path / "terms.txt"
    file.write_text("# Northmoor\n2027-01-05 2027-03-26\n\n2026-09-02  2026-12-18 # autumn\n")
    for said in (str(file), "2026-09-02 2026-12-18; 2027-01-05 2027-03-26"):
        read_so = from_environment({"KITH_DATA": str(tmp_path), "KITH_TERMS": said})
        assert read_so.terms == (autumn, spring)
