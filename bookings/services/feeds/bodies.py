"""Whole feeds as they were sent last: calendar programs of many readers ask for the same again and again."""

from collections import OrderedDict
from threading import Lock

_MOST_OCTETS = 16 * 1024 * 1024


class Bodies:
    """Feeds by their version, the last used ones, within a fixed amount of memory."""

    def __init__(self, most_octets: int = _MOST_OCTETS) -> None:
        self._most_octets = most_octets
        self._octets = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def find(self, version: str) -> bytes | None:
        """The feed in exactly this version, if it is still here."""
        with self._lock:
            body = self._bodies.get(version)
            if body is not None:
                self._bodies.move_to_end(version)
            return body

    def keep(self, version: str, body: bytes) -> None:
        """Keep a feed; those that nobody asked for longest make room."""
        if len(body) > self._most_octets:
            return
        with self._lock:
            self._octets += len(body) - len(self._bodies.pop(version, b""))
            self._bodies[version] = body
            while self._octets > self._most_octets:
                self._octets -= len(self._bodies.popitem(last=False)[1])
