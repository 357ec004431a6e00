"""`bookings serve` and `bookings worker`: the site with its worker inside, or the worker alone."""

import ctypes
import gc
import os
import signal
import socket
import sys
from types import FrameType

import click
from flask import Flask
from waitress.server import create_server

from bookings.cli.logs import init_logs
from bookings.jobs.worker import Worker, running_worker
from bookings.settings import Settings
from bookings.turns import answer_in_turn

_OBJECTS_BETWEEN_COLLECTIONS = 20_000
# The worker speaks to the relay in many short sentences, and after each it waits this long for its turn
# while all threads are busy with pages.
_TURN_SECONDS = 0.001
# Of glibc (malloc.h): how many heaps there are, and from which size on a piece goes back when it is freed.
_M_ARENA_MAX, _HEAPS = -8, 2
_M_MMAP_THRESHOLD, _LARGE_OCTETS = -3, 128 * 1024


@click.command("serve")
@click.option("--host", help="Address to listen on (web.host of the settings).")
@click.option("--port", type=int, help="Port to listen on (web.port of the settings).")
@click.option("--worker/--no-worker", "has_worker", default=True, help="Run the worker inside (default).")
@click.pass_obj
def serve_command(app: Flask, host: str | None, port: int | None, *, has_worker: bool) -> None:
    """Serve the site, and send its mails, until stopped."""
    init_logs()
    settings: Settings = app.extensions["settings"]
    run_site(app, host=host or settings.web.host, port=port or settings.web.port, has_worker=has_worker)


@click.command("worker")
@click.pass_obj
def worker_command(app: Flask) -> None:
    """Only send mails and run the periodic jobs, until stopped."""
    init_logs()
    worker = Worker(app)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _give_back_memory()
    worker.run()


def run_site(app: Flask, *, host: str, port: int, has_worker: bool = True) -> None:
    """Listen until SIGTERM or Ctrl-C; running answers, and the mail that is being sent, end first.

    Raises click.ClickException when the port cannot be had.
    """
    settings: Settings = app.extensions["settings"]
    web = settings.web
    check_port(host, port)
    _give_back_memory()  # before there are threads: each takes a heap of its own at once
    server = create_server(
        # PostgreSQL works outside of this process: while one thread waits for it, others go on.
        answer_in_turn(app) if settings.database_url.startswith("sqlite") else app,
        host=host,
        port=port,
        threads=web.threads,
        ident=None,
        max_request_body_size=web.max_import_bytes,
        # Behind a proxy the application itself reads the headers of so many proxies.
        clear_untrusted_proxy_headers=not web.proxy_count,
    )
    signal.signal(signal.SIGTERM, _end)
    _spare_collector()
    sys.setswitchinterval(_TURN_SECONDS)
    if not has_worker:
        server.run()
        return
    with running_worker(app):
        server.run()


def check_port(host: str, port: int) -> None:
    """Say in words why nothing can listen there. Raises click.ClickException."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        if os.name == "posix":  # there it lets a port be taken over that was just left, never one in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("" if host == "*" else host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}, port {port}: {error.strerror}. Stop what listens there, or choose another --port."
            ) from error


def _spare_collector() -> None:
    """What the start has made stays as long as the process: the collector need not look through it.

    Answers leave next to nothing that only the collector can free, so it may look more seldom as well.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


def _give_back_memory() -> None:
    """A long feed or table is gone once it was sent: without this, each thread's heap keeps the room of the
    largest one it ever wrote. Other C libraries than glibc have no such setting and need none."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_ARENA_MAX, _HEAPS)
        set_option(_M_MMAP_THRESHOLD, _LARGE_OCTETS)


def _end(_signal: int, _frame: FrameType | None) -> None:
    """Waitress ends in good order on SystemExit."""
    raise SystemExit(0)
