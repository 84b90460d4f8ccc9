"""Whoever looks for viruses: there, away, silent, or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import scan
from app.core.clamd import CHUNK, Clamd
from app.core.errors import Invalid
from tests import servers


@pytest.fixture(autouse=True)
def nobody_after() -> Iterator[None]:
    yield
    scan.use(None)


def test_without_a_scanner_nobody_looks_and_the_test_virus_is_refused_all_the_same() -> None:
    assert scan.verdict(b"A letter") == scan.UNCHECKED
    assert scan.verdict(b"A letter" + scan.TEST_VIRUS) == scan.INFECTED
    with pytest.raises(Invalid, match=r"letter.txt: the virus check refused this file"):
        scan.checked("letter.txt", scan.TEST_VIRUS)


def test_clamd_is_given_all_of_it_and_believed(tmp_path: Path) -> None:
    large = b"x" * (CHUNK + 7)
    with servers.clamd(tmp_path) as there:
        scan.use(Clamd(there.address))
        assert scan.verdict(large) == scan.CLEAN
        assert scan.verdict(large + servers.Clamd.VIRUS) == scan.INFECTED
    assert there.looked == [large, large + servers.Clamd.VIRUS]


def test_while_it_is_away_files_wait(tmp_path: Path) -> None:
    scan.use(Clamd(f"unix://{tmp_path}/nowhere.ctl"))
    assert scan.verdict(b"A letter") == scan.WAITING
    scan.use(Clamd(f"tcp://127.0.0.1:{servers.free_port()}"))
    assert scan.verdict(b"A letter") == scan.WAITING


@pytest.mark.parametrize("how", [{"silent": True}, {"answer": b"INSTREAM size limit. ERROR"}])
def test_what_it_does_not_answer_waits_too(tmp_path: Path, how: dict[str, object]) -> None:
    with servers.clamd(tmp_path, **how) as there:
        scan.use(Clamd(there.address, patience=0.1))
        assert scan.verdict(b"A letter") == scan.WAITING
