"""A fair that many register for at once through the web server, and what has to be right afterwards."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from bookings.db import read_session
from bookings.domain.events import EventKind
from bookings.domain.time import local_day
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event, EventPart
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration, RegistrationEntry, RegistrationPart, Seat
from bookings.queries.registrations.form import load_form
from tests.bench.client import Visitor, read_form
from tests.support.events import STARTS_AT, a_part, an_event
from tests.support.registrations import count_seats, link_in_mail

DAYS, SLOTS, TRACKS = 4, 5, 2
PARTS = DAYS * SLOTS * TRACKS


class Guest(Visitor):
    """A visitor whose forms are answered with a page, or with the form again."""

    def post(self, page: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
        """Fill in the main form of `page`."""
        path, hidden = read_form(page, default=self.location)
        return self._send("POST", path, urlencode(hidden + fields))


def a_fair(people: int) -> Event:
    """Forty parts on four days, with seats for nine in ten, and for fewer in each part than want to come."""
    seats = max(1, people * 3 // PARTS - people // 50)
    parts = [
        a_part(f"Part {day}.{slot}.{track}", hours=24 * day + 1.5 * slot, capacity=seats)
        for day in range(DAYS)
        for slot in range(SLOTS)
        for track in range(TRACKS)
    ]
    ends_at = STARTS_AT + timedelta(days=DAYS - 1, hours=9)
    return an_event("The fair", kind=EventKind.FAIR, capacity=people * 9 // 10, ends_at=ends_at, parts=parts)


def come_all(app: Flask, port: int, event: Event, people: int, *, seed: int, threads: int = 4) -> list[str]:
    """Everybody registers and proves the address; what each page said last, by number."""
    rng = random.Random(seed)
    wishes = [_choose(rng, event) for _ in range(people)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda number: _come(app, port, event, number, wishes[number]), range(people)))


def _choose(rng: random.Random, event: Event) -> list[int]:
    """Three parts at different times."""
    times = sorted({part.starts_at for part in event.parts})
    chosen = rng.sample(times, 3)
    return [rng.choice([one.id for one in event.parts if one.starts_at == time]) for time in chosen]


def _come(app: Flask, port: int, event: Event, number: int, part_ids: list[int]) -> str:
    guest, email = Guest(port), f"guest-{number}@fair-{number}.example"
    about = [("name", f"Guest {number}"), ("email", email), ("country", "FI")]
    about += [("parts", str(part)) for part in part_ids]
    page = guest.get(f"/events/{event.slug}/register")
    status, answer = guest.post(page, about)
    if status == 422:
        status, answer = guest.post(answer, [*about, ("joins_queue", "y")])
    assert status == 200, (status, answer[:1500])
    with app.app_context():
        link = link_in_mail(email, "/registrations/verify/")
    page = guest.get(link)
    status, answer = guest.post(page, [])
    assert status == 200, (status, answer[:1500])
    guest.close()
    return answer


def read_counts(event: Event) -> dict[str, Any]:
    """How many there are, wherever somebody counts."""
    session = read_session()
    session.rollback()
    facts = load_form(session, event.slug)
    states = dict(
        session.execute(
            select(Registration.state, func.count())
            .where(Registration.event_id == event.id)
            .group_by(Registration.state)
        ).all()
    )
    return {
        "pools": count_seats(event),
        "left_on_page": {part.id: part.left for part in facts.chosen_parts},
        "states": states,
        "chosen": _count_chosen(event, "registered", "offered"),
        "waited_for": _count_chosen(event, "waiting"),
        "people_with_seats": session.scalar(select(func.count(Seat.registration_id.distinct()))),
    }


def _count_chosen(event: Event, *states: str) -> dict[int, int]:
    """People in these states who chose each part."""
    rows = read_session().execute(
        select(RegistrationPart.part_id, func.count())
        .join(Registration, Registration.id == RegistrationPart.registration_id)
        .where(Registration.event_id == event.id, Registration.state.in_(states))
        .group_by(RegistrationPart.part_id)
    )
    return dict(rows.all())


def find_wrong_calendars(event: Event) -> list[str]:
    """Whose entries are not one for each day with the parts of that day, told once; each as a sentence."""
    session = read_session()
    session.rollback()
    parts: dict[int, list[EventPart]] = {}
    for person, part in session.execute(
        select(RegistrationPart.registration_id, EventPart).join(
            EventPart, EventPart.id == RegistrationPart.part_id
        )
    ):
        parts.setdefault(person, []).append(part)
    entries: dict[int, list[tuple[Any, ...]]] = {}
    for person, *facts in session.execute(
        select(
            RegistrationEntry.registration_id,
            CalendarEntry.starts_at,
            CalendarEntry.ends_at,
            CalendarEntry.uid,
        ).join(CalendarEntry, CalendarEntry.id == RegistrationEntry.calendar_entry_id)
    ):
        entries.setdefault(person, []).append(tuple(facts))
    told = [row[0] for row in session.execute(select(OutboxMessage.calendar_uid)) if row[0]]
    people = session.execute(select(Registration.id, Registration.state)).all()
    wrong = []
    for person, state in people:
        expected = _days(event, parts.get(person, [])) if state == "registered" else []
        if sorted(one[:2] for one in entries.get(person, [])) != expected:
            wrong.append(f"{person} ({state}) has {entries.get(person)} and should have {expected}")
    uids = [one[2] for of_one in entries.values() for one in of_one]
    if sorted(uids) != sorted(told):
        wrong.append(f"{len(uids)} entries, {len(told)} invitations")
    return wrong


def _days(event: Event, parts: list[EventPart]) -> list[tuple[Any, Any]]:
    days: dict[Any, list[EventPart]] = {}
    for part in parts:
        days.setdefault(local_day(part.starts_at, event.time_zone), []).append(part)
    return sorted(
        (min(one.starts_at for one in of_day), max(one.ends_at for one in of_day)) for of_day in days.values()
    )
