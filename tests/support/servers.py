"""The real web server in a thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress.server import create_server


@dataclass(frozen=True)
class WebServer:
    """Where the running site answers."""

    url: str
    port: int


@contextmanager
def running(app: Flask, *, port: int, threads: int = 8) -> Iterator[WebServer]:
    """Serve `app` with Waitress until the block ends."""
    channels: dict[int, Any] = {}
    server = create_server(
        app, host="127.0.0.1", port=port, threads=threads, map=channels, clear_untrusted_proxy_headers=True
    )
    thread = Thread(target=server.run, name=f"waitress-{port}", daemon=True)
    thread.start()
    try:
        yield WebServer(f"http://127.0.0.1:{port}", port)
    finally:
        pulled = Event()

        def end() -> None:
            # The loop may wake for something else first: the trigger must not be gone before it is pulled.
            pulled.wait()
            for channel in [*channels.values(), server]:
                channel.close()

        # Inside its own loop, so that it wakes at once and finds nothing left to wait for.
        server.trigger.pull_trigger(end)
        pulled.set()
        thread.join(5)
        server.task_dispatcher.shutdown(timeout=2)
