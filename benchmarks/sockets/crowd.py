"""A crowd of Socket.IO clients in one process, as light as can be, so that the server is measured.

Told what to do by lines of JSON, it answers each with one. It speaks WebSocket frames by hand and
knows that all events have the same size.
"""

from __future__ import annotations

import json
import os
import resource
import select
import socket
import statistics
import sys
import time
from typing import Any

ROOM = 20
PAYLOAD = 400
# Events that are under way at a time while the server is to do its most.
UNDER_WAY = 100
HANDSHAKES = 64
FILES = 16_384

_HEAD = '42["changed",{"t":"'
_TAIL = '","of":"'
_END = '"}]'
_STAMP = 20
_PADDING = "x" * (PAYLOAD - len(_HEAD) - _STAMP - len(_TAIL) - len(_END))
EVENT = 4 + PAYLOAD  # with the head of its frame
STAMP = slice(4 + len(_HEAD), 4 + len(_HEAD) + _STAMP)


def frame(text: str) -> bytes:
    """As a client sends it; masked with zeros, which leave it as it is."""
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + size + b"\0\0\0\0" + data


class Client:
    def __init__(self, address: tuple[str, int], cookie: str, room: str) -> None:
        self.room, self.rest, self.is_open = room, b"", False
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host = f"{address[0]}:{address[1]}"
        self.socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
            f"Origin: http://{host}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def hear(self, data: bytes) -> list[bytes]:
        """Whole messages; what the protocol wants is answered."""
        self.rest += data
        if not self.is_open:
            head, end, after = self.rest.partition(b"\r\n\r\n")
            if not end:
                return []
            assert head.startswith(b"HTTP/1.1 101"), head
            self.is_open, self.rest = True, after
        messages = []
        while len(self.rest) >= 2:
            begin, size = 2, self.rest[1]
            if size == 126:
                begin, size = 4, int.from_bytes(self.rest[2:4], "big")
            if len(self.rest) < begin + size:
                break
            messages.append(self.rest[begin : begin + size])
            self.rest = self.rest[begin + size :]
            self._answer(messages[-1])
        return messages

    def _answer(self, message: bytes) -> None:
        if message == b"2":
            self.socket.sendall(frame("3"))
        elif message.startswith(b"0"):
            self.socket.sendall(frame("40"))
        elif message.startswith(b"40"):
            self.socket.sendall(frame(f'420["join","{self.room}"]'))


class Crowd:
    def __init__(self) -> None:
        self.clients: dict[int, Client] = {}
        self.ready = select.epoll()
        self.stamps: list[int] = []
        self.told = self.heard = 0
        self.speakers: list[Client] = []

    def connect(self, ports: list[int], lines: int, size: int, cookies: list[str]) -> Any:
        """All of them, some at a time, until each is in its room."""
        self.lines = socket.create_connection(("127.0.0.1", lines))
        self.lines.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rooms = [f"room:{number}" for number in range(size // ROOM)]
        began, made, inside = time.perf_counter(), 0, 0
        while inside < size:
            while made < size and made - inside < HANDSHAKES:
                client = Client(
                    # Each room has members on every server.
                    ("127.0.0.1", ports[made // len(self.rooms) % len(ports)]),
                    cookies[made % len(cookies)],
                    self.rooms[made % len(self.rooms)],
                )
                self.clients[client.socket.fileno()] = client
                self.ready.register(client.socket, select.EPOLLIN)
                made += 1
            for number, _ in self.ready.poll(5):
                client = self.clients[number]
                data = client.socket.recv(65536)
                assert data, "the server hung up"
                inside += sum(each.startswith(b"43") for each in client.hear(data))
        return size / (time.perf_counter() - began)

    def close(self) -> None:
        for client in self.clients.values():
            client.socket.close()
        self.clients.clear()
        self.lines.close()

    def wait(self) -> bytes:
        """Until there is something to do; pings are answered meanwhile."""
        asked = select.poll()
        asked.register(sys.stdin, select.POLLIN)
        asked.register(self.ready, select.POLLIN)
        while sys.stdin.fileno() not in dict(asked.poll()):
            self._hear(0)
        return os.read(sys.stdin.fileno(), 1 << 20)

    def flood(self, seconds: float) -> Any:
        """As many as the server manages."""
        self._forget()
        began = self._spent()
        end = time.perf_counter() + seconds
        first = time.perf_counter()
        while time.perf_counter() < end:
            self._tell(UNDER_WAY - (self.told - self.heard // ROOM))
            self._hear(0.1)
        took = time.perf_counter() - first
        heard = self.heard
        self._empty()
        return {"a second": heard / took, "busy": (self._spent() - began) / took}

    def pace(self, seconds: float, rate: float) -> Any:
        """At a steady rate of deliveries, how long each takes."""
        self._forget()
        first = time.perf_counter()
        while (now := time.perf_counter() - first) < seconds:
            due = int(now * rate / ROOM) + 1
            self._tell(due - self.told)
            self._hear(max(due * ROOM / rate - (time.perf_counter() - first), 0))
        self._empty()
        times = sorted(self.stamps)
        return {
            "p50": statistics.median(times) / 1e6,
            "p99": times[int(len(times) * 0.99)] / 1e6,
            "lost": self.told * ROOM - self.heard,
        }

    def talk(self, seconds: float, rate: float) -> Any:
        """The same, but clients say it, and the server answers each with an event to its room."""
        self.speakers = list(self.clients.values())
        try:
            return self.pace(seconds, rate)
        finally:
            self.speakers = []

    def _tell(self, events: int) -> None:
        if self.speakers:
            for _ in range(events):
                self.told += 1
                speaker = self.speakers[self.told % len(self.speakers)]
                said = f'{{"t":"{time.perf_counter_ns():020}","of":"{_PADDING}"}}'
                speaker.socket.sendall(frame(f'42["say","{speaker.room}",{said}]'))
        elif events > 0:
            said = []
            for _ in range(events):
                room = self.rooms[self.told % len(self.rooms)]
                self.told += 1
                said.append(f'{room} {{"t":"{time.perf_counter_ns():020}","of":"{_PADDING}"}}\n')
            self.lines.sendall("".join(said).encode())

    def _hear(self, wait: float) -> int:
        came = self.ready.poll(wait)
        for number, _ in came:
            client = self.clients[number]
            data = client.socket.recv(65536)
            if len(data) == EVENT and not client.rest:
                self.heard += 1
                self.stamps.append(time.perf_counter_ns() - int(data[STAMP]))
                continue
            assert data, "the server hung up"
            for message in client.hear(data):
                if len(message) == PAYLOAD:
                    self.heard += 1
                    sent = int(message[STAMP.start - 4 : STAMP.stop - 4])
                    self.stamps.append(time.perf_counter_ns() - sent)
        return len(came)

    def _forget(self) -> None:
        self.told = self.heard = 0
        self.stamps = []

    def _empty(self) -> None:
        """What is still under way belongs to no later measurement."""
        end = time.perf_counter() + 5
        while self.heard < self.told * ROOM and time.perf_counter() < end:
            self._hear(0.2)

    @staticmethod
    def _spent() -> float:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        return spent.ru_utime + spent.ru_stime


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    crowd = Crowd()
    while line := crowd.wait():
        asked = json.loads(line)
        answer = getattr(crowd, asked.pop("do"))(**asked)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
