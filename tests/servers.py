"""Private PostgreSQL, Redis and mail servers, started from what is installed, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest


def missing(what: str, package: str) -> None:
    """Say what is not installed: at home the tests that need it are skipped, in CI they fail."""
    sentence = f"{what} is not installed: `apt-get install {package}` brings it"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Clamd(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Speaks as clamd does over a socket of its own, and knows a word that stands for a virus."""

    VIRUS = b"this is a virus"
    daemon_threads = True

    def __init__(self, path: Path, *, answer: bytes | None = None, silent: bool = False) -> None:
        self.address, self.answer, self.silent = f"unix://{path}", answer, silent
        self.looked: list[bytes] = []
        super().__init__(str(path), _Instream)


class _Instream(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        data = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            data += self.rfile.read(length)
        self.server.looked.append(data)
        if self.server.silent:
            self.rfile.read(1)  # until the other side loses patience
            return
        said = b"Kith.Test FOUND" if Clamd.VIRUS in data else b"OK"
        self.wfile.write(b"stream: " + (self.server.answer or said) + b"\0")


@contextmanager
def clamd(folder: Path, **how: Any) -> Iterator[Clamd]:
    """A scanner for as long as the block lasts: `scan.use(clamd.Clamd(there.address))`."""
    path = folder / "clamd.ctl"
    with Clamd(path, **how) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            path.unlink()


def postgresql_binary(name: str) -> str | None:
    # Debian keeps the server's programs off the PATH.
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


@contextmanager
def postgresql() -> Iterator[str]:
    """A cluster of its own; answers the URL of an empty database in it."""
    initdb, postgres = postgresql_binary("initdb"), postgresql_binary("postgres")
    if not (initdb and postgres):
        missing("PostgreSQL", "postgresql")
    assert initdb
    assert postgres
    folder = Path(mkdtemp(prefix="kith-pg-"))
    data = folder / "data"
    run_as: dict[str, object] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        run_as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder} | run_as
    subprocess.run(
        [initdb, "-D", data, "-U", "kith", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
        check=True,
        **quiet,  # type: ignore[call-overload]
    )
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        # The tests kill no machine: what is lost with one need not be on disk.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "300",
        # A plan is made for one small question; compiling it would take longer than its answer.
        "jit": "off",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen([postgres, "-D", data, *flags], **quiet)  # type: ignore[call-overload]
    try:
        _wait(lambda: (folder / ".s.PGSQL.5432").exists() and _answers(folder), server)
        yield f"postgresql+psycopg://kith@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own on a free port; answers its URL."""
    binary = shutil.which("redis-server")
    if not binary:
        missing("Redis", "redis-server")
    assert binary
    folder, port = Path(mkdtemp(prefix="kith-redis-")), free_port()
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: _listens(port), server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def smtp(folder: Path, port: int | None = None) -> Iterator[str]:
    """A mail server in a process of its own; answers its URL. What it took lies in the folder."""
    port = port or free_port()
    handler = ["-c", "tests.post_office.Office", str(folder)]
    listen = ["-n", "-l", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "aiosmtpd", *listen, *handler],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(lambda: _listens(port), server)
        yield f"smtp://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait(20)


def _answers(folder: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(f"host={folder} user=kith dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(ready: object, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    assert callable(ready)
    end = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the private server did not start")
        time.sleep(0.05)
