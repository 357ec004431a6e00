"""Example events of the demo, made through the real use cases: one of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bookings.cli.demo_event_texts import TEXTS
from bookings.db import read_session
from bookings.domain.advisers import AdviserDay, AdviserPlan
from bookings.domain.audit import Who
from bookings.domain.events import EventKind, EventPlan, PartPlan, Presence, SpeakerPlan, TicketPlan
from bookings.domain.time import Interval, local_day, next_weekday, wall_to_instant
from bookings.domain.visits import Actor
from bookings.queries.directory import Directory, load_directory
from bookings.queries.events import find_event
from bookings.services.advisers import add_adviser
from bookings.services.events import add_speaker, create_event, publish_event

STAFF = Who(Actor.STAFF, "Maria Lind")
_ZONES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY = 1, 2, 3, 4
_ADVISERS = (
    ("Sanna Koivisto", "sanna.koivisto@adviser.example", "advice_market"),
    ("Mikael Nyman", "mikael.nyman@adviser.example", "advice_law"),
)


@dataclass(frozen=True)
class Clock:
    """Wall times of one place."""

    day: date
    zone: str

    def at(self, clock: str, *, day: int = 0) -> datetime:
        """The instant of a wall time, so many days later."""
        wall = datetime.combine(self.day + timedelta(days=day), time.fromisoformat(clock))
        return wall_to_instant(wall, self.zone, fold=0)


def add_example_events(*, now: datetime) -> None:
    """One event of each kind, and a fair week with what belongs to it. The directory has to be there."""
    directory = load_directory(read_session())
    week = _add_fair_week(directory, now)
    _add_seminar(directory, week, now)
    _add_visit_day(directory, week, now)
    _add_matchmaking_day(directory, week, now)
    _add_webinar(now)
    _add_advisory_day(directory, now)
    _add_draft(directory, now)


def _add_fair_week(directory: Directory, now: datetime) -> int:
    clock = Clock(_weekday(now, weeks=10, weekday=_MONDAY), _ZONES["FI"])
    plan = EventPlan(
        kind=EventKind.FAIR,
        **_words("week"),
        place_id=_place(directory, "vaasa"),
        venue="Vaasan kaupungintalo – Vasa stadshus",
        address="Senaatinkatu 1",
        time_zone=clock.zone,
        starts_at=clock.at("09:00"),
        ends_at=clock.at("18:00", day=3),
        closes_at=clock.at("12:00", day=-3),
        capacity=600,
        asks_costs=True,
        notes_photos=True,
        site_ids=_sites(directory, "stormossen", "westenergy", "vakin"),
    )
    sites = {town: _site_in(directory, town) for town in ("umea", "skelleftea", "kokkola", "ornskoldsvik")}
    parts = [
        _part("week_opening", clock, 0, ("09:30", "11:00"), is_chosen=False),
        _part("week_storage", clock, 0, ("13:00", "15:00"), capacity=80),
        _part("week_bioeconomy", clock, 1, ("09:00", "11:30"), capacity=60, site_id=sites["umea"]),
        _part(
            "week_hydrogen",
            clock,
            1,
            ("13:00", "16:00"),
            capacity=120,
            site_id=sites["skelleftea"],
        ),
        _part("week_waste", clock, 2, ("10:00", "12:00"), capacity=40, site_id=sites["kokkola"]),
        _part(
            "week_port",
            clock,
            2,
            ("13:30", "15:30"),
            capacity=25,
            site_id=sites["ornskoldsvik"],
        ),
        _part("week_closing", clock, 3, ("15:00", "17:00"), is_chosen=False),
    ]
    tickets = [
        TicketPlan(name=TEXTS["ticket_visitor"]),
        TicketPlan(name=TEXTS["ticket_exhibitor"], capacity=120, is_partner=True, access_code="STAND"),
        TicketPlan(name=TEXTS["ticket_press"], access_code="PRESS"),
    ]
    return _publish(plan, now, parts=parts, tickets=tickets)


def _add_seminar(directory: Directory, week: int, now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=10, weekday=_TUESDAY), _ZONES["FI"])
    plan = EventPlan(
        kind=EventKind.SEMINAR,
        **_words("seminar"),
        presence=Presence.BOTH,
        place_id=_place(directory, "vaasa"),
        venue="Vaasan kaupungintalo – Vasa stadshus",
        address="Senaatinkatu 1",
        online_url="https://video.example/grid-seminar",
        time_zone=clock.zone,
        starts_at=clock.at("12:30"),
        ends_at=clock.at("17:00"),
        capacity=300,
        most_per_organisation=10,
        notes_photos=True,
        umbrella_id=week,
    )
    parts = [
        _part("seminar_grid", clock, 0, ("13:00", "14:15"), is_chosen=False),
        _part("seminar_market", clock, 0, ("14:45", "16:30"), is_chosen=False),
    ]
    tickets = [
        TicketPlan(name=TEXTS["ticket_seat"]),
        TicketPlan(name=TEXTS["ticket_online"], presence=Presence.ONLINE),
        TicketPlan(name=TEXTS["ticket_partner"], capacity=40, is_partner=True, access_code="PARTNER"),
    ]
    slug = create_event(plan, parts=parts, tickets=tickets, who=STAFF, now=now)
    for name, role, organisation in (
        ("Anna Nyström", "Grid manager", "Vaasan Sähkö"),
        ("Erik Sund", "Head of markets", "Umeå Energi"),
    ):
        speaker = SpeakerPlan(name=name, role=role, organisation_name=organisation)
        add_speaker(slug, speaker, who=STAFF, now=now)
    publish_event(slug, who=STAFF, now=now)


def _add_visit_day(directory: Directory, week: int, now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=10, weekday=_WEDNESDAY), _ZONES["FI"])
    plan = EventPlan(
        kind=EventKind.OPEN_VISIT_DAY,
        **_words("visits"),
        place_id=_place(directory, "vaasa"),
        venue="Stormossen",
        time_zone=clock.zone,
        starts_at=clock.at("09:00"),
        ends_at=clock.at("15:30"),
        closes_at=clock.at("12:00", day=-7),
        capacity=20,
        minimum=8,
        decides_at=clock.at("12:00", day=-8),
        largest_group=4,
        asks_costs=True,
        umbrella_id=week,
        site_ids=_sites(directory, "stormossen", "westenergy"),
    )
    _publish(plan, now)


def _add_matchmaking_day(directory: Directory, week: int, now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=10, weekday=_THURSDAY), _ZONES["FI"])
    plan = EventPlan(
        kind=EventKind.MATCHMAKING_DAY,
        **_words("matchmaking"),
        place_id=_place(directory, "vaasa"),
        venue="Vaasan yliopisto – Vasa universitet",
        address="Wolffintie 32",
        time_zone=clock.zone,
        starts_at=clock.at("09:00"),
        ends_at=clock.at("15:00"),
        closes_at=clock.at("12:00", day=-10),
        capacity=80,
        most_per_organisation=3,
        largest_group=1,
        umbrella_id=week,
    )
    _publish(plan, now)


def _add_webinar(now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=3, weekday=_WEDNESDAY), _ZONES["SE"])
    plan = EventPlan(
        kind=EventKind.WEBINAR,
        **_words("webinar"),
        presence=Presence.ONLINE,
        online_url="https://video.example/district-heating",
        time_zone=clock.zone,
        starts_at=clock.at("10:00"),
        ends_at=clock.at("11:00"),
        notes_photos=True,
    )
    _publish(plan, now)


def _add_advisory_day(directory: Directory, now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=5, weekday=_THURSDAY), _ZONES["SE"])
    plan = EventPlan(
        kind=EventKind.ADVISORY_DAY,
        **_words("advice"),
        place_id=_place(directory, "umea"),
        venue="Väven",
        address="Storgatan 46",
        time_zone=clock.zone,
        starts_at=clock.at("09:00"),
        ends_at=clock.at("16:00"),
        capacity=24,
    )
    event_id = _publish(plan, now)
    for name, email, topics in _ADVISERS:
        adviser = AdviserPlan(
            name=name,
            email=email,
            language="fi",
            time_zone=_ZONES["FI"],
            organisation_name="Pohjanmaan neuvojat",
            topics=TEXTS[topics],
            day=_day_of_advice(clock),
        )
        add_adviser(event_id, adviser, who=STAFF, now=now)


def _day_of_advice(clock: Clock) -> AdviserDay:
    return AdviserDay(
        starts_at=clock.at("09:00"),
        ends_at=clock.at("16:00"),
        pause=Interval(clock.at("12:00"), clock.at("13:00")),
        buffer_minutes=10,
    )


def _add_draft(directory: Directory, now: datetime) -> None:
    clock = Clock(_weekday(now, weeks=20, weekday=_TUESDAY), _ZONES["SE"])
    plan = EventPlan(
        kind=EventKind.SEMINAR,
        title={"en": TEXTS["draft_title"]["en"]},
        place_id=_place(directory, "skelleftea"),
        time_zone=clock.zone,
        starts_at=clock.at("09:00"),
        ends_at=clock.at("15:00"),
    )
    create_event(plan, who=STAFF, now=now)


def _publish(
    plan: EventPlan, now: datetime, parts: Sequence[PartPlan] = (), tickets: Sequence[TicketPlan] = ()
) -> int:
    slug = create_event(plan, parts=parts, tickets=tickets, who=STAFF, now=now)
    publish_event(slug, who=STAFF, now=now)
    event = find_event(read_session(), slug)
    return event.id if event else 0


def _words(name: str) -> dict[str, Any]:
    return {part: TEXTS[f"{name}_{part}"] for part in ("title", "summary", "description")}


def _part(name: str, clock: Clock, day: int, span: tuple[str, str], **columns: Any) -> PartPlan:
    starts, ends = span
    return PartPlan(
        title=TEXTS[name], starts_at=clock.at(starts, day=day), ends_at=clock.at(ends, day=day), **columns
    )


def _weekday(now: datetime, *, weeks: int, weekday: int) -> date:
    return next_weekday(local_day(now, _ZONES["FI"]) + timedelta(weeks=weeks), _MONDAY) + timedelta(
        days=weekday - 1
    )


def _place(directory: Directory, slug: str) -> int:
    return directory.places.by_slug[slug].id


def _sites(directory: Directory, *slugs: str) -> tuple[int, ...]:
    companies = (directory.companies.get(slug) for slug in slugs)
    return tuple(company.sites[0].id for company in companies if company and company.sites)


def _site_in(directory: Directory, town: str) -> int | None:
    companies = (one for one in directory.companies.values() if one.place_slug == town and one.is_published)
    return next((one.sites[0].id for one in companies if one.sites), None)
