"""One address for all that a mailbox is registered for: what mails told of, and nothing of anybody else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import vobject
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from bookings.db import database, read_session, table_of
from bookings.domain.errors import LinkNotFoundError, TransitionNotAllowedError
from bookings.domain.meetings import MatchMode
from bookings.models.directory import Organisation
from bookings.models.feeds import CalendarFeed
from bookings.models.registrations import RegistrationEntry
from bookings.queries.events import find_event
from bookings.services.entries import Addressee, EntryPlan, build_entry, save_entry
from bookings.services.events import change_event, plan_of
from bookings.services.feeds import build_feed, open_feed
from bookings.services.meetings import accept_request, ask_for_meeting, cancel_meeting
from bookings.services.registrations import (
    anonymise_registrations,
    bring_entries_in_line,
    cancel_registration,
    change_by_staff,
    complete_member,
    create_person_feed,
    hand_over,
    register,
    revoke_person_feed,
)
from tests.adapters.foreign_libical import find_libical
from tests.support.advisers import a_booked_time, an_adviser, an_advisory_day, calendar_mails
from tests.support.builders import a_slot, a_visit
from tests.support.clock import NOW
from tests.support.events import STAFF, STARTS_AT, a_part, an_event
from tests.support.meetings import a_guest, a_match_day, standing
from tests.support.meetings import row_of as guest_of
from tests.support.own_pages import a_released_visit
from tests.support.registrations import a_person, an_application, page_token, registered, row_of
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.usefixtures("app_context")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AINO = "aino@visitor.example"


@dataclass(frozen=True)
class Shown:
    """An entry as a foreign program reads it."""

    uid: str
    sequence: int
    starts_at: datetime
    status: str
    summary: str


def read(token, now=NOW):
    """Version and bytes of the feed."""
    session = read_session()
    session.rollback()
    feed = open_feed(session, token, app_name="Kvarken Visits", now=now)
    return feed.etag, b"".join(build_feed(session, feed))


def shown(token, now=NOW):
    """The entries of the feed, in order of time."""
    calendar = vobject.readOne(StringIO(read(token, now)[1].decode()))
    entries = [
        Shown(
            one.uid.value, int(one.sequence.value), one.dtstart.value.astimezone(UTC), one.status.value,
            one.summary.value,
        )
        for one in calendar.contents.get("vevent", [])
    ]  # fmt: skip
    return sorted(entries, key=lambda one: (one.starts_at, one.summary))


def told(address):
    """UID → SEQUENCE and start, as the mails to that address left them."""
    return {one.uid: (one.sequence, one.starts_at) for one in calendar_mails(address)}


def comes(event, email, **columns):
    """Somebody with a proved address."""
    return registered(event, an_application(event, leader=a_person(email=email, **columns)))


def an_agreed_meeting(email):
    """At a matchmaking day: the tokens of whoever has this address and of the other, and the meeting."""
    event = a_match_day(mode=MatchMode.ASK)
    own, other = a_guest(event, "Aino", email=email), a_guest(event, "Olle Ek")
    accept_request(other, ask_for_meeting(own, guest_of(other).reference, now=NOW), now=NOW)
    return own, other, standing(event)[0]


def postpone(event, now):
    plan = plan_of(find_event(read_session(), event.slug))
    later = replace(plan, starts_at=plan.starts_at + HOUR, ends_at=plan.ends_at + HOUR)
    change_event(event.slug, later, who=STAFF, now=now)
    bring_entries_in_line(now=now)


def test_one_address_shows_days_meetings_and_advice_with_the_versions_of_the_mails():
    fair = an_event("Fair", parts=[a_part("Opening"), a_part("Tour", starts_at=STARTS_AT + DAY)],
                    ends_at=STARTS_AT + 2 * DAY)  # fmt: skip
    seminar, advice = an_event("Seminar"), an_advisory_day()
    comes(fair, "Aino@Visitor.Example", part_ids=tuple(part.id for part in fair.parts))
    outcome = comes(seminar, "aino@visitor.example")
    comes(seminar, "olle@visitor.example")
    a_booked_time(advice, an_adviser(advice), who="aino")
    an_agreed_meeting(AINO)

    token = create_person_feed(outcome.token, now=NOW)
    before, first = shown(token), read(token)[0]
    postpone(seminar, NOW + HOUR)
    after = shown(token, NOW + HOUR)

    assert len(before) == 5
    assert {one.uid: (one.sequence, one.starts_at) for one in after} == told(AINO)
    assert {one.uid for one in after} == {one.uid for one in before}
    assert sorted(one.sequence for one in after) == [0, 0, 0, 0, 1]
    assert {one.status for one in after} == {"CONFIRMED"}
    assert read(token)[0] != first


def test_foreign_programs_read_it_and_find_nobody_who_could_answer():
    own, _other, _meeting = an_agreed_meeting(AINO)

    content = read(create_person_feed(own, now=NOW))[1]

    assert not any(word in content for word in (b"ORGANIZER", b"ATTENDEE", b"visitor.example"))
    assert b"NAME:Kvarken Visits" in content
    libical = find_libical()
    errors = libical.find_errors(content) if libical else []
    assert [error for error in errors if "ORGANIZER" not in error] == []


def test_an_adviser_who_is_registered_too_reads_the_booked_times(now):
    advice, seminar = an_advisory_day(), an_event("Seminar")
    card = an_adviser(advice, email="Karin@Advice.example")
    a_booked_time(advice, card)
    outcome = comes(seminar, "karin@advice.example")

    token = create_person_feed(outcome.token, now=now)

    assert [one.summary for one in shown(token)] == ["Rådgivning: Aino", "Seminar"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Visit KV-"), ("sv", "Besök KV-"), ("fi", "Vierailu KV-")]
)
def test_the_contact_of_a_delegation_reads_its_programme_too_in_the_own_language(language, words, now):
    a_released_visit(contact_email="Aino@Visitor.example")
    unproved = a_visit(state="awaiting_hosts", contact_email=AINO, verified_at=None)
    a_slot(
        unproved,
        database.session.scalars(select(Organisation)).first(),
        starts_at=NOW + 40 * DAY,
        state="accepted",
    )
    outcome = comes(an_event("Seminar"), AINO, language=language)

    token = create_person_feed(outcome.token, now=now)

    assert [one.summary.partition(" (")[0] for one in shown(token)] == ["Stormossen", "Vakin", "Seminar"]
    assert read(token)[1].decode().count(words) == 2


def test_what_is_cancelled_says_so_for_two_weeks_and_goes(now):
    own, _other, meeting = an_agreed_meeting(AINO)
    token = create_person_feed(own, now=now)
    version, uids = read(token)[0], [one.uid for one in shown(token)]

    cancel_meeting(own, meeting.id, now=now + HOUR)

    assert [(one.uid, one.sequence, one.status) for one in shown(token)] == [(*uids, 1, "CANCELLED")]
    assert len(shown(token, now + 14 * DAY)) == 1
    assert shown(token, now + 15 * DAY) == []
    assert len({version, read(token)[0], read(token, now + 15 * DAY)[0]}) == 3


def test_what_is_over_goes_after_ninety_days(now):
    event = an_event()
    token = create_person_feed(comes(event, AINO).token, now=now)

    assert len(shown(token, event.ends_at + 90 * DAY)) == 1
    assert shown(token, event.ends_at + 91 * DAY) == []


def test_whoever_hands_a_place_over_keeps_the_rest_and_neither_reads_of_the_other(now):
    seminar, webinar = an_event("Seminar"), an_event("Webinar")
    given, kept = comes(seminar, AINO), comes(webinar, AINO)
    token = create_person_feed(given.token, now=now)

    hand_over(given.token, name="Bo Ek", email="bo@visitor.example", now=now)
    newcomer = page_token("bo@visitor.example")
    with pytest.raises(TransitionNotAllowedError):
        create_person_feed(newcomer, now=now)
    complete_member(newcomer, a_person("Bo Ek", email="bo@visitor.example"), now=now)
    of_bo = create_person_feed(newcomer, now=now)

    assert [one.summary for one in shown(token)] == ["Webinar"]
    assert [one.summary for one in shown(of_bo)] == ["Seminar"]
    with pytest.raises(LinkNotFoundError):
        create_person_feed(given.token, now=now)
    revoke_person_feed(kept.token, now=now)
    assert [one.summary for one in shown(of_bo)] == ["Seminar"]


def test_the_newcomer_reads_nothing_of_what_the_one_before_had_called_off(now):
    own, _other, meeting = an_agreed_meeting(AINO)
    token = create_person_feed(own, now=now)
    cancel_meeting(own, meeting.id, now=now)

    hand_over(own, name="Bo Ek", email="bo@visitor.example", now=now)
    newcomer = page_token("bo@visitor.example")
    complete_member(newcomer, a_person("Bo Ek", email="bo@visitor.example"), now=now)

    register(an_application(an_event("Seminar"), leader=a_person(email=AINO)), now=now)

    assert [one.summary for one in shown(create_person_feed(newcomer, now=now))] == ["Matchmaking day"]
    with pytest.raises(LinkNotFoundError):
        read(token)


def test_an_address_that_nobody_proved_makes_no_feed_and_adds_nothing_to_one(now):
    event, other = an_event("Seminar"), an_event("Webinar")
    token = create_person_feed(comes(event, AINO).token, now=now)
    member = a_person("Bo Ek", email="bo@visitor.example")
    comes_with = an_application(other, member, leader=a_person(email="olle@visitor.example"))

    register(an_application(other, leader=a_person(email=AINO)), now=now)
    registered(other, comes_with)

    assert [one.summary for one in shown(token)] == ["Seminar"]
    with pytest.raises(TransitionNotAllowedError):
        create_person_feed(page_token("bo@visitor.example"), now=now)
    assert count_feeds() == 1


def test_a_member_who_writes_another_address_leaves_the_feed_of_the_old_one_at_once(now):
    seminar, webinar = an_event("Seminar"), an_event("Webinar")
    token = create_person_feed(comes(webinar, AINO).token, now=now)
    group = an_application(
        seminar, a_person("Aino", email=AINO), leader=a_person(email="olle@visitor.example")
    )
    registered(seminar, group)
    own = page_token(AINO)
    complete_member(own, a_person("Aino", email=AINO), now=now)
    both = [one.summary for one in shown(token)]

    complete_member(own, a_person("Aino", email="aino@home.example"), now=now)

    assert (both, [one.summary for one in shown(token)]) == (["Seminar", "Webinar"], ["Webinar"])


def test_what_no_mail_told_of_is_not_in_it(now):
    outcome = comes(an_event("Seminar"), AINO)

    add_days(row_of(outcome), 1, announced_at=None)

    assert [one.summary for one in shown(create_person_feed(outcome.token, now=now))] == ["Seminar"]


def test_an_address_that_staff_correct_takes_its_entries_along(now):
    outcome = comes(an_event("Seminar"), "ain0@visitor.example")
    token = create_person_feed(outcome.token, now=now)
    row = row_of(outcome)

    right = a_person(row.name, email=AINO)
    change_by_staff(row.id, right, version=row.version, who=STAFF, now=now)

    with pytest.raises(LinkNotFoundError):
        read(token)
    assert [one.summary for one in shown(create_person_feed(page_token(AINO), now=now))] == ["Seminar"]


def test_it_ends_when_it_is_stopped_renewed_or_nothing_of_the_person_is_left(now):
    event, later = an_event("Seminar"), an_event("Webinar", starts_at=STARTS_AT + 30 * DAY)
    outcome, other = comes(event, AINO), comes(later, AINO)
    first = create_person_feed(outcome.token, now=now)
    second = create_person_feed(other.token, now=now)
    assert len(shown(second)) == 2
    with pytest.raises(LinkNotFoundError):
        read(first)

    revoke_person_feed(outcome.token, now=now)
    revoke_person_feed(outcome.token, now=now)
    with pytest.raises(LinkNotFoundError):
        read(second)

    third = create_person_feed(outcome.token, now=now)
    anonymise_registrations(now=event.ends_at + 740 * DAY)
    assert (shown(third), count_feeds()) == ([shown(third)[0]], 1)
    anonymise_registrations(now=later.ends_at + 740 * DAY)
    with pytest.raises(LinkNotFoundError):
        read(third)
    assert count_feeds() == 0


def test_a_cancelled_registration_still_tells_so(now):
    outcome = comes(an_event("Seminar"), AINO)
    token = create_person_feed(outcome.token, now=now)

    cancel_registration(outcome.token, now=now)

    assert [(one.sequence, one.status) for one in shown(token)] == [(1, "CANCELLED")]


def test_the_button_pressed_by_many_at_once_leaves_one_address(app, now):
    outcome = comes(an_event("Seminar"), AINO)

    def press(_time):
        with app.app_context():
            return create_person_feed(outcome.token, now=now)

    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(press, range(6)))

    assert count_feeds() == 1
    assert sum(works(token) for token in tokens) == 1


def test_one_entry_costs_as_many_statements_as_three_hundred(now):
    outcome = comes(an_event("Seminar"), AINO)
    token = create_person_feed(outcome.token, now=now)
    counts = []

    for days in (0, 2, 297):
        add_days(row_of(outcome), days)
        read_session().rollback()
        with recorded_statements() as statements:
            read(token)
        counts.append((len(shown(token)), len([one for one in statements if one.startswith("SELECT")])))

    assert [entries for entries, _statements in counts] == [1, 3, 300]
    assert {statements for _entries, statements in counts} == {4}


@pytest.mark.parametrize("columns", [{"kind": "person"}, {"kind": "busy", "mailbox": AINO}])
def test_the_database_refuses_a_feed_of_nobody(columns):
    row = {"token_hash": b"x" * 32, "created_at": NOW, **columns}

    with pytest.raises(IntegrityError):
        database.session.execute(insert(CalendarFeed).values(row))


def add_days(person, count, announced_at=NOW):
    """More days, that mails have told of unless it is said otherwise."""
    session = database.session()
    plan = EntryPlan(
        starts_at=STARTS_AT, ends_at=STARTS_AT + HOUR, time_zone="UTC", location="", summary="Day"
    )
    addressee = Addressee(email=person.email, name=person.name, language=person.language)
    known = session.scalar(select(func.count(RegistrationEntry.day)))
    for number in range(known, known + count):
        entry = build_entry(addressee, plan, now=NOW)
        entry.announced_at = announced_at
        day = {"registration_id": person.id, "day": (STARTS_AT + number * DAY).date()}
        row = {"calendar_entry_id": save_entry(session, entry), **day}
        session.execute(insert(table_of(RegistrationEntry)).values(row))
    session.commit()


def works(token):
    try:
        read(token)
    except LinkNotFoundError:
        return False
    return True


def count_feeds():
    database.session.rollback()
    return database.session.scalar(select(func.count(CalendarFeed.id)))
