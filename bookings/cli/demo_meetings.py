"""The demo's matchmaking day: 24 people of both shores with profiles and wishes; the solver is asked."""

from dataclasses import dataclass
from datetime import datetime, time

from bookings.cli.demo_event_texts import TEXTS
from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.meetings import MatchMode, Profile, Session, WishStrength
from bookings.domain.registrations import Application, CameBy, Person
from bookings.domain.text import build_slug
from bookings.domain.visits import Actor
from bookings.queries.directory import load_directory
from bookings.queries.events import find_event
from bookings.services.meetings import MeetingPlan, ask_for_schedule, set_up_meetings
from bookings.services.meetings.examples import load_example_profiles
from bookings.services.registrations import add_registration

STAFF = Who(Actor.STAFF, "Maria Lind")
_SESSIONS = (Session(time(9, 30), time(12)), Session(time(13), time(15)))
_ZONES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
_LANGUAGE = {"SE": "sv", "FI": "fi"}
# Offers of one trade fit the needs of another.
_TRADES = (
    ("Biogas plants and digestate", "Heat pumps for process heat"),
    ("Heat pumps for process heat", "Battery storage on the scale of a town"),
    ("Battery storage on the scale of a town", "Hydrogen from wind power"),
    ("Hydrogen from wind power", "Pilot sites at a harbour"),
    ("Pilot sites at a harbour", "Recycling of composites"),
    ("Recycling of composites", "Biogas plants and digestate"),
)
_NAMES = (
    "Anna Berg", "Mikko Laine", "Karin Öhman", "Jukka Saari", "Elin Sund", "Päivi Niemi", "Lars Holm",
    "Tiina Koski", "Maja Lind", "Antti Ranta", "Erik Nyström", "Sanna Mäki", "Ida Forsberg", "Olli Harju",
    "Nils Åström", "Laura Salo", "Sara Wik", "Ville Aho", "Johan Ek", "Hanna Luoma", "Åsa Lundin",
    "Petri Kallio", "Björn Näs", "Riikka Hill",
)  # fmt: skip


@dataclass(frozen=True)
class _Guest:
    email: str
    person: Person
    profile: Profile


def add_example_meetings(*, now: datetime) -> None:
    """Register the people, lay slots and tables, write profiles and wishes, and ask the solver."""
    slug = build_slug(TEXTS["matchmaking_title"]["en"])
    event = find_event(read_session(), slug)
    if event is None:
        return
    ticket_id, topics = event.tickets[0].id, _list_topics()
    guests = [_build_guest(number, name, topics) for number, name in enumerate(_NAMES)]
    for guest in guests:
        application = Application(
            event_slug=slug,
            ticket_id=ticket_id,
            leader=guest.person,
            form_key=f"demo-meetings-{guest.email}",
            came_by=CameBy.STAFF,
        )
        add_registration(application, who=STAFF, now=now)
    plan = MeetingPlan(mode=MatchMode.SOLVER, sessions=_SESSIONS, tables=8)
    set_up_meetings(slug, plan, who=STAFF, now=now)
    profiles = {guest.email: guest.profile for guest in guests}
    load_example_profiles(slug, profiles, _list_wishes(guests), now=now)
    ask_for_schedule(slug, seconds=5, who=STAFF, now=now)


def _list_topics() -> list[str]:
    areas = load_directory(read_session()).interests.areas
    return [topic.slug for area in areas for topic in area.topics]


def _build_guest(number: int, name: str, topics: list[str]) -> _Guest:
    country = "SE" if number % 2 == 0 else "FI"
    email = f"guest{number + 1}@meetings.example"
    offers, needs = _TRADES[number % len(_TRADES)]
    person = Person(
        name=name,
        email=email,
        organisation_name=f"{name.split()[1]} {'AB' if country == 'SE' else 'Oy'}",
        country=country,
        language=_LANGUAGE[country],
        time_zone=_ZONES[country],
    )
    interests = tuple(topics[(number * 5) % len(topics) :][:3]) if topics else ()
    profile = Profile(offers=offers, needs=needs, languages=("en", _LANGUAGE[country]), interests=interests)
    return _Guest(email, person, profile)


def _list_wishes(guests: list[_Guest]) -> dict[tuple[str, str], WishStrength]:
    """Everybody has to meet one of the other shore, likes four more, and one never meets one."""
    wishes = {}
    for number, guest in enumerate(guests):
        for step in (1, 3, 5, 8, 11):
            other = guests[(number + step) % len(guests)]
            wishes[guest.email, other.email] = WishStrength.MUST if step == 1 else WishStrength.LIKE
    wishes[guests[0].email, guests[3].email] = WishStrength.NEVER
    return wishes
