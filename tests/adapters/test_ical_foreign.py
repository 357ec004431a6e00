"""What other people's programs say about our calendar messages, and about samples of good and bad ones."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
import vobject

from bookings.adapters.ical.build import build_cancel, build_decline_counter, build_publish, build_request
from bookings.adapters.ical.values import EntryStatus
from bookings.adapters.mail.compose import CalendarPart, build_mail
from tests.adapters.calendar_entries import STARTS_AT, an_entry, find_faults
from tests.adapters.foreign_libical import Libical, find_libical
from tests.adapters.mail_contents import a_mail

MIKKO = "mikko.virtanen@vaasa-energia.example"
SAMPLES = Path(
    os.environ.get("KVARKEN_CALENDAR_SAMPLES", Path(__file__).parents[3] / "shared" / "calendar-samples")
)
MESSAGES = {
    "REQUEST": build_request(an_entry(alarm_minutes_before=30)),
    "CANCEL": build_cancel(an_entry(sequence=2)),
    "DECLINECOUNTER": build_decline_counter(an_entry(sequence=1), comment="No"),
}


@pytest.fixture(scope="module")
def libical() -> Libical:
    found = find_libical()
    if found is None:
        pytest.skip("no libical on this machine: install libical3 to let it judge our messages")
    return found


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_libical_finds_nothing_to_complain_about(libical, method):
    assert libical.find_errors(MESSAGES[method]) == []


def test_libical_knows_a_refused_proposal_only_as_rfc_2446_drew_it(libical):
    errors = libical.find_errors(MESSAGES["DECLINECOUNTER"])

    # RFC 5546 shows both properties in its example, and SEQUENCE is a must above 0
    refused = {error.partition("restrictions for ")[2].split()[0] for error in errors}
    assert refused == {"SEQUENCE", "ATTENDEE"}


def test_libical_misses_only_the_organizer_that_a_feed_leaves_out_on_purpose(libical):
    errors = libical.find_errors(build_publish([an_entry()], name="Visits", refresh=timedelta(hours=1)))

    assert len(errors) == 1
    assert "ORGANIZER" in errors[0]


def test_libical_sees_new_moved_and_cancelled_entries_for_what_they_are(libical):
    first = an_entry()
    moved = replace(
        first, sequence=1, dtstamp=first.dtstamp + timedelta(hours=1),
        starts_at=STARTS_AT + timedelta(days=1), ends_at=STARTS_AT + timedelta(days=1, hours=1),
    )  # fmt: skip
    gone = replace(moved, sequence=2, dtstamp=first.dtstamp + timedelta(hours=2))

    kinds = [
        libical.classify(build_request(first), None, user=MIKKO),
        libical.classify(build_request(moved), build_request(first), user=MIKKO),
        libical.classify(build_cancel(gone), build_request(moved), user=MIKKO),
        libical.classify(build_request(first), build_request(moved), user=MIKKO),
    ]

    assert kinds == ["REQUEST-NEW", "REQUEST-RESCHEDULE", "CANCEL-EVENT", "OBSOLETE"]


@pytest.mark.parametrize("content", [MESSAGES["REQUEST"], MESSAGES["CANCEL"]])
def test_vobject_and_icalendar_read_the_same(content):
    event = vobject.readOne(content.decode()).vevent
    parsed = icalendar.Calendar.from_ical(content)

    assert event.uid.value == parsed.events[0].uid == "slot-7f3a@kvarken.example"
    assert event.dtstart.value == parsed.events[0].start == STARTS_AT
    assert event.dtend.value == parsed.events[0].end == STARTS_AT + timedelta(minutes=90)
    assert event.attendee.value == str(parsed.events[0]["ATTENDEE"]) == f"mailto:{MIKKO}"
    assert parsed.errors == []


@pytest.mark.parametrize("method", MESSAGES)
def test_our_mails_have_none_of_the_known_faults(method):
    raw = build_mail(a_mail(calendar=CalendarPart(method=method, content=MESSAGES[method])))

    assert find_faults(raw) == set()


def outgoing_samples() -> list[tuple[str, bool, bool]]:
    manifest = SAMPLES / "manifest.json"
    if not manifest.exists():
        return []
    entries = json.loads(manifest.read_text(encoding="utf-8"))["entries"]
    return [
        (entry["file"], entry["expect"]["valid"], "organizer-changed" in entry["quirks"])
        for entry in entries
        if entry["expect"]["class"] == "outgoing" and (SAMPLES / entry["file"]).exists()
    ]


@pytest.mark.parametrize(("file", "is_good", "needs_history"), outgoing_samples())
def test_the_judge_of_our_mails_knows_good_samples_from_bad_ones(file, is_good, needs_history):
    faults = find_faults((SAMPLES / file).read_bytes())

    assert (faults == set()) is (is_good or needs_history)


def test_a_tentative_hold_and_its_confirmation_differ_only_in_state():
    held = build_request(an_entry(status=EntryStatus.TENTATIVE)).decode().split("\r\n")
    confirmed = build_request(an_entry()).decode().split("\r\n")

    assert sorted(set(held) - set(confirmed)) == ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"]
    assert sorted(set(confirmed) - set(held)) == ["STATUS:CONFIRMED", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"]
