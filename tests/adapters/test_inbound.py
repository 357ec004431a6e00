"""Mails of strangers: what they are, what they hold, and that none of them breaks the reader."""

import time
from contextlib import suppress

import pytest

from bookings.adapters.mail.inbound import read_mail
from bookings.adapters.mail.inbound_bounds import MAX_OCTETS, find_excess
from bookings.adapters.mail.inbound_headers import is_authenticated
from bookings.adapters.sandbox import Sandbox, UnreadableMailError
from tests.support.children import largest_child, stayed_small

ANSWER = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
HEAD = "From: A <a@x.example>\r\nTo: answer+abcdefgh1234@kvarken.example\r\nMIME-Version: 1.0\r\n"


def a_mail(content_type="text/plain", body="hello", headers=""):
    return f"{HEAD}{headers}Content-Type: {content_type}\r\n\r\n{body}\r\n".encode("utf-8", "surrogateescape")


def multipart(kind, *parts, boundary="b", headers=""):
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--"
    return a_mail(f'{kind}; boundary="{boundary}"', body, headers)


PART = f"Content-Type: text/calendar; method=REPLY\r\n\r\n{ANSWER}"
TEXT = "Content-Type: text/plain\r\n\r\nhello"
REQUEST = PART.replace("REPLY", "REQUEST")
AUTOMATIC = "Auto-Submitted: auto-replied\r\n"
REPORT = (
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x.example\r\n\r\n"
    "Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (a_mail("text/calendar; method=REPLY", ANSWER), "reply"),
        (a_mail("text/calendar; method=REPLY", ANSWER, "Auto-Submitted: auto-generated\r\n"), "reply"),
        (a_mail("text/calendar", ANSWER.replace("REPLY", "COUNTER")), "counter"),
        (multipart("multipart/signed", PART, "Content-Type: application/pkcs7-signature\r\n\r\nx"), "reply"),
        (multipart("multipart/mixed", TEXT, PART.replace("text/calendar", "application/ics")), "reply"),
        (multipart("multipart/mixed", TEXT, REQUEST), "foreign-method"),
        (multipart("multipart/mixed", TEXT, REQUEST, headers=AUTOMATIC), "auto-reply"),
        (multipart("multipart/report; report-type=delivery-status", TEXT, REPORT), "bounce"),
        (
            multipart(
                "multipart/report; report-type=delivery-status",
                TEXT, REPORT, f"Content-Type: message/rfc822\r\n\r\nSubject: ours\r\n{PART}",
            ),
            "bounce",
        ),
        (
            multipart(
                "multipart/report; report-type=disposition-notification",
                TEXT, "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action",
            ),
            "read-receipt",
        ),
        (a_mail(headers=AUTOMATIC), "auto-reply"),
        (a_mail(headers="Auto-Submitted: no\r\n"), "no-calendar"),
        (a_mail(headers="Subject: =?utf-8?q?Automaattinen_vastaus=3A_x?=\r\n"), "auto-reply"),
        (a_mail(headers="Return-Path: <>\r\n"), "auto-reply"),
        (a_mail(), "no-calendar"),
        (multipart("multipart/mixed", TEXT, 'Content-Type: application/ms-tnef; name="winmail.dat"\r\n\r\nx'),
         "no-calendar"),
        (a_mail("text/calendar; method=REPLY", ANSWER[:60]), "malformed"),
        (ANSWER.encode(), "reply"),
        (b"\xef\xbb\xbf" + ANSWER.lower().encode(), "reply"),
        (b"", "no-calendar"),
    ],
)  # fmt: skip
def test_the_kind_of_a_mail_follows_from_its_parts_first(raw, kind):
    assert str(read_mail(raw).kind) == kind


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "x-unknown"])
def test_texts_come_through_in_any_encoding(charset):
    text = "Tyvärr, nästa vecka? Vi ses på måndag"
    codec = "iso-8859-1" if charset == "x-unknown" else charset

    raw = f"{HEAD}Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + text.encode(codec)

    assert read_mail(raw).text == text


def test_html_alone_is_read_as_text():
    mail = read_mail(a_mail("text/html", "<style>x{}</style><p>Hej &amp; hå</p><br>Nästa vecka?"))

    assert mail.text == "Hej & hå\n\nNästa vecka?"


def test_a_bounce_names_the_mail_and_the_recipient():
    original = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@kvarken.example>\r\n"
    mail = read_mail(multipart("multipart/report; report-type=delivery-status", REPORT, original))

    assert mail.references == ("ours@kvarken.example",)
    assert [(one.recipient, one.is_final) for one in mail.reports] == [("a@x.example", True)]


def test_the_sender_is_the_address_in_brackets_never_one_in_the_name():
    head = 'From: "ceo@host.example" <x@evil.example>\r\n\r\nhello'

    assert read_mail(head.encode()).sender == "x@evil.example"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("mx.own.example; dmarc=pass header.from=host.example", True),
        ("MX.own.example 1; spf=fail; dmarc=pass (p=none) header.from=host.example", True),
        ("mx.own.example; dmarc=pass header.from=evil.example", False),
        ("mx.own.example; dmarc=fail header.from=host.example", False),
        ("mx.own.example; dmarc=fail; dmarc=pass", False),
        ("mx.own.example (dmarc=pass); dmarc=none", False),
        ("mx.evil.example; dmarc=pass header.from=host.example", False),
        ("", False),
    ],
)
def test_only_our_own_server_s_word_counts(header, expected):
    assert is_authenticated(header, authserv_id="mx.own.example", sender="a@host.example") is expected
    assert is_authenticated(header, authserv_id="", sender="a@host.example") is False


def nested(depth):
    opening = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n' for level in range(depth)
    )
    return f"{HEAD}{opening}Content-Type: text/plain\r\n\r\nhello\r\n".encode()


@pytest.mark.parametrize(
    ("raw", "excess"),
    [
        (b"x" * (MAX_OCTETS + 1), "too_large"),
        (HEAD.encode() + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\nhello", "header_too_large"),
        (b"X: y\r\n" * 2000 + b"\r\n", "too_many_headers"),
        (b"\r\n\r\nno header at all", None),
        (b" \r\n", None),
        (nested(20), None),
        (nested(21), "too_deep"),
        (nested(5000), "too_deep"),
        (b"Content-Type: message/rfc822\r\n\r\n" * 30, "too_deep"),
        (multipart("multipart/mixed", *[TEXT] * 200), None),
        (multipart("multipart/mixed", *[TEXT] * 201), "too_many_parts"),
    ],
)
def test_bounds_are_seen_before_anything_is_parsed(raw, excess):
    assert find_excess(raw) == excess


@pytest.fixture(scope="module")
def sandbox():
    reader = Sandbox()
    yield reader
    reader.close()


HOSTILE = {
    "parentheses in Cc": f"{HEAD}Cc: {'(' * 60_000}a@x.example\r\n\r\nhello".encode(),
    "quotes in From": b"From: " + b'"\\' * 30_000 + b"\r\n\r\nhello",
    "nested MIME": nested(20),
    "parameters": a_mail("text/plain; " + ";".join(f"a{n}=b" for n in range(9000))),
    "encoded words": f"{HEAD}Subject: {'=?utf-8?q?=41?= ' * 3500}\r\n\r\nhello".encode(),
    "many VEVENTs": a_mail("text/calendar", "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 40_000),
    "a long line": a_mail("text/calendar", "BEGIN:VCALENDAR\r\nATTENDEE;" + "A=b;" * 200_000),
    "open quotes": a_mail("text/calendar", ('BEGIN:VCALENDAR\r\nATTENDEE;A="' + 'b",c="' * 100_000)),
    "markup": a_mail("text/html", "<" * 1_000_000),
    "unclosed styles": a_mail("text/html", "<style>" * 150_000),
    "blank lines": a_mail("text/html", "\n \t" * 300_000),
    "nothing but zeros": b"\0" * 1_000_000,
    "base64 of nothing": a_mail("text/plain", "=" * 1_000_000, "Content-Transfer-Encoding: base64\r\n"),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_costs_little_and_the_next_one_is_read(sandbox, raw):
    began, largest = time.monotonic(), largest_child()

    with suppress(UnreadableMailError):
        sandbox.read(raw)
    spent = time.monotonic() - began

    assert spent <= 10
    assert sandbox.read(a_mail("text/calendar", ANSWER)).kind == "reply"
    assert stayed_small(largest)


def test_a_child_that_is_ended_from_outside_loses_no_mail(sandbox):
    sandbox.read(a_mail())

    sandbox._child.kill()
    sandbox._child.wait()

    assert sandbox.read(a_mail("text/calendar", ANSWER)).kind == "reply"
