"""A matchmaking day as plain values, in a constant number of statements. It holds nobody's wishes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from bookings.domain.errors import NotFoundError
from bookings.domain.event_places import EventPlace
from bookings.domain.events import EventState
from bookings.domain.meetings import (
    STANDING_MEETINGS,
    HalfDay,
    MatchMode,
    MatchPhase,
    MeetingState,
    Profile,
    find_most_meetings,
)
from bookings.domain.registrations import RegistrationState
from bookings.domain.text import fold
from bookings.domain.time import local_day
from bookings.models.directory import Interest
from bookings.models.events import Event
from bookings.models.meetings import (
    Matchmaking,
    Meeting,
    MeetingPerson,
    MeetingSlot,
    MeetingTable,
    Participant,
    ParticipantAbsence,
    ParticipantInterest,
)
from bookings.models.registrations import Registration
from bookings.queries.event_places import find_event_place


@dataclass(frozen=True, kw_only=True)
class DayView:
    """The event and how its meetings come about."""

    event_id: int
    slug: str
    title: Mapping[str, str]
    state: str
    presence: str
    place: EventPlace
    online_url: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    mode: MatchMode
    phase: MatchPhase
    slot_minutes: int
    gap_minutes: int
    most_meetings: int | None
    wishes_by: datetime | None
    feedback_by: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """A time for meetings; `number` counts from 1 through the whole day."""

    id: int
    number: int
    starts_at: datetime
    ends_at: datetime
    half: str
    day: str


@dataclass(frozen=True, kw_only=True)
class TableView:
    """A table, or a room online."""

    id: int
    number: int
    label: str
    online_url: str


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """A participant whose registration stands."""

    id: int
    reference: str
    name: str
    email: str
    role: str
    organisation: str
    organisation_key: str
    country: str
    language: str
    time_zone: str
    profile: Profile
    version: int
    is_complete: bool
    arrived_at: datetime | None
    late_until: datetime | None
    left_at: datetime | None

    def is_late(self, at: datetime) -> bool:
        """Did this person say to come later than that?"""
        return self.late_until is not None and self.late_until > at


@dataclass(frozen=True, kw_only=True)
class MeetingView:
    """A meeting of two participants."""

    id: int
    state: str
    first_id: int
    second_id: int
    slot_id: int
    table_id: int
    is_pinned: bool
    version: int
    starts_at: datetime
    ends_at: datetime
    feedback: Mapping[int, str] = field(default_factory=dict)
    stand_ins: Mapping[int, str] = field(default_factory=dict)
    """Person → the colleague who comes instead."""

    @property
    def people(self) -> tuple[int, int]:
        """Both sides."""
        return self.first_id, self.second_id

    @property
    def seat(self) -> tuple[int, int]:
        """When and where."""
        return self.slot_id, self.table_id

    def other_of(self, person_id: int) -> int:
        """Whom this person meets."""
        return self.second_id if person_id == self.first_id else self.first_id


@dataclass(frozen=True)
class Day:
    """Everything of a day but wishes and requests."""

    view: DayView
    slots: tuple[SlotView, ...]
    tables: tuple[TableView, ...]
    people: Mapping[int, PersonView]
    meetings: tuple[MeetingView, ...]

    @cached_property
    def slot_by_id(self) -> dict[int, SlotView]:
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def table_by_id(self) -> dict[int, TableView]:
        return {table.id: table for table in self.tables}

    @cached_property
    def schedules(self) -> dict[int, list[MeetingView]]:
        """Person → standing meetings in order."""
        found: dict[int, list[MeetingView]] = {}
        for meeting in self.meetings:
            for person in meeting.people:
                found.setdefault(person, []).append(meeting)
        return found

    @cached_property
    def halves(self) -> list[set[int]]:
        """The slots of each half of each day."""
        found: dict[tuple[str, str], set[int]] = {}
        for slot in self.slots:
            found.setdefault((slot.day, slot.half), set()).add(slot.id)
        return list(found.values())

    @property
    def most(self) -> int:
        """Meetings of one person at most."""
        return find_most_meetings(len(self.slots), self.view.most_meetings)

    @cached_property
    def stood_in(self) -> dict[int, set[int]]:
        """Person → slots in which they sit in a colleague's place: known by the name and the organisation."""
        known = {
            (one.organisation_key, fold(one.name)): one.id
            for one in self.people.values()
            if one.organisation_key
        }
        found: dict[int, set[int]] = {}
        for meeting in self.meetings:
            for person, name in meeting.stand_ins.items():
                key = self.people[person].organisation_key if person in self.people else ""
                found.setdefault(known.get((key, fold(name)), 0), set()).add(meeting.slot_id)
        return found

    def has_both(self, meeting: MeetingView) -> bool:
        """Are both sides still registered? Whoever has just left takes the meeting along, within a minute."""
        return set(meeting.people) <= self.people.keys()

    def taken(self, person_id: int) -> set[int]:
        """Slots in which this person has a meeting, or a colleague's."""
        own = {meeting.slot_id for meeting in self.schedules.get(person_id, ())}
        return own | self.stood_in.get(person_id, set())

    def open_slots(self, person_id: int) -> set[int]:
        """Slots in which this person can have meetings at all."""
        profile = self.people[person_id].profile
        halves = set(HalfDay) if profile.half_day is HalfDay.ANY else {profile.half_day}
        return {s.id for s in self.slots if HalfDay(s.half) in halves and s.id not in profile.absent_in}

    def free_slots(self, person_id: int) -> set[int]:
        """Slots that are open to this person and without a meeting."""
        return self.open_slots(person_id) - self.taken(person_id)

    def is_full(self, person_id: int) -> bool:
        """Has this person as many meetings as one may have?"""
        return len(self.schedules.get(person_id, ())) >= self.most

    def free_tables(self, slot_id: int) -> list[TableView]:
        """Tables without a meeting then."""
        taken = {meeting.table_id for meeting in self.meetings if meeting.slot_id == slot_id}
        return [table for table in self.tables if table.id not in taken]


_DAY = (
    select(
        Event.id.label("event_id"), Event.slug, Event.title, Event.state, Event.presence, Event.online_url,
        Event.time_zone, Event.starts_at, Event.ends_at,
        Matchmaking.mode, Matchmaking.phase, Matchmaking.slot_minutes, Matchmaking.gap_minutes,
        Matchmaking.most_meetings, Matchmaking.wishes_by, Matchmaking.feedback_by, Matchmaking.version,
    )
    .join(Matchmaking, Matchmaking.event_id == Event.id)
)  # fmt: skip


def load_day(session: Session, event_id: int) -> Day:
    """The day as it stands. Raises NotFoundError where no meetings were set up."""
    row = session.execute(_DAY.where(Event.id == event_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("matchmaking", str(event_id))
    view = DayView(
        **{**row, "mode": MatchMode(row["mode"]), "phase": MatchPhase(row["phase"])},
        place=find_event_place(session, event_id),
    )
    return Day(
        view,
        tuple(_list_slots(session, view)),
        tuple(_list_tables(session, event_id)),
        {person.id: person for person in _list_people(session, event_id)},
        tuple(_list_meetings(session, event_id)),
    )


def is_set_up(session: Session, event_id: int) -> bool:
    """Have staff said how the meetings of this event come about?"""
    return session.scalar(select(Matchmaking.event_id).where(Matchmaking.event_id == event_id)) is not None


def find_event_id(session: Session, slug: str) -> int:
    """The matchmaking day behind an address; cancelled ones too. Raises NotFoundError."""
    found = session.scalar(select(Event.id).where(Event.slug == slug))
    if found is None:
        raise NotFoundError("event", slug)
    return found


def load_day_by_slug(session: Session, slug: str) -> Day:
    """As `load_day`, by the event's address."""
    return load_day(session, find_event_id(session, slug))


def is_open(day: Day, now: datetime) -> bool:
    """Is anything still to be done on it?"""
    return day.view.state == EventState.PUBLISHED and now < day.view.ends_at


def _list_slots(session: Session, view: DayView) -> Iterable[SlotView]:
    query = select(MeetingSlot.id, MeetingSlot.starts_at, MeetingSlot.ends_at, MeetingSlot.half)
    rows = session.execute(query.where(MeetingSlot.event_id == view.event_id).order_by(MeetingSlot.starts_at))
    for number, row in enumerate(rows.mappings(), start=1):
        day = local_day(row["starts_at"], view.time_zone).isoformat()
        yield SlotView(number=number, day=day, **row)


def _list_tables(session: Session, event_id: int) -> Iterable[TableView]:
    columns = (MeetingTable.id, MeetingTable.number, MeetingTable.label, MeetingTable.online_url)
    query = select(*columns).where(MeetingTable.event_id == event_id).order_by(MeetingTable.number)
    return (TableView(**row) for row in session.execute(query).mappings())


def _list_people(session: Session, event_id: int) -> Iterable[PersonView]:
    query = (
        select(
            Registration.id, Registration.reference, Registration.name, Registration.email, Registration.role,
            Registration.organisation_name, Registration.organisation_key, Registration.country,
            Registration.language, Registration.time_zone,
            Participant.offers, Participant.needs, Participant.languages, Participant.half_day,
            Participant.takes_fill_ins, Participant.version, Participant.completed_at, Participant.arrived_at,
            Participant.late_until, Participant.left_at,
        )
        .join(Participant, Participant.registration_id == Registration.id)
        .where(Participant.event_id == event_id, Registration.state == RegistrationState.REGISTERED)
        .order_by(Registration.name, Registration.id)
    )  # fmt: skip
    interests = _group(
        session.execute(
            select(ParticipantInterest.registration_id, Interest.slug)
            .join(Interest, Interest.id == ParticipantInterest.interest_id)
            .join(Participant, Participant.registration_id == ParticipantInterest.registration_id)
            .where(Participant.event_id == event_id)
            .order_by(Interest.slug)
        )
    )
    absences = _group(
        session.execute(
            select(ParticipantAbsence.registration_id, ParticipantAbsence.slot_id)
            .join(MeetingSlot, MeetingSlot.id == ParticipantAbsence.slot_id)
            .where(MeetingSlot.event_id == event_id)
        )
    )
    return (_build_person(row, interests, absences) for row in session.execute(query))


def _build_person(row: Any, interests: dict[int, list[Any]], absences: dict[int, list[Any]]) -> PersonView:
    profile = Profile(
        offers=row.offers,
        needs=row.needs,
        languages=tuple(row.languages),
        interests=tuple(interests.get(row.id, ())),
        half_day=HalfDay(row.half_day),
        takes_fill_ins=row.takes_fill_ins,
        absent_in=frozenset(absences.get(row.id, ())),
    )
    return PersonView(
        id=row.id,
        reference=row.reference,
        name=row.name,
        email=row.email,
        role=row.role,
        organisation=row.organisation_name,
        organisation_key=row.organisation_key,
        country=row.country,
        language=row.language,
        time_zone=row.time_zone,
        profile=profile,
        version=row.version,
        is_complete=row.completed_at is not None,
        arrived_at=row.arrived_at,
        late_until=row.late_until,
        left_at=row.left_at,
    )


def _group(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def _list_meetings(session: Session, event_id: int) -> Iterable[MeetingView]:
    first, second = aliased(MeetingPerson), aliased(MeetingPerson)
    query = (
        select(
            Meeting.id, Meeting.state, Meeting.first_id, Meeting.second_id, Meeting.slot_id,
            Meeting.table_id, Meeting.is_pinned, Meeting.version, Meeting.starts_at, Meeting.ends_at,
            first.feedback.label("first_feedback"), second.feedback.label("second_feedback"),
            first.stand_in.label("first_stand_in"), second.stand_in.label("second_stand_in"),
        )
        .join(first, and_(first.meeting_id == Meeting.id, first.registration_id == Meeting.first_id))
        .join(second, and_(second.meeting_id == Meeting.id, second.registration_id == Meeting.second_id))
        .where(Meeting.event_id == event_id, Meeting.state.in_(STANDING_MEETINGS))
        .order_by(Meeting.starts_at, Meeting.table_id)
    )  # fmt: skip
    for row in session.execute(query).mappings():
        values = dict(row)
        first_id, second_id = row["first_id"], row["second_id"]
        words = {first_id: values.pop("first_feedback"), second_id: values.pop("second_feedback")}
        names = {first_id: values.pop("first_stand_in"), second_id: values.pop("second_stand_in")}
        stand_ins = {person: name for person, name in names.items() if name}
        yield MeetingView(feedback=words, stand_ins=stand_ins, **values)


def slots_as_stored(day: Day) -> list[list[Any]]:
    """Which slot is when: ids alone may be given anew when the day is laid out again."""
    return [[slot.id, slot.starts_at.isoformat()] for slot in day.slots]


def is_over(meeting: MeetingView) -> bool:
    """Has it been said how the meeting went?"""
    return meeting.state in (MeetingState.HELD, MeetingState.MISSED)
