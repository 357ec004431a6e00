"""Many who want one thing: for tests that show what happens without the guards."""

from collections.abc import Callable
from threading import Event, Lock
from typing import ParamSpec, TypeVar

Call = ParamSpec("Call")
Found = TypeVar("Found")
_PATIENCE_SECONDS = 60


def look_together(look: Callable[Call, Found], *, least: int = 4) -> Callable[Call, Found]:
    """Nobody goes on before so many have looked: however busy the machine, they all see it free."""
    have_looked: list[None] = []
    lock, together = Lock(), Event()

    def wait(*args: Call.args, **named: Call.kwargs) -> Found:
        found = look(*args, **named)
        with lock:
            have_looked.append(None)
            if len(have_looked) >= least:
                together.set()
        together.wait(_PATIENCE_SECONDS)
        return found

    return wait
