"""Requests that wait until a test lets them go on."""

import threading

from paperbot.sample.server import Reply
from tests.command.watched import WatchedWorld


class Gate:
    """Requests that begin so wait before their answer, from the given one on."""

    def __init__(self, world: WatchedWorld, request: str, first: int = 1) -> None:
        self.opened, self.waiting = threading.Event(), 0
        self._request, self._first, self._seen = request, first, 0
        self._lock = threading.Lock()
        world.instead = self._hold

    def _hold(self, request: str, _: bytes) -> Reply | None:
        if request.startswith(self._request):
            with self._lock:
                self._seen += 1
                holds = self._seen >= self._first
                self.waiting += holds
            if holds:
                self.opened.wait(60)
        return None
