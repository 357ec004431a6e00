"""Example visits of the demo, made through the real use cases: nothing here writes a row itself."""

import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

from bookings.adapters.holidays import load_holidays
from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.errors import BookingError
from bookings.domain.requests import Contact, NewRequest, Sending, VisitingOrganisation, WishedDays
from bookings.domain.slots import SlotPlan
from bookings.domain.time import next_weekday
from bookings.domain.visits import Actor
from bookings.i18n import in_language, main_time_zone
from bookings.queries.outbox import read_newest_mail
from bookings.queries.planning.hosts import load_host_to_plan
from bookings.services.agreement import build_clause
from bookings.services.requests import submit_request, verify_request
from bookings.services.slots import accept_slot, add_slot, decline_slot, propose_times
from bookings.services.visits import accept_programme, ask_visitor, release_visit, start_planning
from bookings.settings import asset_folder

log = logging.getLogger("bookings.cli")

STAFF = Who(Actor.STAFF, "Maria Lind")
_STOP_LENGTH = timedelta(minutes=90)
_PLANNED_DAYS = timedelta(days=4)
_PARTNERS = ("umea", "ornskoldsvik", "skelleftea", "vaasa", "kokkola")


@dataclass(frozen=True)
class Stop:
    """A host on a day of the visit (0 is the first) at a wall time of its place."""

    day: int
    clock: str
    host: str
    title: str


@dataclass(frozen=True)
class Example:
    """A visit that really took place, and how far it has come in the demo."""

    delegation: str
    contact: str
    go_on: Callable[["Story"], None]
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True)
class Story:
    """One example while it is played; it began yesterday."""

    example: Example
    reference: str
    page_token: str
    first_day: date
    now: datetime

    def plan(self) -> list[int]:
        """Staff take the request up and plan every stop; returns the slots."""
        start_planning(self.reference, who=STAFF, now=self.now)
        stops = self.example.stops
        return [add_slot(self.reference, self.build_plan(stop), who=STAFF, now=self.now) for stop in stops]

    def release(self) -> list[str]:
        """Staff ask the hosts; returns what stands in the links of their mails."""
        slots = self.plan()
        release_visit(self.reference, who=STAFF, now=self.now)
        return [_token_in(read_newest_mail(read_session(), slot_id=slot), "slots") for slot in slots]

    def build_plan(self, stop: Stop) -> SlotPlan:
        """The slot that this stop becomes."""
        host = load_host_to_plan(read_session(), stop.host)
        site = host.company.sites[0]
        day = self.first_day + timedelta(days=stop.day)
        starts_at = datetime.combine(day, time.fromisoformat(stop.clock), ZoneInfo(site.time_zone))
        return SlotPlan(
            organisation_slug=stop.host,
            site_id=site.id,
            host_contact_id=host.contacts[0].id,
            starts_at=starts_at,
            ends_at=starts_at + _STOP_LENGTH,
            title=stop.title,
        )


def add_example_visits(*, now: datetime) -> None:
    """Visits in different states, spread over the coming months."""
    file = asset_folder("config") / "demo" / "delegations.json"
    delegations = {entry["slug"]: entry for entry in json.loads(file.read_text(encoding="utf-8"))}
    for example in EXAMPLES:
        try:
            _play(example, delegations[example.delegation], now=now)
        except BookingError:
            # On some days of the year a rule says no; the demo is worth starting without this example.
            log.exception("example visit %s stays incomplete", example.delegation)


def _play(example: Example, delegation: Mapping[str, Any], *, now: datetime) -> None:
    began_at = now - timedelta(hours=30)
    wish = _build_wish(example, delegation, today=now.date())
    sent = submit_request(wish, sent=_build_sending(delegation, now=began_at), now=began_at)
    if example.go_on is _wait_for_proof or sent.verify_token is None:
        return
    page_token = verify_request(sent.verify_token, now=began_at + timedelta(minutes=4)) or ""
    first_day = wish.windows[0].earliest
    example.go_on(Story(example, sent.reference, page_token, first_day, now - timedelta(hours=20)))


def _build_wish(example: Example, delegation: Mapping[str, Any], *, today: date) -> NewRequest:
    partners = tuple(slug for slug in delegation["places"] if slug in _PARTNERS)
    return NewRequest(
        interests=tuple(delegation["interests"]),
        visit_kind="study_visit",
        purpose=delegation["purpose"],
        windows=tuple(_build_window(window, today=today) for window in delegation["windows"]),
        group_size=delegation["group_size"],
        visit_languages=tuple(delegation["languages"]),
        organisation=VisitingOrganisation(
            name=delegation["organisation"],
            country=delegation["country"],
            kind=delegation["organisation_kind"],
        ),
        contact=Contact(
            name=example.contact,
            email=f"{example.contact.split()[0].lower()}@delegation.example",
            time_zone=main_time_zone(delegation["country"], otherwise="Europe/Helsinki"),
        ),
        places=partners,
        leaves_places_open=not partners,
    )


def _build_window(window: Mapping[str, int], *, today: date) -> WishedDays:
    first = next_weekday(today + timedelta(days=window["days_ahead"]), window["weekday"])
    length = timedelta(days=window["length_days"] - 1)
    # An example shows how it goes, not what a holiday does to it: a week later then.
    while _has_holiday(first, first + min(length, _PLANNED_DAYS)):
        first += timedelta(days=7)
    return WishedDays(first, first + length, window["half_days"])


def _has_holiday(first: date, last: date) -> bool:
    holidays = {day for country in ("SE", "FI") for day in load_holidays(country, (first.year, last.year))}
    return any(first <= day <= last for day in holidays)


def _build_sending(delegation: Mapping[str, Any], *, now: datetime) -> Sending:
    with in_language("en"):
        clause = build_clause(now=now)
    return Sending(
        form_key=secrets.token_urlsafe(18),
        language=clause.language,
        clause_version=clause.version,
        clause_text=clause.text,
        accepts_costs=True,
        client_address="127.0.0.1",
    )


def _token_in(raw: bytes, page: str) -> str:
    """What stands behind /<page>/ in a mail, as its reader would press it."""
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    found = re.search(rf"/{page}/([\w-]{{20,}})", str(body.get_content()) if body else "")
    return found[1] if found else ""


def _wait_for_proof(_story: Story) -> None:
    """The visitor has not confirmed the address yet."""


def _wait_for_staff(_story: Story) -> None:
    """Nobody has looked at it yet."""


def _ask(story: Story) -> None:
    ask_visitor(
        story.reference, "Which of the three days suits you best, and who needs an interpreter?", who=STAFF,
        now=story.now,
    )  # fmt: skip


def _plan(story: Story) -> None:
    story.plan()


def _hear_from_hosts(story: Story) -> None:
    """One says yes, one no, one offers another time; the others have not answered."""
    tokens = story.release()
    later = story.now + timedelta(hours=2)
    accept_slot(tokens[0], now=later)
    decline_slot(tokens[1], reason="Our plant is closed for maintenance that week.", now=later)
    slot = story.build_plan(story.example.stops[2])
    other = (slot.starts_at + timedelta(hours=2), slot.ends_at + timedelta(hours=2))
    propose_times(tokens[2], times=[other], comment="Two hours later our guide is here.", now=later)


def _propose(story: Story) -> None:
    for token in story.release():
        accept_slot(token, now=story.now + timedelta(hours=3))


def _confirm(story: Story) -> None:
    _propose(story)
    accept_programme(story.page_token, now=story.now + timedelta(hours=5))


EXAMPLES = (
    Example(
        "2017-ee-west-estonia",
        "Mari Tamm",
        _hear_from_hosts,
        (
            Stop(0, "09:30", "westenergy", "How household waste becomes heat and power"),
            Stop(0, "13:00", "vaasan-vesi", "Waste water of a coastal town"),
            Stop(1, "09:30", "vakin", "Waste and water in one company"),
            Stop(1, "13:00", "umea-energi", "Combined heat and power from waste"),
            Stop(2, "10:00", "skelleftea-kraft", "Wood fuel in a northern town"),
            Stop(2, "13:30", "node-pole", "How the region wins new industry"),
        ),
    ),
    Example("2024-zz-embassies-vaasa", "Helena Lind", _wait_for_staff),
    Example("2018-se-jokkmokk", "Sara Nilsson", _ask),
    Example(
        "2022-in-waste-umea",
        "Priya Sharma",
        _plan,
        (
            Stop(1, "09:00", "vakin", "Collecting and sorting waste"),
            Stop(1, "13:00", "dava-dac", "Treating waste and contaminated soil"),
        ),
    ),
    Example(
        "2014-zz-biogac",
        "Johanna Weiss",
        _propose,
        (Stop(0, "10:00", "biofuel-region", "Biogas for buses and lorries"),),
    ),
    Example(
        "2013-ca-ambassador-dava",
        "Claire Martin",
        _confirm,
        (
            Stop(0, "09:00", "umea-energi", "District heating from waste"),
            Stop(0, "13:00", "vakin", "How a town sorts its waste"),
        ),
    ),
    Example("2016-zz-oecd", "Peter Jansen", _wait_for_proof),
)
