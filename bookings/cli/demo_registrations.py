"""Example registrations of the demo: a seminar that fills, and a visit day with a queue."""

from collections.abc import Sequence
from datetime import datetime

from bookings.cli.demo_event_texts import TEXTS
from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.registrations import Application, CameBy, Person
from bookings.domain.text import build_slug
from bookings.domain.visits import Actor
from bookings.queries.events import find_event
from bookings.services.registrations import add_registration

STAFF = Who(Actor.STAFF, "Maria Lind")
_SEMINAR, _VISITS = (build_slug(TEXTS[f"{name}_title"]["en"]) for name in ("seminar", "visits"))
_GUESTS = (
    ("Ingrid Moe", "Nordlys Kraft", "NO"), ("Kari Viitala", "Lakeuden Energia", "FI"),
    ("Tomas Öberg", "Norrfjärdens kommun", "SE"), ("Liis Tamm", "Tartu Soojus", "EE"),
    ("Mika Halme", "Merenkurkun Satama", "FI"), ("Eva Sandström", "Västerbottens Bioråvara", "SE"),
    ("Janis Ozols", "Rīgas Siltums Lab", "LV"), ("Outi Kallas", "Kokkolan Kierto", "FI"),
    ("Fredrik Lund", "Ådalens Värme", "SE"), ("Satu Peltola", "Pohjan Tuuli", "FI"),
    ("Marek Nowak", "Bałtyk Wind", "PL"), ("Hilde Aas", "Helgeland Avfall", "NO"),
    ("Kristina Falk", "Skelleälvens Kraft", "SE"), ("Jari Lehto", "Botnia Battery", "FI"),
    ("Anneli Rand", "Pärnu Vesi", "EE"), ("Olof Vikström", "Umeälvens Gas", "SE"),
    ("Leena Sorsa", "Kristiinan Lämpö", "FI"), ("Per-Erik Moberg", "Robertsfors Skog", "SE"),
    ("Tuula Ahola", "Ilmajoen Puhdas", "FI"), ("Niklas Grahn", "Nordmalings Bygg", "SE"),
)  # fmt: skip
_LANGUAGES = {"FI": "fi", "SE": "sv"}
_ZONES = {
    "FI": "Europe/Helsinki", "EE": "Europe/Tallinn", "LV": "Europe/Riga", "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo", "PL": "Europe/Warsaw",
}  # fmt: skip
_SEATED = 18
_GROUP = 4


def add_example_registrations(*, now: datetime) -> None:
    """Nearly all seats of the visit day are taken: a group of four waits for more than are left, and
    somebody behind it, too."""
    people = [_build_person(*guest) for guest in _GUESTS]
    for person in people:
        _register(_SEMINAR, [person], now=now)
    for person in people[:_SEATED]:
        _register(_VISITS, [person], now=now)
    leader = _build_person("Sofia Berglund", "Holmsunds Teknik", "SE")
    _register(_VISITS, [leader, *(_stranger(leader) for _ in range(_GROUP - 1))], now=now)
    _register(_VISITS, [_build_person("Arto Niskanen", "Seinäjoen Neuvonta", "FI")], now=now)


def _register(slug: str, people: Sequence[Person], *, now: datetime) -> None:
    event = find_event(read_session(), slug)
    if event is None:
        return
    leader, *members = people
    application = Application(
        event_slug=slug,
        ticket_id=event.tickets[0].id,
        leader=leader,
        members=tuple(members),
        accepts_costs=event.asks_costs,
        form_key=f"demo-{slug}-{leader.email}",
        came_by=CameBy.STAFF,
        joins_waiting_list=True,
    )
    add_registration(application, who=STAFF, now=now)


def _build_person(name: str, organisation: str, country: str) -> Person:
    return Person(
        name=name,
        email=f"{build_slug(name)}@guest.example",
        organisation_name=organisation,
        country=country,
        language=_LANGUAGES.get(country, "en"),
        time_zone=_ZONES[country],
    )


def _stranger(leader: Person) -> Person:
    """A member of a group whose name the leader doesn't know yet."""
    return Person(
        name="", email="", country=leader.country, language=leader.language, time_zone=leader.time_zone
    )
