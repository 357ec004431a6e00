"""Winmail.dat: what Outlook shut away is read within bounds, or not at all."""

import random
import struct
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bookings.adapters.mail.inbound import read_mail
from bookings.adapters.mail.tnef import UnreadableWinmailError, read_properties, read_tnef
from bookings.adapters.mail.winmail import read_winmail
from bookings.domain.answers import Partstat
from tests.support.clock import NOW
from tests.support.winmail import (
    BINARY,
    DECLINE,
    HEAD,
    MEETING,
    STRING,
    TIME,
    UNICODE,
    attached,
    attribute,
    mail_with,
    mangled_reply,
    one_property,
    properties,
    proposal,
    reply,
    winmail,
)

HOST = SimpleNamespace(
    uid="slot-41@visits.kvarken.example", email="pekka@host.example", sequence=2,
    starts_at=NOW + timedelta(days=40), ends_at=NOW + timedelta(days=40, hours=1),
)  # fmt: skip


def test_an_answer_says_who_about_what_when_and_to_which_version():
    (line,) = (
        found := read_winmail(reply(HOST, DECLINE, answered_at=NOW), sender="x@else.example").answer
    ).lines

    assert (line.address, line.name, line.partstat) == (HOST.email, "Pekka Niemi", Partstat.DECLINED)
    assert (found.method, found.uid, found.sequence, found.dtstamp) == ("REPLY", HOST.uid, 2, NOW)
    assert (found.starts_at, found.ends_at) == (HOST.starts_at, HOST.ends_at)


def test_a_proposal_keeps_the_time_that_was_asked():
    times = HOST.starts_at + timedelta(days=1), HOST.ends_at + timedelta(days=1)

    found = read_winmail(reply(HOST, answered_at=NOW, more=proposal(*times)), sender="").answer

    assert found.method == "COUNTER"
    assert (found.starts_at, found.ends_at, found.original_starts_at) == (*times, HOST.starts_at)


def test_an_identity_of_outlook_s_own_is_its_octets_without_the_day():
    identity = HEAD + bytes([7, 235, 3, 17]) + bytes(16) + struct.pack("<I", 4) + b"\1\2\3\4"

    octets = winmail("IPM.Schedule.Meeting.Resp.Pos", one_property((MEETING, 3), BINARY, identity))
    found = read_winmail(octets, sender="a@b.example").answer

    assert found.uid == (HEAD + bytes(20) + struct.pack("<I", 4) + b"\1\2\3\4").hex().upper()
    assert found.is_occurrence


def test_addresses_of_a_house_name_nobody_outside_it():
    octets = winmail("IPM.Schedule.Meeting.Resp.Pos", one_property(0x65, STRING, "/O=HOUSE/CN=pekka@x"))

    assert read_winmail(octets, sender="pekka@host.example").answer.lines[0].address == "pekka@host.example"


@pytest.mark.parametrize("damage", [
    b"", b"x", b"BEGIN:VCALENDAR\r\n", reply(HOST, answered_at=NOW)[:-7],
    struct.pack("<IH", 0x223E9F78, 0) + struct.pack("<BII", 1, 0x00069003, 2**32 - 1),
    winmail("IPM.Note", struct.pack("<HH", 0x77, 1) + bytes(8)),
    winmail("IPM.Note", struct.pack("<HHII", BINARY, 1, 2**32 - 1, 2**32 - 1)),
    winmail("IPM.Note", struct.pack("<HHI", 0x1003, 1, 2**32 - 1)),
    winmail("IPM.Note", files=attached("a.txt", b"") * 60),
    struct.pack("<IH", 0x223E9F78, 0) + attribute(0x00069003, struct.pack("<I", 2**32 - 1)),
])  # fmt: skip
def test_what_is_broken_or_claims_more_than_there_is_stays_closed(damage):
    with pytest.raises(UnreadableWinmailError):
        read_tnef(damage)


def test_times_that_are_none_and_signs_that_no_database_holds_are_left_out():
    never = struct.pack("<HHQ", TIME, 0x0060, 2**64 - 1)
    in_4501 = struct.pack("<HHQ", TIME, 0x0061, 0x0CB34557A3DD4000)
    name = one_property(0x0042, UNICODE, "Pek\u2028ka\x07")
    octets = winmail("IPM.Schedule.Meeting.Resp.Tent", name, never, in_4501)

    found = read_winmail(octets, sender="a@b.example").answer

    assert (found.starts_at, found.ends_at) == (None, None)
    assert "\x07" not in found.lines[0].name


def test_letters_are_those_of_the_code_page():
    assert read_properties(properties(one_property(1, STRING, "Hyväksytty")), "cp1252") == {1: "Hyväksytty"}


def test_mangled_ones_are_read_or_refused_and_nothing_else():
    generator = random.Random(41)
    readable = 0

    for _ in range(3000):
        try:
            read_winmail(mangled_reply(HOST, generator, answered_at=NOW), sender="a@b.example")
            readable += 1
        except UnreadableWinmailError:
            pass

    assert 0 < readable < 3000


def test_a_calendar_beside_it_is_read_instead():
    ics = (
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:u1\nATTENDEE;PARTSTAT=TENTATIVE:mailto:a@b.example\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    raw = mail_with(reply(HOST, answered_at=NOW), to="x@y.example", sender="a@b.example", number="n1")
    both = raw.replace(
        b"--_outlook_--", b"--_outlook_\nContent-Type: text/calendar\n\n" + ics.encode() + b"--_outlook_--"
    )

    (answer,) = read_mail(both).answers

    assert answer.lines[0].partstat is Partstat.TENTATIVE
