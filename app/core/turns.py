"""A lock that goes to whoever has waited longest."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Turns:
    """Python's own lock goes to whoever asks at the right moment, often to who had it last."""

    def __init__(self) -> None:
        self._changing, self._is_taken = Lock(), False
        self.waiting: deque[Lock] = deque()

    def take(self, patience: float) -> bool:
        """Wait for a turn, so many seconds at most; answers whether there is one."""
        with self._changing:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = Lock()
            mine.acquire()
            self.waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self._changing:
            if mine not in self.waiting:  # it came in this very moment
                return True
            self.waiting.remove(mine)
            return False

    def give(self) -> None:
        with self._changing:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self._is_taken = False
