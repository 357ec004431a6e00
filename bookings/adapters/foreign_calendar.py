"""Fetching a calendar from an address that a stranger typed: never from inside a network, never for long.

The name is resolved once, every address found is checked, and the connection goes to a checked address and
nowhere else: a second answer of the name's server is never asked for. TLS is verified for the name.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Thread, Timer
from urllib.parse import urljoin, urlsplit

from bookings.domain.busy import check_calendar_address, is_public
from bookings.domain.errors import CalendarAddressNotUsableError

MAX_OCTETS = 2 * 1024 * 1024
SECONDS = 5.0
MAX_REDIRECTS = 3
_PIECE = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_LONGEST_VALIDATOR = 254
_HTTPS = 443


class CalendarFetchError(Exception):
    """The calendar did not come; the text is a code for staff and holds nothing of the address."""


@dataclass(frozen=True)
class Network:
    """Where names lead and which addresses may be called. Only tests have another one than `INTERNET`."""

    resolve: Callable[[str, int], list[str]]
    is_allowed: Callable[[str], bool]
    make_context: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context)


@dataclass(frozen=True)
class Fetched:
    """What came: `content` is None when nothing has changed since the validators were given."""

    content: bytes | None
    etag: str = ""
    last_modified: str = ""


def resolve_name(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


INTERNET = Network(resolve=resolve_name, is_allowed=is_public)


def fetch_calendar(
    address: str,
    *,
    etag: str = "",
    last_modified: str = "",
    network: Network = INTERNET,
    seconds: float = SECONDS,
) -> Fetched:
    """The calendar at an https address, within some seconds and two MiB. Raises CalendarFetchError."""
    deadline = time.monotonic() + seconds
    headers = {
        name: value
        for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified))
        if value
    }
    for _hop in range(MAX_REDIRECTS + 1):
        address = _checked(address)
        with _asking(address, headers, network, deadline) as response:
            if response.status not in _REDIRECTS:
                return _read(response, deadline)
            address = urljoin(address, response.headers.get("Location") or "")
    raise CalendarFetchError("too_many_redirects")


def _checked(address: str) -> str:
    try:
        return check_calendar_address(address)
    except CalendarAddressNotUsableError as error:
        raise CalendarFetchError("not_public" if error.code == "not_public" else "bad_redirect") from error


@contextmanager
def _asking(
    address: str, headers: dict[str, str], network: Network, deadline: float
) -> Iterator[HTTPResponse]:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _HTTPS
    target = find_target(host, port, network, deadline)
    try:
        with (
            socket.create_connection((target, port), timeout=_left(deadline)) as plain,
            cut_at(plain, deadline),
            network.make_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            connection = HTTPConnection(host, port)
            connection.sock = secure
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            connection.request("GET", path, headers={**_HEADERS, **headers, "Host": parts.netloc})
            with connection.getresponse() as response:
                yield response
    except ssl.SSLCertVerificationError as error:
        raise CalendarFetchError("certificate") from error
    except (OSError, HTTPException, ValueError) as error:
        is_late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
        raise CalendarFetchError("too_slow" if is_late else "no_connection") from error


_HEADERS = {
    "Accept": "text/calendar, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "Kvarken-Visits",
}


@contextmanager
def cut_at(plain: socket.socket, deadline: float) -> Iterator[None]:
    """A server that sends a letter a second would never let a time limit of one read expire."""
    # A number of its own: the connection's may be somebody else's by the time that the timer rings.
    with plain.dup() as copy:
        timer = Timer(max(0.0, deadline - time.monotonic()), _shut_down, [copy])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _shut_down(copy: socket.socket) -> None:
    with suppress(OSError):
        copy.shutdown(socket.SHUT_RDWR)


def find_target(host: str, port: int, network: Network, deadline: float) -> str:
    """One address of the name, when every one of them may be called."""
    found: list[list[str] | OSError | UnicodeError] = []

    def look() -> None:
        try:
            found.append(network.resolve(host, port))
        except (OSError, UnicodeError) as error:
            found.append(error)

    # The system's resolver knows no time limit.
    thread = Thread(target=look, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not found:
        raise CalendarFetchError("too_slow")
    addresses = found[0]
    if not isinstance(addresses, list) or not addresses:
        raise CalendarFetchError("no_such_name")
    if not all(network.is_allowed(address) for address in addresses):
        raise CalendarFetchError("not_public")
    return addresses[0]


def _read(response: HTTPResponse, deadline: float) -> Fetched:
    if response.status == 304:
        return Fetched(None)
    if response.status != 200:
        raise CalendarFetchError(f"http_{response.status}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise CalendarFetchError("packed")
    if (response.length or 0) > MAX_OCTETS:
        raise CalendarFetchError("too_large")
    return Fetched(
        _read_body(response, deadline),
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
    )


def _read_body(response: HTTPResponse, deadline: float) -> bytes:
    pieces, size = [], 0
    while piece := response.read1(_PIECE):
        size += len(piece)
        if size > MAX_OCTETS:
            raise CalendarFetchError("too_large")
        pieces.append(piece)
    _left(deadline)  # what was cut off looks like an end
    if response.length:  # fewer octets than were announced
        raise CalendarFetchError("no_connection")
    return b"".join(pieces)


def _validator(response: HTTPResponse, name: str) -> str:
    """As it was given, to be sent back; what is no plain short line is left out."""
    value = response.headers.get(name, "")
    return value if len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable() else ""


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise CalendarFetchError("too_slow")
    return left
