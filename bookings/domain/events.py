"""Events: fairs, seminars, webinars, open visit days, matchmaking and advisory days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.time import local_day, to_local, wall_to_instant

LANGUAGES = ("en", "sv", "fi")
MOST_IN_SERIES = 52
LARGEST_CAPACITY = 100_000
_LONGEST = timedelta(days=31)


class EventKind(StrEnum):
    FAIR = "fair"
    SEMINAR = "seminar"
    WEBINAR = "webinar"
    OPEN_VISIT_DAY = "open_visit_day"
    MATCHMAKING_DAY = "matchmaking_day"
    ADVISORY_DAY = "advisory_day"


class EventState(StrEnum):
    """What is stored; that an event is past follows from its end."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """How people take part."""

    ON_SITE = "on_site"
    ONLINE = "online"
    BOTH = "both"


Texts = Mapping[str, str]
"""Language → text. English, Swedish and Finnish; a missing one is read in another."""


def choose_text(texts: Texts, language: str) -> str:
    """The text in the reader's language, else in English, else in any that there is, else ""."""
    found = texts.get(language) or texts.get("en")
    return found or next((text for text in texts.values() if text), "")


class Door(StrEnum):
    """How registration stands for whoever comes to the page now."""

    SOON = "soon"
    OPEN = "open"
    WAITING_LIST = "waiting_list"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"
    DRAFT = "draft"


@dataclass(frozen=True, kw_only=True)
class EventPlan:
    """An event as staff want it; the attributes mean what they mean in the table."""

    kind: EventKind
    title: Texts
    summary: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    presence: Presence = Presence.ON_SITE
    place_id: int | None = None
    site_id: int | None = None
    venue: str = ""
    address: str = ""
    online_url: str = ""
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    minimum: int | None = None
    decides_at: datetime | None = None
    needs_approval: bool = False
    most_per_organisation: int | None = None
    largest_group: int = 10
    has_waiting_list: bool = True
    lets_smaller_pass: bool = False
    asks_costs: bool = False
    notes_photos: bool = False
    umbrella_id: int | None = None
    owner_id: int | None = None
    site_ids: tuple[int, ...] = ()
    """The hosts' sites that the event leads to."""


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """A part as staff want it."""

    title: Texts
    description: Texts = field(default_factory=dict)
    presence: Presence = Presence.ON_SITE
    room: str = ""
    site_id: int | None = None
    starts_at: datetime
    ends_at: datetime
    is_chosen: bool = True
    capacity: int | None = None


@dataclass(frozen=True, kw_only=True)
class TicketPlan:
    """A ticket kind as staff want it."""

    name: Texts
    presence: Presence = Presence.ON_SITE
    capacity: int | None = None
    is_partner: bool = False
    access_code: str = ""
    valid_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SpeakerPlan:
    """A speaker as staff want it; without a part: of the event as a whole."""

    name: str
    role: str = ""
    organisation_name: str = ""
    organisation_id: int | None = None
    part_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class DoorFacts:
    """What decides whether somebody can register now."""

    state: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    has_waiting_list: bool
    places_left: int | None
    """Nothing where there is no end of places."""


def read_door(facts: DoorFacts, *, now: datetime) -> Door:
    """How registration stands: it closes when the event begins, where no earlier moment is named."""
    if facts.state != EventState.PUBLISHED:
        return Door.CANCELLED if facts.state == EventState.CANCELLED else Door.DRAFT
    if now >= facts.ends_at:
        return Door.OVER
    if facts.opens_at is not None and now < facts.opens_at:
        return Door.SOON
    if now >= (facts.closes_at or facts.starts_at):
        return Door.CLOSED
    if facts.places_left is None or facts.places_left > 0:
        return Door.OPEN
    return Door.WAITING_LIST if facts.has_waiting_list else Door.FULL


def is_past(ends_at: datetime, *, now: datetime) -> bool:
    """Has the event ended?"""
    return now >= ends_at


def is_for_everybody(*, is_partner: bool, access_code: str) -> bool:
    """May anybody take this kind of ticket? Places that are set aside for partners need the code that they
    were given; without one only staff give such places out."""
    return not is_partner and not access_code


def takes_event_seat(*, event_presence: str, ticket_presence: str, is_partner: bool) -> bool:
    """Does such a ticket take a seat among those of the whole event?

    Partners' seats are set aside, and who follows from afar takes no chair where there are chairs.
    """
    if is_partner:
        return False
    return ticket_presence != Presence.ONLINE or event_presence == Presence.ONLINE


def open_capacity(capacity: int | None, partner_seats: int) -> int | None:
    """Seats that everybody can take: those of partners are not among them. Raises EventNotUsableError."""
    if capacity is None:
        return None
    if partner_seats > capacity:
        raise EventNotUsableError("partner_seats", "capacity", partner_seats)
    return capacity - partner_seats


def check_event(plan: EventPlan) -> None:
    """The rules of one event by itself. Raises EventNotUsableError, which names the field."""
    _refuse_if(not any(plan.title.values()), "missing", "title")
    _refuse_if(plan.ends_at <= plan.starts_at, "order", "ends_at")
    _refuse_if(plan.ends_at - plan.starts_at > _LONGEST, "long", "ends_at", _LONGEST.days)
    _check_numbers(plan)
    _check_opening(plan)
    _check_minimum(plan)


def _check_numbers(plan: EventPlan) -> None:
    for name in ("capacity", "minimum", "most_per_organisation", "largest_group"):
        number = getattr(plan, name)
        least = 0 if name == "capacity" else 1
        _refuse_if(
            number is not None and not least <= number <= LARGEST_CAPACITY, "range", name, LARGEST_CAPACITY
        )


def _check_opening(plan: EventPlan) -> None:
    opens, closes = plan.opens_at, plan.closes_at
    _refuse_if(closes is not None and closes > plan.ends_at, "late", "closes_at")
    _refuse_if(opens is not None and opens >= (closes or plan.starts_at), "opening", "opens_at")


def _check_minimum(plan: EventPlan) -> None:
    if plan.minimum is None:
        return
    _refuse_if(plan.decides_at is None, "decision_missing", "decides_at")
    _refuse_if(plan.decides_at is not None and plan.decides_at > plan.starts_at, "late", "decides_at")
    _refuse_if(
        plan.capacity is not None and plan.minimum > plan.capacity, "minimum", "minimum", plan.capacity or 0
    )


def check_part(plan: PartPlan, *, starts_at: datetime, ends_at: datetime) -> None:
    """A part lies within its event. Raises EventNotUsableError."""
    _refuse_if(not any(plan.title.values()), "missing", "title")
    _refuse_if(plan.ends_at <= plan.starts_at, "order", "ends_at")
    _refuse_if(plan.starts_at < starts_at or plan.ends_at > ends_at, "outside", "starts_at")
    _refuse_if(not _is_capacity(plan.capacity), "range", "capacity", LARGEST_CAPACITY)


def check_ticket(plan: TicketPlan, *, event_presence: str, days: Collection[date]) -> None:
    """A ticket kind that its event can have. Raises EventNotUsableError."""
    _refuse_if(not any(plan.name.values()), "missing", "name")
    _refuse_if(not _is_capacity(plan.capacity), "range", "capacity", LARGEST_CAPACITY)
    _refuse_if(plan.is_partner and plan.capacity is None, "partner_capacity", "capacity")
    _refuse_if(plan.presence == Presence.BOTH, "presence", "presence")
    _refuse_if(event_presence not in (Presence.BOTH, plan.presence), "presence", "presence")
    _refuse_if(plan.valid_on is not None and plan.valid_on not in days, "outside", "valid_on")


def _is_capacity(number: int | None) -> bool:
    return number is None or 0 <= number <= LARGEST_CAPACITY


def _refuse_if(is_wrong: bool, code: str, name: str, number: int = 0) -> None:
    if is_wrong:
        raise EventNotUsableError(code, name, number)


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What an event is looked at for before everybody can see it."""

    plan: EventPlan
    part_count: int
    ticket_count: int


def list_missing(facts: Readiness, *, now: datetime) -> tuple[str, ...]:
    """Codes of what has to be there before the event can be published."""
    plan = facts.plan
    is_held_somewhere = plan.presence != Presence.ONLINE
    found = {
        "past": plan.ends_at <= now,
        "decision_past": plan.decides_at is not None and plan.decides_at <= now,
        "closed": (plan.closes_at or plan.starts_at) <= now,
        "summary": not any(plan.summary.values()),
        "place": is_held_somewhere and plan.place_id is None and plan.site_id is None,
        "venue": is_held_somewhere and plan.site_id is None and not plan.venue,
        "tickets": facts.ticket_count == 0,
    }
    return tuple(code for code, is_so in found.items() if is_so)


def list_advice(facts: Readiness) -> tuple[str, ...]:
    """Codes of what can come later, but that people will miss: `title_sv`, `online_url`, `parts` …"""
    plan = facts.plan
    texts = {"title": plan.title, "summary": plan.summary, "description": plan.description}
    found = [f"{name}_{code}" for name, text in texts.items() for code in LANGUAGES if not text.get(code)]
    if plan.presence != Presence.ON_SITE and not plan.online_url:
        found.append("online_url")
    if plan.kind == EventKind.FAIR and facts.part_count == 0:
        found.append("parts")
    return tuple(found)


def list_days(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, ...]:
    """The local days that an event touches; one that ends at midnight does not touch the next."""
    first, last = local_day(starts_at, zone), local_day(ends_at - timedelta(microseconds=1), zone)
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def move_days(instant: datetime, zone: str, days: int) -> datetime:
    """The same time on the clocks of `zone`, that many days later, also over the change of the clocks.

    A time that the clocks leave out becomes the first one after the gap; of one that comes twice, the
    earlier is meant.
    """
    wall = to_local(instant, zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    try:
        return wall_to_instant(wall, zone, fold=0)
    except TimeDoesNotExistError as gap:
        return gap.nearest[1]


def move_event(plan: EventPlan, days: int) -> EventPlan:
    """The event that many days later, with the clocks of its place as they were."""

    def moved(instant: datetime | None) -> datetime | None:
        return None if instant is None else move_days(instant, plan.time_zone, days)

    return replace(
        plan,
        starts_at=move_days(plan.starts_at, plan.time_zone, days),
        ends_at=move_days(plan.ends_at, plan.time_zone, days),
        opens_at=moved(plan.opens_at),
        closes_at=moved(plan.closes_at),
        decides_at=moved(plan.decides_at),
    )


def list_series_days(first: date, *, every_days: int, count: int) -> tuple[date, ...]:
    """The days of a series, the first one included. Raises EventNotUsableError."""
    _refuse_if(not 1 <= every_days <= 366, "range", "every_days", 366)
    _refuse_if(not 1 <= count <= MOST_IN_SERIES, "range", "count", MOST_IN_SERIES)
    return tuple(first + timedelta(days=every_days * number) for number in range(count))


def count_left(capacity: int | None, taken: int) -> int | None:
    """Free places; nothing where there is no end of them."""
    return None if capacity is None else max(0, capacity - taken)


def fewest_left(lefts: Sequence[int | None]) -> int | None:
    """Of several limits the one that is reached first; nothing where there is none."""
    known = [left for left in lefts if left is not None]
    return min(known) if known else None
