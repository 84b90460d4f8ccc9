"""Who is in which room, and the one frame that goes to everybody in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from socketio import Manager
from socketio.packet import EVENT

from app.realtime import wire
from app.realtime.connection import Connection

Pages = dict[str, Connection]


class Rooms(Manager):
    """Socket.IO's rooms with an index from each page to its rooms.

    Socket.IO's own look through every room when a page goes, and two threads that leave and enter
    one room at a time could lose the page that enters. It keeps no lock on its lists of who is
    coming and going either, and drops each when it is empty, under whoever is about to look in it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._changing = threading.RLock()
        self._inside: dict[tuple[str, str], Pages] = {}
        self._rooms_of: dict[tuple[str, str], list[str]] = {}

    # The send path

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str = "/",
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **kwargs: Any,
    ) -> None:
        if callback:  # each page gets a number of its own to answer by
            super().emit(event, data, namespace, to or room, skip_sid, callback, **kwargs)
        else:
            self.deliver(self.framed(event, data, namespace), namespace, to or room, skip_sid)

    def framed(self, event: str, data: Any, namespace: str) -> bytes:
        """The event as it stands on the wire, encoded once for everybody."""
        said = [event] if data is None else [event, *(data if isinstance(data, tuple) else [data])]
        encoded = self.server.packet_class(EVENT, namespace=namespace, data=said).encode()
        text, *attached = encoded if isinstance(encoded, list) else [encoded]
        return b"".join(map(wire.frame, [wire.MESSAGE + text, *attached]))

    def deliver(self, frame: bytes, namespace: str, room: Any, skip: Any = None) -> None:
        pages = self._pages(namespace, room)
        for sid in skip if isinstance(skip, list) else [skip]:
            pages.pop(sid, None)
        for page in pages.values():
            page.send(frame)

    def _pages(self, namespace: str, room: Any) -> Pages:
        """Everybody in the room, or once each in one of the rooms; a copy."""
        if isinstance(room, list | tuple | set):
            found: Pages = {}
            for each in room:
                found.update(self._pages(namespace, each))
            return found
        if room is None:
            with self._changing:
                everybody = dict(self.rooms.get(namespace, {}).get(None, {}))
            return self._connected(everybody)
        if self.is_sid_room(namespace, room):
            return self._connected({room: self.eio_sid_from_sid(room, namespace)})
        return self._inside.get((namespace, room), {}).copy()

    def _connected(self, ids: Mapping[str, str | None]) -> Pages:
        sockets = self.server.eio.sockets
        return {sid: sockets[eio] for sid, eio in ids.items() if eio in sockets}

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        for sid, page in self._pages(namespace, room).items():
            yield sid, page.sid

    # Coming and going

    def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        with self._changing:
            came: str | None = super().pre_connect(eio_sid, namespace)
            return came

    def connect(self, sid: str, namespace: str) -> str | None:
        with self._changing:
            came: str | None = super().connect(sid, namespace)
            return came

    def is_connected(self, sid: str, namespace: str) -> bool:
        with self._changing:
            return bool(super().is_connected(sid, namespace))

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        with self._changing:
            found: str | None = super().eio_sid_from_sid(sid, namespace)
            return found

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        with self._changing:
            gone: str | None = super().pre_disconnect(sid, namespace)
            return gone

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        with self._changing:
            if room is None:
                super().basic_enter_room(sid, namespace, None, eio_sid)
            elif room != sid:  # everybody is in the room of their own name
                self._enter(sid, namespace, room)

    def _enter(self, sid: str, namespace: str, room: str) -> None:
        page = self.server.eio.sockets.get(self.eio_sid_from_sid(sid, namespace))
        if page is None or self.is_sid_room(namespace, room):
            raise ValueError("nobody can enter there")
        self._inside.setdefault((namespace, room), {})[sid] = page
        rooms = self._rooms_of.setdefault((namespace, sid), [])
        if room not in rooms:
            rooms.append(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        with self._changing:
            if room is None:
                super().basic_leave_room(sid, namespace, None)
                return
            inside = self._inside.get((namespace, room), {})
            if sid in inside:
                self._rooms_of[namespace, sid].remove(room)
                self._leave(sid, namespace, room)

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        with self._changing:
            for room in self._rooms_of.pop((namespace, sid), []):
                self._leave(sid, namespace, room)
            super().basic_disconnect(sid, namespace, **kwargs)

    def _leave(self, sid: str, namespace: str, room: str) -> None:
        inside = self._inside[namespace, room]
        del inside[sid]
        if not inside:
            del self._inside[namespace, room]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [sid, *self._rooms_of.get((namespace, sid), [])]
