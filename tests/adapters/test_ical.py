"""The calendar messages that we send, line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookings.adapters.characters import UnsafeAddressError, check_address, many_lines, one_line
from bookings.adapters.ical.build import (
    build_cancel,
    build_decline_counter,
    build_publish,
    build_request,
    build_vevent,
    wrap_publish,
)
from bookings.adapters.ical.lines import fold
from bookings.adapters.ical.values import (
    Attendee,
    EntryStatus,
    Organizer,
    PartStat,
    Role,
    UnsendableEntryError,
)
from tests.adapters.calendar_entries import STARTS_AT, an_entry, unfolded

HELSINKI_BLOCK = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Helsinki",
    "BEGIN:STANDARD",
    "DTSTART:19701025T040000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0300",
    "TZOFFSETTO:+0200",
    "TZNAME:EET",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:19700329T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0300",
    "TZNAME:EEST",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
]
MIKKO = (
    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=Mikko Virtanen:"
    "mailto:mikko.virtanen@vaasa-energia.example"
)
ANY_TEXT = st.text(st.characters(), max_size=300) | st.text(
    'aå€😀\\nN,;:"^ \t\r\n\x00\x0b\x85\u2028', max_size=300
)
# icalendar reads a backslash in a parameter wrongly: it unescapes what RFC 5545 never escapes there
ANY_NAME = ANY_TEXT.map(lambda text: text.replace("\\", ""))


def event_lines(content: bytes) -> list[str]:
    lines = unfolded(content)
    return lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT") + 1]


def test_a_request_holds_exactly_these_lines():
    content = build_request(an_entry(status=EntryStatus.TENTATIVE, alarm_minutes_before=30))

    assert unfolded(content) == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Kvarken Visits//Bookings 1.0//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        *HELSINKI_BLOCK,
        "BEGIN:VEVENT",
        "UID:slot-7f3a@kvarken.example",
        "SEQUENCE:0",
        "DTSTAMP:20270501T120000Z",
        "CREATED:20270501T120000Z",
        "LAST-MODIFIED:20270501T120000Z",
        "DTSTART;TZID=Europe/Helsinki:20270518T100000",
        "DTEND;TZID=Europe/Helsinki:20270518T113000",
        "SUMMARY:Studiebesök: Nordic Battery AB",
        "DESCRIPTION:Besök från Québec\\, fyra personer.\\nSvara gärna i kalendern.",
        "LOCATION:Storgatan 1\\, Vasa",
        "URL:https://visits.example/slots/abc",
        "ORGANIZER;CN=Kvarken Visits:mailto:answer+b3Zn8wYh5JtG6fAe@kvarken.example",
        MIKKO.replace("CN=", "RSVP=TRUE;CN="),
        "STATUS:TENTATIVE",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Studiebesök: Nordic Battery AB",
        "TRIGGER:-PT30M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_cancel_frees_the_time_and_asks_for_no_answer():
    content = build_cancel(an_entry(sequence=2, alarm_minutes_before=30))

    lines = event_lines(content)
    assert "METHOD:CANCEL" in unfolded(content)
    assert lines[2] == "SEQUENCE:2"
    assert lines[-5:] == [
        MIKKO,
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "END:VEVENT",
    ]


def test_a_refused_proposal_names_the_entry_its_people_and_the_reason():
    content = build_decline_counter(an_entry(sequence=3), comment="The ferry; it leaves at 10")

    assert "METHOD:DECLINECOUNTER" in unfolded(content)
    assert event_lines(content) == [
        "BEGIN:VEVENT",
        "UID:slot-7f3a@kvarken.example",
        "SEQUENCE:3",
        "DTSTAMP:20270501T120000Z",
        "ORGANIZER;CN=Kvarken Visits:mailto:answer+b3Zn8wYh5JtG6fAe@kvarken.example",
        MIKKO,
        "COMMENT:The ferry\\; it leaves at 10",
        "END:VEVENT",
    ]


def test_a_feed_names_nobody():
    entries = [an_entry(), an_entry(uid="slot-2@kvarken.example", time_zone="Europe/Stockholm")]

    lines = unfolded(build_publish(entries, name="Visits; Vaasa", refresh=timedelta(hours=1)))

    assert [line for line in lines if line.startswith(("ORGANIZER", "ATTENDEE"))] == []
    assert lines[4:9] == [
        "METHOD:PUBLISH",
        "NAME:Visits\\; Vaasa",
        "X-WR-CALNAME:Visits\\; Vaasa",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    assert [line for line in lines if line.startswith("TZID:")] == [
        "TZID:Europe/Stockholm",
        "TZID:Europe/Helsinki",
    ]


def test_a_feed_of_stored_entries_is_the_feed_of_the_entries():
    entries = [an_entry(uid=f"slot-{number}@kvarken.example") for number in range(3)]
    stored = [build_vevent(entry) for entry in entries]

    assert wrap_publish(stored, name="N") == build_publish(entries, name="N")


def test_a_feed_without_entries_or_name_is_still_a_calendar():
    assert unfolded(build_publish([])) == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Kvarken Visits//Bookings 1.0//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize(("minutes", "written"), [(90, "PT90M"), (60, "PT1H"), (1440, "PT24H"), (0, "PT1M")])
def test_how_often_to_fetch_a_feed_is_a_duration(minutes, written):
    lines = unfolded(build_publish([], refresh=timedelta(minutes=minutes)))

    assert f"X-PUBLISHED-TTL:{written}" in lines


def test_what_is_empty_is_left_out():
    entry = an_entry(
        description=" \n", location="\x00", url="", created_at=None, last_modified_at=None,
        attendee=Attendee(address="a@b.example", role=Role.OPTIONAL, partstat=PartStat.ACCEPTED),
    )  # fmt: skip

    assert event_lines(build_request(entry))[4:] == [
        "DTSTART;TZID=Europe/Helsinki:20270518T100000",
        "DTEND;TZID=Europe/Helsinki:20270518T113000",
        "SUMMARY:Studiebesök: Nordic Battery AB",
        "ORGANIZER;CN=Kvarken Visits:mailto:answer+b3Zn8wYh5JtG6fAe@kvarken.example",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:a@b.example",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "END:VEVENT",
    ]


def test_a_confirmed_entry_that_blocks_nothing_is_free_time():
    lines = event_lines(build_request(an_entry(is_busy=False)))

    assert lines[-3:-1] == ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"]


def test_other_zones_are_written_in_utc_without_a_block():
    content = build_request(an_entry(time_zone="Europe/Tallinn"))

    assert b"VTIMEZONE" not in content
    assert event_lines(content)[6:8] == ["DTSTART:20270518T070000Z", "DTEND:20270518T083000Z"]


def test_a_description_that_looks_like_a_start_brings_no_zone():
    entry = an_entry(time_zone="UTC", description="x\nDTSTART;TZID=Europe/Helsinki:20270518T100000")

    assert b"BEGIN:VTIMEZONE" not in build_request(entry)


def test_names_with_commas_and_quotes_stand_in_quotes():
    entry = an_entry(organizer=Organizer(address="a@b.example", name='Berg, "Bo"; ^n\r\nX: y'))

    assert "ORGANIZER;CN=\"Berg, 'Bo'; ^^n X: y\":mailto:a@b.example" in unfolded(build_request(entry))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nATTENDEE:mailto:c@d.example", "a@b.example\n", "a\x00@b.example", "a\x85@b.example",
        "a b@c.example", "ab.example", "", "@", "a@", "@b.example", "a@b..example", "a..b@c.example",
        "<a@b.example>", "a@b.example,c@d.example", '"a"@b.example', "å@b.example", "a@b@c.example",
        f"{'a' * 250}@b.example",
    ],
)  # fmt: skip
def test_doubtful_addresses_are_refused(address):
    with pytest.raises(UnsafeAddressError):
        Attendee(address=address)
    with pytest.raises(UnsafeAddressError):
        Organizer(address=address)


def test_a_domain_with_letters_of_its_own_is_written_in_ascii():
    assert check_address("Info+x@östra.example") == "Info+x@xn--stra-4qa.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": ""},
        {"uid": "a b"},
        {"uid": "a\r\nb"},
        {"uid": "å"},
        {"sequence": -1},
        {"summary": " \x00\n"},
        {"ends_at": STARTS_AT},
        {"ends_at": STARTS_AT - timedelta(minutes=1)},
        {"starts_at": datetime(2027, 5, 18, 7)},  # noqa: DTZ001 - the point of the test
        {"dtstamp": datetime(2027, 5, 18, 7)},  # noqa: DTZ001
    ],
)
def test_entries_that_clients_refuse_cannot_be_made(changes):
    with pytest.raises(UnsendableEntryError):
        an_entry(**changes)


def test_a_cancelled_entry_is_no_request_and_a_cancel_has_a_higher_sequence():
    with pytest.raises(UnsendableEntryError):
        build_request(an_entry(status=EntryStatus.CANCELLED))
    with pytest.raises(UnsendableEntryError):
        build_cancel(an_entry(sequence=0))


@pytest.mark.parametrize("missing", ["organizer", "attendee"])
@pytest.mark.parametrize("build", [build_request, build_cancel, build_decline_counter])
def test_a_message_needs_its_people(build, missing):
    entry = replace(an_entry(sequence=1), **{missing: None})

    with pytest.raises(UnsendableEntryError):
        build(entry)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_folding_splits_no_character_and_loses_nothing(text):
    folded = fold(f"X:{text}")

    pieces = folded.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.decode() for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert folded.replace(b"\r\n ", b"") == f"X:{text}\r\n".encode()


@settings(deadline=None)
@given(summary=ANY_TEXT.filter(one_line), description=ANY_TEXT, name=ANY_NAME)
@example(summary="Visit", description="", name="0 =")
def test_every_text_comes_back_from_foreign_parsers_as_it_was(summary, description, name):
    attendee = Attendee(address="a@b.example", name=name)

    content = build_request(an_entry(summary=summary, description=description, attendee=attendee))

    event = vobject.readOne(content.decode()).vevent
    assert event.summary.value == one_line(summary)
    assert getattr(event, "description", None) is None or event.description.value == many_lines(description)
    assert ("description" in event.contents) == bool(many_lines(description))
    parsed = icalendar.Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(parsed["ATTENDEE"].params.get("CN", "")) == one_line(name).replace('"', "'")
    assert not any(sign in content.decode() for sign in "\x00\x0b\x85\u2028")
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")


def test_an_instant_in_another_offset_is_the_same_instant():
    there = datetime.fromisoformat("2027-05-18T16:00:00+09:00")

    content = build_request(an_entry(starts_at=there, dtstamp=there))

    assert event_lines(content)[3] == "DTSTAMP:20270518T070000Z"
    assert there.astimezone(UTC) == STARTS_AT
    assert "DTSTART;TZID=Europe/Helsinki:20270518T100000" in event_lines(content)
