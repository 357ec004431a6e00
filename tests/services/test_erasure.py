"""Erasing a person on request: gone from tables, mails and the trail; evidence stays, and says why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.erasure import Fate, TraceKind
from bookings.domain.errors import HoldNotAllowedError, NotFoundError
from bookings.domain.limits import hash_mailbox
from bookings.models.audit import AuditEntry
from bookings.models.events import Event
from bookings.models.newsletter import StopListEntry
from bookings.models.registrations import Registration
from bookings.queries.erasure import find_hold, find_traces, list_holds
from bookings.services import retention
from bookings.services.erasure import erase_person, lift_hold, set_hold
from bookings.services.registrations import anonymise_registrations, cancel_registration, create_person_feed
from bookings.services.requests import start_draft, submit_request
from tests.services.test_requests import SENT, WISH
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.events import an_event
from tests.support.own_pages import everything_stored
from tests.support.registrations import a_person, an_application, registered, row_of
from tests.support.remembered import a_cancelled_visit, words_left
from tests.support.stories import STAFF, visit_row

pytestmark = pytest.mark.usefixtures("app_context")

DAY = timedelta(days=1)
LATER = NOW + DAY
TWO_YEARS = timedelta(days=731)
VISITOR = "kadri@visitor.example"
GUEST = "Guest@Example.org"


def fates(email: str, now=LATER) -> dict[TraceKind, Fate]:
    database.session.rollback()
    return {trace.kind: trace.fate for trace in find_traces(read_session(), email, now=now)}


def list_names(column) -> set[str]:
    return set(read_session().scalars(select(column)))


def a_guest(event: Event, **columns):
    return registered(
        event, an_application(event, leader=a_person(name="Gunilla Guest", email=GUEST, **columns))
    )


def test_of_a_visitor_who_asks_for_it_nothing_is_left_but_figures():
    reference = a_cancelled_visit()
    address = visit_row(reference).contact_email
    assert "Kadri" in words_left()

    erase_person(address.upper(), who=STAFF, now=LATER)

    # The hosts' own words went with the visit's mails; only the directory knows them.
    assert words_left() == set()
    assert visit_row(reference).state == "cancelled"
    assert fates(address) == {}


def test_the_trail_says_that_and_how_much_was_erased_but_not_of_whom():
    reference = a_cancelled_visit()
    address = visit_row(reference).contact_email

    erase_person(address, who=STAFF, now=LATER)

    [entry] = read_session().scalars(select(AuditEntry).where(AuditEntry.action == "erase"))
    assert (entry.detail["visit"], entry.actor_name) == (1, STAFF.name)
    assert address not in repr(everything_stored())


def test_a_visit_in_progress_stays_and_so_do_its_mails():
    a_directory()
    visit = a_visit()
    before = everything_stored()

    erase_person(visit.contact_email, who=STAFF, now=LATER)

    assert fates(visit.contact_email) == {TraceKind.VISIT: Fate.IN_PROGRESS}
    after = everything_stored()
    assert {name for name in after if after[name] != before[name]} == {"audit_entry"}


def test_a_guest_goes_once_the_event_is_over_or_the_place_is_given_back():
    event = an_event()
    first = a_guest(event)

    erase_person(GUEST, who=STAFF, now=LATER)
    assert row_of(first).name == "Gunilla Guest"
    cancel_registration(first.token, now=LATER)
    erase_person(GUEST, who=STAFF, now=LATER)

    stored = repr(everything_stored())
    assert "Gunilla" not in stored
    assert GUEST.lower() not in stored.lower()
    assert row_of(first).state == "cancelled"


def test_other_people_of_the_same_event_stay():
    event = an_event()
    a_guest(event)
    other = registered(event)

    erase_person(GUEST, who=STAFF, now=event.ends_at + DAY)

    assert row_of(other).name.startswith("Visitor")
    assert list_names(Registration.name) == {"", row_of(other).name}


def test_the_calendar_address_of_a_guest_ends_with_the_guest(now):
    event = an_event()
    outcome = a_guest(event)
    token = create_person_feed(outcome.token, now=now)

    erase_person(GUEST, who=STAFF, now=LATER)
    while_coming = fates(GUEST)[TraceKind.FEED]
    erase_person(GUEST, who=STAFF, now=event.ends_at + DAY)

    assert token
    assert while_coming is Fate.IN_PROGRESS
    assert everything_stored()["calendar_feed"] == []


def test_of_a_reader_of_the_newsletter_only_the_hash_stays():
    submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=NOW)
    retention.forget_unproved_requests(now=NOW)
    assert fates(WISH.contact.email)[TraceKind.NEWSLETTER] is Fate.GOES

    erase_person(WISH.contact.email, who=STAFF, now=LATER)

    assert TraceKind.NEWSLETTER not in fates(WISH.contact.email)
    assert read_session().get(StopListEntry, hash_mailbox(WISH.contact.email)) is not None


def test_a_half_filled_form_goes_too():
    start_draft("contact", {"email": GUEST}, language="en", looks_automatic=False, now=NOW)

    erase_person(GUEST, who=STAFF, now=LATER)

    assert everything_stored()["visit_draft"] == []


def test_whom_the_directory_names_is_shown_with_where_to_change_it():
    a_directory()

    [trace] = find_traces(read_session(), "visits@stormossen.example", now=LATER)

    assert (trace.kind, trace.fate, trace.key) == (TraceKind.HOST_CONTACT, Fate.ELSEWHERE, "stormossen")


def test_evidence_is_neither_erased_nor_made_anonymous_until_its_last_day_is_over():
    reference = a_cancelled_visit()
    address, until = visit_row(reference).contact_email, (NOW + TWO_YEARS).date() + DAY
    set_hold(reference.lower(), reason="Interreg Aurora", until=until, who=STAFF, now=NOW)
    before = words_left()

    erase_person(address, who=STAFF, now=LATER)
    retention.anonymise_visits(now=NOW + TWO_YEARS)
    held = words_left()
    retention.anonymise_visits(now=NOW + TWO_YEARS + 2 * DAY)

    assert fates(address, now=NOW + TWO_YEARS + 2 * DAY) == {}
    assert (held, words_left()) == (before, set())


def test_a_hold_on_an_event_keeps_everybody_who_was_there():
    event = an_event()
    outcome = a_guest(event)
    later = event.ends_at + TWO_YEARS
    set_hold(event.slug, reason="Project 7", until=(later + DAY).date(), who=STAFF, now=NOW)

    erase_person(GUEST, who=STAFF, now=later)
    anonymise_registrations(now=later)

    assert row_of(outcome).name == "Gunilla Guest"
    [trace, *_] = find_traces(read_session(), GUEST, now=later)
    assert (trace.fate, trace.hold.reason) == (Fate.HELD, "Project 7")


def test_a_lifted_hold_keeps_nothing_and_is_listed_no_more():
    reference = a_cancelled_visit()
    visit = visit_row(reference)
    set_hold(reference, reason="Audit", until=LATER.date(), who=STAFF, now=NOW)
    [row] = list_holds(read_session(), today=NOW.date())
    assert find_hold(read_session(), visit.id, today=NOW.date()).reason == "Audit"

    lift_hold(row.id, who=STAFF, now=NOW)
    lift_hold(row.id, who=STAFF, now=LATER)

    assert list_holds(read_session(), today=NOW.date()) == []
    assert fates(visit.contact_email)[TraceKind.VISIT] is Fate.GOES


def test_evidence_needs_something_to_keep_and_a_day_that_comes(now):
    visit = a_visit()
    for subject, until, refusal in (
        ("KV-1999-0001", now.date(), NotFoundError),
        (visit.reference, now.date() - DAY, HoldNotAllowedError),
        (visit.reference, now.date() + 16 * 366 * DAY, HoldNotAllowedError),
    ):
        with pytest.raises(refusal):
            set_hold(subject, reason="Why", until=until, who=STAFF, now=now)
    assert list_holds(read_session(), today=now.date()) == []
