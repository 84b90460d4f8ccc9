"""Anchors and the command: written outside the database, and what they answer with."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from app.audit import anchors
from app.cli import main
from app.jobs import deliveries
from tests.audit.conftest import Record
from tests.realtime.house import eventually

Kith = Callable[..., Result]


@pytest.fixture
def kith(record: Record, database: str, monkeypatch: pytest.MonkeyPatch) -> Kith:
    """The command line of the installation whose record it is."""
    monkeypatch.setenv("KITH_DATABASE_URL", database)
    monkeypatch.setenv("KITH_DATA", str(record.file.parent))
    return lambda *words: CliRunner().invoke(main, ("audit", *map(str, words)))


def test_the_private_key_is_made_once_for_kith_alone(tmp_path: Path) -> None:
    key = tmp_path / "anchor-key.pem"
    shown = anchors.public_key(key)
    assert shown.startswith("-----BEGIN PUBLIC KEY-----")
    assert anchors.public_key(key) == shown
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "PRIVATE" not in shown


def test_an_anchor_is_written_when_the_chain_has_grown_and_only_then(record: Record) -> None:
    assert [each.place for each in record.anchors()] == [3, 8]
    record.anchor()
    assert anchors.write(record.file, record.key) is None
    assert [each.place for each in record.anchors()] == [3, 8, 10]


def test_an_empty_audit_has_no_anchor(database: str, tmp_path: Path) -> None:
    assert anchors.write(tmp_path / "anchors.jsonl", tmp_path / "key.pem") is None


def test_a_line_that_was_never_finished_is_taken_away(record: Record) -> None:
    with record.file.open("a") as file:
        file.write('{"place": 9, "ha')
    assert [each.place for each in record.anchors()] == [3, 8]
    record.anchor()
    assert [each.place for each in record.anchors()] == [3, 8, 10]


def test_the_server_anchors_as_it_begins_and_as_it_ends(record: Record) -> None:
    stop = deliveries.begin(600, anchor=lambda: anchors.write(record.file, record.key))
    eventually(lambda: len(record.anchors()) == 3)
    record.look()
    stop()
    assert [each.place for each in record.anchors()] == [3, 8, 10, 11]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_anchors_that_cannot_be_written_stop_nothing(record: Record) -> None:
    away = record.file.parent / "away" / "anchors.jsonl"
    with capture_logs() as logs:
        deliveries.begin(600, anchor=lambda: anchors.write(away, record.key))()
    told = {"event": "audit not anchored", "error": "FileNotFoundError", "log_level": "warning"}
    assert told in logs
    assert str(away) not in str(logs)


def test_a_whole_audit_is_said_to_be_good(kith: Kith) -> None:
    checked = kith("verify")
    assert checked.exit_code == 0
    assert checked.output == (
        "10 rows are good, anchored up to row 8; the chain alone holds the 2 after it.\n"
    )
    assert kith("anchor").output == "Anchored at row 10.\n"
    assert kith("anchor").output == "Nothing has come since the last one.\n"
    assert kith("verify").output == "10 rows are good, anchored up to row 10.\n"


def test_without_anchors_it_is_said_what_cannot_be_seen(kith: Kith) -> None:
    checked = kith("verify", "--chain-only")
    assert checked.exit_code == 0
    assert checked.output.startswith("10 rows are good; no anchor holds them.\nWithout anchors")


def test_the_first_bad_row_is_named_and_the_exit_code_is_1(
    kith: Kith, owner: Callable[..., None]
) -> None:
    owner("UPDATE audit_entries SET did = 'read help' WHERE id = 5")
    checked = kith("verify")
    assert checked.exit_code == 1
    assert checked.output == (
        "4 rows are good, anchored up to row 3; the chain alone holds the 1 after it.\n"
        "Row 5 was changed: it does not follow from row 4 and its words.\n"
    )


def test_anchors_taken_away_are_missed(kith: Kith, record: Record, an_hour_later: None) -> None:
    record.file.unlink()
    checked = kith("verify")
    assert checked.exit_code == 1
    assert "no anchor holds it" in checked.output


def test_a_copy_and_a_key_kept_elsewhere(
    kith: Kith, record: Record, owner: Callable[..., None]
) -> None:
    copy, key = record.file.with_name("copy.jsonl"), record.file.with_name("public.pem")
    copy.write_bytes(record.file.read_bytes())
    key.write_text(kith("key").output)
    record.key.unlink()
    record.file.unlink()
    assert kith("verify", "--anchors", copy, "--key", key).exit_code == 0
    owner("DELETE FROM audit_entries WHERE id > 6")
    owner("UPDATE audit_head SET place = 6, hash = (SELECT hash FROM audit_entries WHERE id = 6)")
    checked = kith("verify", "--anchors", copy, "--key", key)
    assert checked.exit_code == 1
    assert "Row 7 is missing: the audit had reached row 8" in checked.output


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_key_is_refused_in_a_sentence(kith: Kith, record: Record) -> None:
    checked = kith("verify", "--key", record.file)
    assert checked.exit_code == 1
    assert checked.output == "That is no public key as `kith audit key` shows one.\n"
    record.key.write_text("nothing")
    assert kith("anchor").output == "anchor-key.pem holds no whole key.\n"
    assert kith("key").output == "anchor-key.pem holds no whole key.\n"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_processes_anchor_in_turn(record: Record, database: str) -> None:
    program = (
        "import sys; from pathlib import Path; from app import audit; from app.core import db\n"
        "from app.audit import anchors\n"
        "db.use(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    with db.transaction(): audit.note(None, 'read', how='api')\n"
        "    anchors.write(Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    command = [sys.executable, "-c", program, database, str(record.file), str(record.key)]
    both = [subprocess.Popen(command, env=os.environ, cwd=Path(__file__).parents[2]) for _ in "ab"]
    assert [each.wait(60) for each in both] == [0, 0]
    places = [each.place for each in record.anchors()]
    assert places == sorted(set(places))
    assert places[-1] == 50
