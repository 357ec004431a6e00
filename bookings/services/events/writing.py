"""Making an event and changing it as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.events import (
    LANGUAGES,
    EventPlan,
    EventState,
    PartPlan,
    Presence,
    TicketPlan,
    check_event,
    check_part,
    choose_text,
    list_days,
    move_days,
)
from bookings.domain.text import build_slug
from bookings.domain.time import local_day, to_local
from bookings.i18n import gettext as _
from bookings.i18n import in_language
from bookings.models.directory import Place, Site
from bookings.models.events import Event, EventPart, EventSite, TicketKind
from bookings.queries.events.usage import count_registrations
from bookings.services.events.opening import check_is_changeable, note_event, open_event
from bookings.services.events.plans import list_changed, plan_of_part, write_event, write_part, write_ticket
from bookings.services.events.pools import keep_pools

_LONGEST_SLUG = 60


@retry_conflicts
def create_event(
    plan: EventPlan,
    *,
    parts: Sequence[PartPlan] = (),
    tickets: Sequence[TicketPlan] = (),
    who: Who,
    now: datetime,
) -> str:
    """A draft with its parts and ticket kinds, the usual kinds where none are named; returns its slug.

    Raises EventNotUsableError.
    """
    with transaction() as session:
        event = add_event(session, plan, parts=parts, tickets=tickets, now=now)
        note_event(session, event, "create_event", who=who, now=now)
        return event.slug


@retry_conflicts
def change_event(slug: str, plan: EventPlan, *, version: int | None = None, who: Who, now: datetime) -> None:
    """The event is as planned, its pools follow; who is registered hears of time and place by a job.

    Raises NotFoundError, RecordChangedError, TransitionNotAllowedError, EventNotUsableError.
    """
    with transaction() as session:
        event = open_event(session, slug, version)
        check_is_changeable(event, "change")
        check_event(plan)
        _check_is_ahead(event, plan, now=now)
        _check_clocks(session, plan)
        _check_umbrella(plan, event.id)
        _check_presence(session, event, plan)
        changed = list_changed(event, plan)
        _move_belongings(event, days=_count_days_moved(event, plan))
        write_event(event, plan)
        _check_belongings(event)
        _write_sites(session, event, plan.site_ids)
        keep_pools(session, event)
        note_event(session, event, "change_event", who=who, now=now, changed=changed)


def add_event(
    session: Session,
    plan: EventPlan,
    *,
    parts: Sequence[PartPlan] = (),
    tickets: Sequence[TicketPlan] = (),
    now: datetime,
    series_key: str | None = None,
) -> Event:
    """The rows of a new draft, in the order in which they were named. Raises EventNotUsableError."""
    check_event(plan)
    _check_clocks(session, plan)
    event = Event(
        slug=_free_slug(session, plan), created_at=now, state=EventState.DRAFT, series_key=series_key
    )
    event.parts, event.tickets, event.speakers = [], [], []
    write_event(event, plan)
    for number, part_plan in enumerate(parts):
        part = EventPart(position=number)
        write_part(part, part_plan)
        event.parts.append(part)
    for number, ticket_plan in enumerate(tickets or usual_tickets(plan.presence)):
        ticket = TicketKind(position=number)
        write_ticket(ticket, ticket_plan)
        event.tickets.append(ticket)
    _check_belongings(event)
    session.add(event)
    session.flush()
    _write_sites(session, event, plan.site_ids)
    keep_pools(session, event)
    return event


def _check_is_ahead(event: Event, plan: EventPlan, *, now: datetime) -> None:
    """A slip in the day must not tell everybody of a time that is past. Raises EventNotUsableError."""
    if event.state == EventState.PUBLISHED and plan.ends_at <= now < event.ends_at:
        raise EventNotUsableError("over", "ends_at")


def _check_clocks(session: Session, plan: EventPlan) -> None:
    """People come by the clocks of the place, so the times have to be written on these.

    Raises EventNotUsableError.
    """
    if plan.presence == Presence.ONLINE:
        return
    towns = select(Place.time_zone).where(Place.id == plan.place_id)
    sites = select(Site.time_zone).where(Site.id == plan.site_id)
    for zone in session.scalars(towns.union_all(sites)):
        here, written = (to_local(plan.starts_at, name).utcoffset() for name in (zone, plan.time_zone))
        if here != written:
            raise EventNotUsableError("clocks", "zone")


def usual_tickets(presence: Presence) -> tuple[TicketPlan, ...]:
    """One kind for everybody who comes, one for everybody who follows from afar."""
    found = []
    if presence != Presence.ONLINE:
        found.append(TicketPlan(name=_on_site_names(), presence=Presence.ON_SITE))
    if presence != Presence.ON_SITE:
        found.append(TicketPlan(name=_online_names(), presence=Presence.ONLINE))
    return tuple(found)


def _on_site_names() -> dict[str, str]:
    names = {}
    for language in LANGUAGES:
        with in_language(language):
            names[language] = _("Participant")
    return names


def _online_names() -> dict[str, str]:
    names = {}
    for language in LANGUAGES:
        with in_language(language):
            names[language] = _("Participant online")
    return names


def _free_slug(session: Session, plan: EventPlan) -> str:
    start = build_slug(choose_text(plan.title, "en"), longest=_LONGEST_SLUG)
    taken = set(session.scalars(select(Event.slug).where(Event.slug.startswith(start, autoescape=True))))
    if start in taken:
        start = f"{start}-{plan.starts_at.year}"
    return build_slug(start, taken=taken, longest=_LONGEST_SLUG + 5)


def _count_days_moved(event: Event, plan: EventPlan) -> int:
    """By how many days on the clocks of the place all of it moves; 0 where it gets longer or shorter."""
    zone = event.time_zone
    starts, ends = (
        (local_day(after, zone) - local_day(before, zone)).days
        for before, after in ((event.starts_at, plan.starts_at), (event.ends_at, plan.ends_at))
    )
    return starts if starts == ends and plan.time_zone == zone else 0


def _move_belongings(event: Event, *, days: int) -> None:
    """An event that moves to another day takes its parts and day tickets along, at the same hours."""
    if not days:
        return
    zone = event.time_zone
    for part in event.parts:
        part.starts_at = move_days(part.starts_at, zone, days)
        part.ends_at = move_days(part.ends_at, zone, days)
    for ticket in event.tickets:
        if ticket.valid_on is not None:
            ticket.valid_on += timedelta(days=days)


def _check_belongings(event: Event) -> None:
    """Parts and day tickets fit the event as it is now."""
    days = list_days(event.starts_at, event.ends_at, event.time_zone)
    for part in event.parts:
        try:
            check_part(plan_of_part(part), starts_at=event.starts_at, ends_at=event.ends_at)
        except EventNotUsableError as error:
            raise replace(error, code="part_outside") if error.code == "outside" else error from None
    if any(ticket.valid_on is not None and ticket.valid_on not in days for ticket in event.tickets):
        raise EventNotUsableError("ticket_outside", "starts_at")


def _check_presence(session: Session, event: Event, plan: EventPlan) -> None:
    """Where people take their seats from is settled with the first one."""
    if (event.presence == Presence.ONLINE) == (plan.presence == Presence.ONLINE):
        kinds = {ticket.presence for ticket in event.tickets}
        if plan.presence != Presence.BOTH and kinds - {plan.presence}:
            raise EventNotUsableError("tickets_presence", "presence")
        return
    people = count_registrations(session, event_id=event.id)
    if people:
        raise EventNotUsableError("in_use", "presence", people)
    for ticket in event.tickets:
        if plan.presence != Presence.BOTH:
            ticket.presence = plan.presence


def _check_umbrella(plan: EventPlan, event_id: int) -> None:
    if plan.umbrella_id == event_id:
        raise EventNotUsableError("self", "umbrella_id")


def _write_sites(session: Session, event: Event, site_ids: Sequence[int]) -> None:
    session.execute(delete(EventSite).where(EventSite.event_id == event.id))
    rows = [{"event_id": event.id, "site_id": one} for one in sorted(set(site_ids))]
    if rows:
        session.execute(insert(EventSite), rows)
