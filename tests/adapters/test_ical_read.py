"""Calendars as foreign programs write them."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from bookings.adapters.ical.read import UnreadableCalendarError, read_answers
from bookings.domain.answers import Partstat

MINE = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example"
HELSINKI_1601 = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T040000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


SEVEN = "2027-05-18T07:00:00+00:00"


def calendar(*lines, method="REPLY", zones="", end="\r\n"):
    inner = "\n".join(["UID:u@x", "DTSTAMP:20270201T080000Z", *(lines or (MINE,))])
    head = f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\n{zones}"
    text = f"{head}BEGIN:VEVENT\n{inner}\nEND:VEVENT\nEND:VCALENDAR\n"
    return text.replace("\n", end)


def start(value, zones=""):
    return read_answers(calendar(f"DTSTART{value}", MINE, zones=zones))[0].starts_at


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (":20270518T070000Z", SEVEN),
        (":20270518T070000", "2027-05-18T07:00:00"),
        (";TZID=Europe/Helsinki:20270518T100000", SEVEN),
        (";TZID=FLE Standard Time:20270518T100000", SEVEN),
        (";TZID=fle standard time:20271218T100000", "2027-12-18T08:00:00+00:00"),
        (";TZID=W. Europe Standard Time:20270518T090000", SEVEN),
        (";TZID=/freeassociation.sourceforge.net/Europe/Stockholm:20270518T090000", SEVEN),
        (';TZID="/mozilla.org/20050126_1/America/Argentina/Buenos_Aires":20270518T040000', SEVEN),
        (";TZID=tzone://Microsoft/Utc:20270518T070000", SEVEN),
        (";TZID=Europe/Kyiv:20270518T100000", SEVEN),
    ],
)  # fmt: skip
def test_zones_are_known_by_all_their_names(value, expected):
    assert start(value).isoformat() == expected


@pytest.mark.parametrize("name", ["Customized Time Zone", "Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius"])
@pytest.mark.parametrize(
    ("wall", "hour"),
    [("20270518T100000", 7), ("20271218T100000", 8), ("20270328T023000", 0), ("20270328T040000", 1)],
)
def test_a_zone_that_only_the_message_explains_is_read_from_there(name, wall, hour):
    found = start(f';TZID="{name}":{wall}', zones=HELSINKI_1601.format(name=name))

    assert found.hour == hour


def test_a_zone_that_nobody_knows_makes_the_time_unclear():
    answer = read_answers(calendar("DTSTART;TZID=Nowhere:20270518T100000", MINE))[0]

    assert (answer.starts_at, answer.has_unclear_time) == (None, True)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_line_end_any_case_and_a_byte_order_mark_are_read(end):
    text = "\ufeff" + calendar("attendee;partstat=declined:MAILTO:A@x.example", end=end).replace(
        "BEGIN", "begin"
    )

    found = read_answers(text)[0]

    assert (found.method, found.lines[0].address, found.lines[0].partstat) == (
        "REPLY",
        "A@x.example",
        "DECLINED",
    )


def test_folds_by_tab_and_blank_are_undone():
    found = read_answers(calendar("ATTENDEE;PARTSTAT=ACCEPTED:MAIL\n\tTO:a@x.e\n xample"))[0]

    assert found.lines[0].address == "a@x.example"


@pytest.mark.parametrize(
    ("attendee", "comment"),
    [
        (MINE.replace(":mailto", ';X-RESPONSE-COMMENT="Revision: v. 21, sorry; really":mailto'),
         "Revision: v. 21, sorry; really"),
        (f"{MINE}\nCOMMENT;LANGUAGE=sv-SE:Tyvärr\\, nej\\n", "Tyvärr, nej"),
        (f"{MINE}\nX-CALENDARSERVER-PRIVATE-COMMENT:\u200bEi käy", "Ei käy"),
    ],
)  # fmt: skip
def test_a_comment_is_found_where_each_program_writes_it(attendee, comment):
    found = read_answers(calendar(attendee))[0]

    assert (found.lines[0].comment or found.comment, found.lines[0].address) == (comment, "a@x.example")


@pytest.mark.parametrize(
    "offer",
    [
        '"DTSTART:20270519T110000Z;STATUS:NEEDS-ACTION"',
        '"DTSTART;TZID=Europe/Helsinki:20270519T140000;STATUS:"',
        "DTSTART:20270519T110000Z;STATUS:NEEDS-ACTION",
    ],
)
def test_the_proposal_of_ios_stands_in_a_parameter(offer):
    line = f"ATTENDEE;PARTSTAT=TENTATIVE;TO-ALL-PROPOSED-NEW-TIME={offer}:mailto:a@x.example"

    found = read_answers(calendar(line))[0].lines[0]

    assert found.offered == (datetime(2027, 5, 19, 11, tzinfo=UTC), None)
    assert found.address == "a@x.example"


def test_an_unknown_partstat_is_no_answer():
    assert read_answers(calendar("ATTENDEE;PARTSTAT=X-PERHAPS:mailto:a@x.example"))[0].lines[0].partstat is (
        Partstat.NEEDS_ACTION
    )


def test_the_method_of_the_body_beats_the_one_of_the_mail():
    assert read_answers(calendar(method="COUNTER"), mime_method="REPLY")[0].method == "COUNTER"


def test_a_duration_gives_the_end():
    found = read_answers(calendar("DTSTART:20270519T060000Z", "DURATION:PT1H30M", MINE))[0]

    assert found.ends_at == datetime(2027, 5, 19, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u", "truncated"),
        ("END:VEVENT", "truncated"),
        ("hello", "no_calendar"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "no_event"),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 60 + "END:VCALENDAR", "too_many_components"),
        ("BEGIN:VCALENDAR\n" * 40, "too_many_components"),
        ("X" * 2**21, "too_large"),
    ],
)
def test_what_is_no_whole_calendar_is_refused_with_a_reason(text, code):
    with pytest.raises(UnreadableCalendarError) as refusal:
        read_answers(text)

    assert str(refusal.value) == code


def test_a_foreign_parser_reads_the_same_from_a_plain_answer():
    text = calendar("DTSTART;TZID=Europe/Helsinki:20270518T100000", MINE, "SEQUENCE:3")
    event = Calendar.from_ical(text).walk("VEVENT")[0]

    found = read_answers(text)[0]

    assert found.uid == str(event["UID"])
    assert found.sequence == event["SEQUENCE"]
    assert found.starts_at == event["DTSTART"].dt.astimezone(UTC)
    assert f"mailto:{found.lines[0].address}" == str(event["ATTENDEE"])
