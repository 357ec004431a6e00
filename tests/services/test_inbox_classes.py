"""Mails of every class in any dress: other clients, senders, languages, encodings, zones, line ends, orders.

Each drawn mail says one thing in the manner of one client; the conclusion follows from what it says alone.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from quopri import encodestring
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.adapters.mail.inbound import read_mail
from bookings.domain.answers import Invitation, Proof, decide_answer
from bookings.services.inbox import receive_mail
from tests.support.clock import NOW
from tests.support.inbox import an_invited_host, invited, situation
from tests.support.stories import slot_row

UTC_TIME, WINDOWS, IANA, NO_ZONE = "utc", "windows", "iana", "floating"
WINDOWS_NAMES = {"Europe/Helsinki": "FLE Standard Time", "Europe/Stockholm": "W. Europe Standard Time"}
STATES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "COUNTER": "countered"}
COMMENTS = (
    "",
    "Tyvärr, vi har revision: försök v. 21",
    "Ei sovi; entä keskiviikko?",
    "Да, приедем",
    "好的 ✓",
)


@dataclass(frozen=True)
class Dress:
    """How a client writes its answer."""

    said: str
    comment: str
    comment_in: str
    zone_style: str
    zone: str
    line_end: str
    folds_with: str
    lower_case: bool
    has_organizer: bool
    mailto: str
    method_in: str
    encoding: str
    charset: str
    tree: str
    headers: str


dresses = st.builds(
    Dress,
    said=st.sampled_from(sorted(STATES)),
    comment=st.sampled_from(COMMENTS),
    comment_in=st.sampled_from(["COMMENT", "X-RESPONSE-COMMENT"]),
    zone_style=st.sampled_from([UTC_TIME, WINDOWS, IANA, NO_ZONE]),
    zone=st.sampled_from(["Europe/Helsinki", "Europe/Stockholm"]),
    line_end=st.sampled_from(["\r\n", "\n"]),
    folds_with=st.sampled_from([" ", "\t", ""]),
    lower_case=st.booleans(),
    has_organizer=st.booleans(),
    mailto=st.sampled_from(["mailto:", "MAILTO:", "MailTo:"]),
    method_in=st.sampled_from(["both", "body", "mime"]),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
    charset=st.sampled_from(["utf-8", "UTF-8", "utf8"]),
    tree=st.sampled_from(["single", "alternative", "mixed", "octet-stream", "signed"]),
    headers=st.sampled_from(
        ["", "Auto-Submitted: auto-generated\r\n", "X-Mailer: Any\r\nPrecedence: first-class\r\n"]
    ),
)


@dataclass(frozen=True)
class Asked:
    """What the client answers to."""

    uid: str
    address: str
    email: str
    sequence: int
    starts_at: datetime
    ends_at: datetime


def write(dress: Dress, asked: Asked, *, number: int = 0, at: datetime = NOW) -> bytes:
    """The whole mail."""
    text = _calendar(dress, asked, at=at)
    method = "COUNTER" if dress.said == "COUNTER" else "REPLY"
    parameter = f"; method={method}" if dress.method_in != "body" else ""
    part = _part(f"text/calendar; charset={dress.charset}{parameter}", text, dress.encoding)
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\nok\r\n"
    head = (
        f"{dress.headers}From: Host <{asked.email}>\r\nTo: <{asked.address}>\r\nSubject: Re\r\n"
        f"Date: Mon, 01 Feb 2027 10:00:00 +0000\r\nMessage-ID: <c{number}@client.example>\r\n"
        "MIME-Version: 1.0\r\n"
    ).encode()
    if dress.tree == "single":
        return head + part
    if dress.tree == "octet-stream":
        ics = part.replace(b"text/calendar", b'application/octet-stream; name="invite.ics"', 1)
        return head + _multipart("mixed", plain, ics)
    if dress.tree == "signed":
        inner = _multipart("alternative", plain, part, edge="in")
        return head + _multipart("signed", inner, b"Content-Type: application/pgp-signature\r\n\r\nx\r\n")
    return head + _multipart(dress.tree, plain, part)


def _multipart(kind: str, *parts: bytes, edge: str = "out") -> bytes:
    inside = b"".join(f"--{edge}\r\n".encode() + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{edge}"\r\n\r\n'.encode()
        + inside
        + f"--{edge}--\r\n".encode()
    )


def _part(kind: str, text: str, encoding: str) -> bytes:
    raw = text.encode()
    body = {
        "base64": lambda: b64encode(raw),
        "quoted-printable": lambda: encodestring(raw),
        "8bit": lambda: raw,
    }
    return (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body[encoding]()
    )


def _calendar(dress: Dress, asked: Asked, *, at: datetime) -> str:
    method = "COUNTER" if dress.said == "COUNTER" else "REPLY"
    shift = timedelta(days=1) if method == "COUNTER" else timedelta()
    partstat = "TENTATIVE" if method == "COUNTER" else dress.said
    note = f';X-RESPONSE-COMMENT="{dress.comment}"' if dress.comment and dress.comment_in != "COMMENT" else ""
    escaped = dress.comment.replace(",", "\\,").replace(";", "\\;")
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Any//Client//EN",
        f"METHOD:{method}" if dress.method_in != "mime" else "",
        "BEGIN:VEVENT", f"UID:{asked.uid}", f"SEQUENCE:{asked.sequence}", f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        _time("DTSTART", asked.starts_at + shift, dress), _time("DTEND", asked.ends_at + shift, dress),
        f"ORGANIZER:{dress.mailto}{asked.address}" if dress.has_organizer else "",
        f"ATTENDEE;CN=Host;PARTSTAT={partstat}{note}:{dress.mailto}{asked.email}",
        f"COMMENT:{escaped}" if dress.comment and dress.comment_in == "COMMENT" else "",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    folded = [_fold(_cased(line, dress), dress) for line in lines if line]
    return dress.line_end.join(folded) + dress.line_end


def _cased(line: str, dress: Dress) -> str:
    """Names of properties in small letters, as some scripts write them."""
    name = line[: min(line.find(sign) for sign in ":;" if sign in line)]
    return name.lower() + line[len(name) :] if dress.lower_case else line


def _fold(line: str, dress: Dress) -> str:
    if not dress.folds_with or len(line) < 60:
        return line
    return f"{line[:55]}{dress.line_end}{dress.folds_with}{line[55:]}"


def _time(name: str, instant: datetime, dress: Dress) -> str:
    if dress.zone_style == UTC_TIME:
        return f"{name}:{instant:%Y%m%dT%H%M%SZ}"
    # Times without a zone are the place's.
    zone = "Europe/Helsinki" if dress.zone_style == NO_ZONE else dress.zone
    wall = f"{instant.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
    if dress.zone_style == NO_ZONE:
        return f"{name}:{wall}"
    return f"{name};TZID={WINDOWS_NAMES[zone] if dress.zone_style == WINDOWS else zone}:{wall}"


ASKED = Asked(
    uid="0123456789abcdef0123456789abcdef@kvarken.example",
    address="answer+t7qm2vxc9lpr4skd@kvarken.example",
    email="sofia@umea.example",
    sequence=1,
    starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC),
    ends_at=datetime(2027, 3, 16, 9, 30, tzinfo=UTC),
)
INVITATION = Invitation(
    email=ASKED.email, name="Sofia", sequence=1, asked_sequence=1, starts_at=ASKED.starts_at,
    ends_at=ASKED.ends_at, time_zone="Europe/Helsinki",
)  # fmt: skip


@settings(max_examples=300)
@given(dress=dresses)
def test_any_dress_means_what_it_says(dress):
    mail = read_mail(write(dress, ASKED))

    (found,) = mail.answers
    decision = decide_answer(found, INVITATION, Proof(sender=mail.sender, has_token=True), sent_at=NOW)

    assert mail.recipients == (ASKED.address,)
    assert decision.comment == dress.comment
    if dress.said == "COUNTER":
        day = timedelta(days=1)
        assert (decision.verdict, decision.proposed) == (
            "record-proposal",
            (ASKED.starts_at + day, ASKED.ends_at + day),
        )
    else:
        assert (decision.verdict, decision.partstat) == ("record-response", dress.said)


@settings(max_examples=100)
@given(
    dress=dresses, sequence=st.sampled_from([0, 2]), sender=st.sampled_from([ASKED.email, "x@evil.example"])
)
def test_in_any_dress_an_old_version_a_version_never_sent_and_a_stranger_count_for_nobody(
    dress, sequence, sender
):
    asked = Asked(**{**vars(ASKED), "sequence": sequence})
    mail = read_mail(write(dress, asked))

    by_token = decide_answer(mail.answers[0], INVITATION, Proof(sender=sender, has_token=True), sent_at=NOW)
    unproved = decide_answer(mail.answers[0], INVITATION, Proof(sender=sender), sent_at=NOW)

    assert by_token.verdict == ("record-as-answer-to-old-version" if sequence == 0 else "flag-for-review")
    assert unproved.verdict == "flag-for-review"


@pytest.fixture
def host(app_context):
    return an_invited_host()[0]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_dresses=st.lists(dresses, min_size=2, max_size=4), order=st.randoms(use_true_random=False))
def test_on_a_database_the_last_answer_counts_in_whatever_order_they_come(host, given_dresses, order):
    base = _next_hour()
    letters = [(base + timedelta(minutes=number), dress) for number, dress in enumerate(given_dresses)]
    asked = _asked(invited(host.slot_id))
    raws = {at: write(dress, asked, number=next(_numbers), at=at) for at, dress in letters}

    for at, _ in order.sample([*letters, letters[0]], len(letters) + 1):
        receive_mail(raws[at], now=NOW)

    last = letters[-1][1]
    expected = {STATES[last.said]} | ({"cancelled"} if last.said == "DECLINED" else set())
    assert situation(host.slot_id)["state"] in expected
    assert not last.comment or slot_row(host.slot_id).answer_comment == last.comment


_hours = iter(range(10_000))
_numbers = iter(range(10**9))


def _next_hour() -> datetime:
    """Later than all answers of earlier examples, and not far from the mails' own date."""
    return NOW - timedelta(days=20) + timedelta(minutes=10 * next(_hours))


def _asked(known) -> Asked:
    return Asked(known.uid, known.address, known.email, known.sequence, known.starts_at, known.ends_at)
