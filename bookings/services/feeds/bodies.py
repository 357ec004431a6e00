"""Whole feeds as they were sent last: calendar programs of many readers ask for the same again and again."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

_MOST_OCTETS = 16 * 1024 * 1024


class Bodies:
    """Feeds by their version, the last used ones, within a fixed amount of memory."""

    def __init__(self, most_octets: int = _MOST_OCTETS) -> None:
        self._most_octets = most_octets
        self._octets = 0
        self._bodies: OrderedDict[str, Sequence[bytes]] = OrderedDict()
        self._lock = Lock()

    def find(self, version: str) -> Sequence[bytes] | None:
        """The feed in exactly this version, if it is still here."""
        with self._lock:
            body = self._bodies.get(version)
            if body is not None:
                self._bodies.move_to_end(version)
            return body

    def keep(self, version: str, body: Sequence[bytes]) -> None:
        """Keep a feed; those that nobody asked for longest make room."""
        if _count(body) > self._most_octets:
            return
        with self._lock:
            self._octets += _count(body) - _count(self._bodies.pop(version, ()))
            self._bodies[version] = body
            while self._octets > self._most_octets:
                self._octets -= _count(self._bodies.popitem(last=False)[1])


def _count(body: Sequence[bytes]) -> int:
    return sum(map(len, body))
