"""Whatever arrives by mail: no crash, no change without token or proof, and the mails behind it arrive."""

import os
import random
import time
from datetime import timedelta

import pytest

from bookings.services.inbox import receive_mail, receiving
from tests.support.children import largest_child, stayed_small
from tests.support.inbox import an_invited_host, answer, calendar, inbox_rows, mail, situation
from tests.support.winmail import mail_with, mangled_reply

MUTATIONS = int(os.environ.get("BOOKINGS_TEST_MUTATIONS", "150"))
SECONDS = 10
pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]


@pytest.mark.parametrize(
    "raw",
    [
        b"Cc: " + b"(" * 60_000 + b"\r\n\r\nx",
        b"X: " + b"y" * 30_000_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 5000,
    ],
    ids=["parentheses", "30 MB header", "nested 5000 deep"],
)
def test_a_hostile_mail_is_put_aside_once_and_the_next_one_arrives(now, raw):
    (host,) = an_invited_host()

    begun = time.monotonic()
    for _ in range(2):
        receive_mail(raw, now=now)
    assert time.monotonic() - begun < 2 * SECONDS
    received = receive_mail(answer(host), now=now)

    assert received.verdict == "record-response"
    assert len(inbox_rows()) == 2


def test_mutated_mails_break_nothing_and_change_nothing_without_token_or_proof(now):
    (host,) = an_invited_host()
    generator = random.Random(MUTATIONS)
    plain = mail(calendar(host, "DECLINED", organizer=False), to="visits@kvarken.example", sender=host.email)
    before, largest_before = situation(host.slot_id), largest_child()

    slowest = max(_seconds(_mutated(plain, generator), now) for _ in range(MUTATIONS))

    assert situation(host.slot_id) == before
    assert receive_mail(answer(host), now=now).verdict == "record-response"
    assert slowest < SECONDS
    assert stayed_small(largest_before)


def test_mutated_mails_with_a_token_change_this_host_only(now):
    host, other = an_invited_host("stormossen", "westenergy")
    generator = random.Random(MUTATIONS + 1)
    raw = answer(host, "TENTATIVE")
    before = situation(other.slot_id)

    for _ in range(MUTATIONS):
        received = receive_mail(_mutated(raw, generator), now=now)
        assert received.kind

    assert situation(other.slot_id) == before


def test_mutated_winmails_change_nothing_but_what_their_secret_may(now):
    host, other = an_invited_host("stormossen", "westenergy")
    generator = random.Random(MUTATIONS + 2)
    before = situation(other.slot_id)
    addresses = ["visits@kvarken.example", host.address]

    for number in range(MUTATIONS // 2):
        octets = mangled_reply(host, generator, answered_at=now)
        to = addresses[number % 2]
        raw = mail_with(octets, to=to, sender=host.email, number=f"w{number}")
        if receive_mail(raw, now=now).verdict == "record-response":
            assert to == host.address

    assert situation(other.slot_id) == before
    assert receive_mail(answer(other), now=now).verdict == "record-response"


def test_a_mail_that_trips_our_own_rules_is_put_aside_and_stops_nothing(now, monkeypatch):
    (host,) = an_invited_host()

    def trip(*_arguments, **_more):
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr(receiving, "conclude", trip)
        first, again = (receive_mail(answer(host), now=now) for _ in range(2))
    later = receive_mail(answer(host, "TENTATIVE", at=now + timedelta(hours=2)), now=now)

    assert (first.is_unreadable, again.is_unreadable, later.verdict) == (True, True, "record-response")
    assert [row.state for row in inbox_rows()] == ["open", "open", "logged"]


def _seconds(raw: bytes, now: object) -> float:
    begun = time.monotonic()
    receive_mail(raw, now=now)
    return time.monotonic() - begun


_BROKEN = [b"\r\n", b"--b\r\n", b"\0", b"(", b'"', b"=\r\n"]


def _mutated(raw: bytes, generator: random.Random) -> bytes:
    octets = bytearray(raw)
    for _ in range(generator.randint(1, 12)):
        position = generator.randrange(len(octets))
        match generator.randrange(5):
            case 0:
                octets[position] = generator.randrange(256)
            case 1:
                del octets[position : position + generator.randrange(1, 40)]
            case 2:
                octets[position:position] = bytes(generator.randrange(256) for _ in range(8))
            case 3:
                chunk = octets[position : position + 60]
                target = generator.randrange(len(octets))
                octets[target:target] = chunk
            case _:
                octets[position:position] = generator.choice(_BROKEN)
        if not octets:
            return b"\n"
    return bytes(octets)
