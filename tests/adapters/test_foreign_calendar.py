"""Fetching a calendar that a stranger names: only from the open internet, only for a moment."""

import socket
import time

import pytest

from bookings.adapters import foreign_calendar
from bookings.adapters.foreign_calendar import (
    INTERNET,
    MAX_OCTETS,
    CalendarFetchError,
    Network,
    fetch_calendar,
)
from bookings.domain.busy import check_calendar_address, is_public
from bookings.domain.errors import CalendarAddressNotUsableError
from tests.support.calendar_server import NAME, calendar_server, content, status

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
CLOSED = {
    "loopback": ("127.0.0.1", "127.255.0.9", "::1"),
    "private": ("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::3"),
    "link-local": ("169.254.169.254", "fe80::1", "fe80::1%eth0"),
    "shared": ("100.64.0.1",),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "multicast": ("224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255", "192.0.0.8", "198.18.0.1", "4000::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "mapped": ("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"),
    "translated": ("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "192.88.99.1"),
    "site-local": ("fec0::1",),
    "no address": ("", "localhost", "127.1", "0x7f.0.0.1", "2130706433"),
}
ALL_CLOSED = [(kind, address) for kind, addresses in CLOSED.items() for address in addresses]


@pytest.fixture
def server(tmp_path):
    with calendar_server(tmp_path) as server:
        server.answer = content(CALENDAR)
        yield server


def refusal(url, **options):
    with pytest.raises(CalendarFetchError) as refused:
        fetch_calendar(url, **options)
    return str(refused.value)


def leading_to(*addresses):
    return Network(resolve=lambda _host, _port: list(addresses), is_allowed=is_public)


@pytest.fixture
def no_connections(monkeypatch):
    def connect(*_args, **_more):
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", connect)


@pytest.mark.parametrize(("kind", "address"), ALL_CLOSED)
def test_a_name_that_leads_into_a_closed_network_is_not_called(kind, address, no_connections):
    assert refusal(f"https://{NAME}/c.ics", network=leading_to(address)) == "not_public"


@pytest.mark.parametrize("address", ["8.8.8.8", "193.10.0.1", "2606:4700::1111", "2a00:1450:4001::1"])
def test_addresses_of_the_open_internet_may_be_called(address):
    assert is_public(address)


def test_one_closed_address_among_open_ones_is_enough_to_refuse(no_connections):
    assert refusal(f"https://{NAME}/", network=leading_to("8.8.8.8", "10.0.0.1")) == "not_public"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://host.example/c.ics", "no_https"),
        ("file:///etc/passwd", "no_https"),
        ("ftp://host.example/", "no_https"),
        ("host.example/c.ics", "no_https"),
        ("https://name:word@host.example/", "sign_in"),
        ("https://name@host.example/", "sign_in"),
        ("https:///c.ics", "no_address"),
        ("https://host.example:99999/", "no_address"),
        ("https://host.example:0/", "no_address"),
        ("https://[::1/", "no_address"),
        ("https://host.example/a b", "characters"),
        ("https://host.example/\r\nX: y", "characters"),
        ("https://värd.example/", "characters"),
        ("https://host.example/" + "x" * 2000, "too_long"),
        *(
            (f"https://{name}/", "not_public")
            for name in ("localhost", "intranet", "a.local", "127.0.0.1", "[::1]")
        ),
    ],
)
def test_what_is_no_public_https_address_is_told_at_once(address, code):
    with pytest.raises(CalendarAddressNotUsableError) as refused:
        check_calendar_address(address)

    assert refused.value.code == code


def test_webcal_is_read_by_https_and_the_fragment_stays_at_home():
    assert check_calendar_address(" webcal://Host.example/c.ics?a=1#x ") == "https://Host.example/c.ics?a=1"


def test_numbers_that_look_like_names_are_resolved_by_the_system_and_refused(no_connections):
    for host in ("0x7f.1", "127.1", "0177.0.0.1"):
        assert refusal(f"https://{host}/", network=INTERNET) in ("not_public", "no_such_name")


def test_a_calendar_comes_with_its_validators_over_verified_tls(server):
    server.answer = content(CALENDAR, ETag='"one"', Last_Modified="Mon, 01 Mar 2027 10:00:00 GMT")

    fetched = fetch_calendar(server.url, network=server.network())

    assert (fetched.content, fetched.etag) == (CALENDAR, '"one"')
    assert fetched.last_modified == "Mon, 01 Mar 2027 10:00:00 GMT"
    assert server.seen[0]["host"] == f"{NAME}:{server.port}"


def test_an_unchanged_calendar_is_not_sent_again(server):
    server.answer = status(304)

    fetched = fetch_calendar(server.url, etag='"one"', last_modified="then", network=server.network())

    assert fetched.content is None
    assert (server.seen[0]["if-none-match"], server.seen[0]["if-modified-since"]) == ('"one"', "then")


def test_a_certificate_that_nobody_vouches_for_is_refused(server):
    network = server.network()
    trusting_nobody = Network(resolve=network.resolve, is_allowed=network.is_allowed)

    assert refusal(server.url, network=trusting_nobody) == "certificate"
    assert server.seen == []


def test_a_certificate_of_another_name_is_refused(tmp_path):
    with calendar_server(tmp_path, name="other.example") as server:
        server.answer = content(CALENDAR)

        assert refusal(server.url, network=server.network()) == "certificate"


def test_the_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(server):
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])

    fetched = fetch_calendar(server.url, network=server.network(resolve=lambda *_: next(answers)))

    assert fetched.content == CALENDAR
    assert next(answers) == ["10.0.0.1"]  # nobody asked a second time


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("https://10.0.0.1/c.ics", "not_public"),
        ("https://[::1]/c.ics", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://inside.example/", "not_public"),
        ("http://calendar.host.example/", "bad_redirect"),
        ("file:///etc/passwd", "bad_redirect"),
        ("https://name:word@calendar.host.example/", "bad_redirect"),
    ],
)
def test_a_redirect_is_checked_like_an_address_that_was_typed(server, location, code):
    server.answer = status(302, Location=location)
    inside = {"inside.example": ["10.0.0.7"]}
    network = server.network(resolve=lambda host, _port: inside.get(host, ["127.0.0.1"]))

    assert refusal(server.url, network=network) == code
    assert len(server.seen) == 1


def test_three_redirects_are_followed_and_a_fourth_is_not(server):
    left = [3]

    def answer(handler):
        left[0] -= 1
        (status(307, Location="/next") if left[0] >= 0 else content(CALENDAR))(handler)

    server.answer = answer
    assert fetch_calendar(server.url, network=server.network()).content == CALENDAR

    left[0] = 4
    assert refusal(server.url, network=server.network()) == "too_many_redirects"


def test_more_than_two_mib_are_refused_announced_or_not(server):
    server.answer = content(b"", Content_Length=str(MAX_OCTETS + 1))
    assert refusal(server.url, network=server.network()) == "too_large"

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answer = endless
    assert refusal(server.url, network=server.network()) == "too_large"


def test_packed_content_is_refused(server):
    server.answer = content(b"x", Content_Encoding="gzip")

    assert refusal(server.url, network=server.network()) == "packed"


def _drip_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _drip_body(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _hang(_handler):
    time.sleep(3)


@pytest.mark.parametrize("answer", [_drip_headers, _drip_body, _hang])
def test_a_slow_server_is_left_in_time(server, answer):
    server.answer = answer

    assert refusal(server.url, network=server.network(), seconds=0.6) == "too_slow"


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_time_in_all():
    def slow(_host, _port):
        time.sleep(3)
        return ["8.8.8.8"]

    assert refusal(f"https://{NAME}/", network=Network(slow, is_public), seconds=0.3) == "too_slow"


def test_faults_have_codes_and_never_hold_the_address(server):
    server.answer = status(403)
    codes = [refusal(server.url, network=server.network())]
    server.answer = lambda handler: handler.wfile.write(b"SSH-2.0\r\n")
    codes.append(refusal(server.url, network=server.network()))

    def nothing(_host, _port):
        raise socket.gaierror

    codes.append(refusal(server.url, network=server.network(resolve=nothing)))

    assert codes == ["http_403", "no_connection", "no_such_name"]


def test_what_runs_in_production_is_the_open_internet():
    assert Network(foreign_calendar.resolve_name, is_public) == foreign_calendar.INTERNET
