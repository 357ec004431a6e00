"""Whole feeds as they were sent last: calendar programs of many readers ask for the same again and again."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from threading import Lock

_MOST_OCTETS = 16 * 1024 * 1024


class Bodies:
    """The newest version of each feed, the last used ones, within a fixed amount of memory."""

    def __init__(self, most_octets: int = _MOST_OCTETS) -> None:
        self._most_octets = most_octets
        self._octets = 0
        self._bodies: OrderedDict[Hashable, tuple[str, Sequence[bytes]]] = OrderedDict()
        self._lock = Lock()

    def find(self, feed: Hashable, version: str) -> Sequence[bytes] | None:
        """The feed in exactly this version, if it is still here."""
        with self._lock:
            known, body = self._bodies.get(feed, ("", ()))
            if known != version:
                return None
            self._bodies.move_to_end(feed)
            return body

    def keep(self, feed: Hashable, version: str, body: Sequence[bytes]) -> None:
        """Keep a feed in the place of its version before; those that nobody asked for longest make room."""
        if _count(body) > self._most_octets:
            return
        with self._lock:
            _version, old = self._bodies.pop(feed, ("", ()))
            self._octets += _count(body) - _count(old)
            self._bodies[feed] = version, body
            while self._octets > self._most_octets:
                _feed, (_version, dropped) = self._bodies.popitem(last=False)
                self._octets -= _count(dropped)


def _count(body: Sequence[bytes]) -> int:
    return sum(map(len, body))
