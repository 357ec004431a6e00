"""Hosts' own calendars as busy time: which addresses may be read, and how long to wait after a fault."""

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from bookings.domain.errors import CalendarAddressNotUsableError
from bookings.domain.time import Interval

MAX_ADDRESS = 2000
LOOK_AHEAD = timedelta(days=180)
READ_EVERY = timedelta(hours=1)
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(days=1)
_WAITS = 8

# Whatever is not on the open internet is refused; what is newly set apart there is refused until it is named.
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = [
    ip_network(text)
    for text in (
        "2001::/23",  # protocols, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: leads to any IPv4 address
        "3fff::/20",  # documentation
    )
]
_CLOSED_V4 = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
]  # fmt: skip


def check_calendar_address(text: str) -> str:
    """The https address that may be asked. Raises CalendarAddressNotUsableError."""
    address = text.strip()
    if len(address) > MAX_ADDRESS:
        raise CalendarAddressNotUsableError("too_long")
    if not address.isascii() or not address.isprintable() or " " in address:
        raise CalendarAddressNotUsableError("characters")
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise CalendarAddressNotUsableError("no_address") from error
    if parts.scheme.lower() not in ("https", "webcal", "webcals"):
        raise CalendarAddressNotUsableError("no_https")
    if parts.username is not None or parts.password is not None:
        raise CalendarAddressNotUsableError("sign_in")
    if not host or port == 0:
        raise CalendarAddressNotUsableError("no_address")
    _check_host(host)
    return urlunsplit(("https", parts.netloc, parts.path or "/", parts.query, ""))


def is_public(address: str) -> bool:
    """Is this IP address on the open internet, as far as anybody can say without asking?"""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _CLOSED_V4)
    # A mapped, translated, link-local, site-local or zoned address is none of 2000::/3.
    return found.scope_id is None and found in _OPEN_V6 and not any(found in net for net in _CLOSED_V6)


def wait_after(failures: int) -> timedelta:
    """How long until the next try: longer after each fault, at most a day."""
    return min(_FIRST_WAIT * (1 << min(max(failures - 1, 0), _WAITS)), _LONGEST_WAIT)


def merge_times(times: Iterable[Interval]) -> list[Interval]:
    """The same busy time without overlaps, in order: how many things fill it is nobody's business."""
    merged: list[Interval] = []
    for time in sorted(times):
        if merged and time.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, time.end))
        else:
            merged.append(time)
    return merged


def _check_host(host: str) -> None:
    """A name that can't be public is told at once; the resolved address is checked before each connection."""
    try:
        address: IPv4Address | IPv6Address | None = ip_address(host)
    except ValueError:
        address = None
    if address is not None:
        if not is_public(host):
            raise CalendarAddressNotUsableError("not_public")
    elif "." not in host.rstrip(".") or host.rstrip(".").endswith((".localhost", ".local", ".internal")):
        raise CalendarAddressNotUsableError("not_public")
