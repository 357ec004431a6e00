"""What the visitor reads: always with the own page, and with a programme its costs and times in two zones."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from bookings.domain.links import LinkPurpose, build_feed_token
from bookings.domain.programme import PlannedStop, build_legs
from bookings.domain.slots import HOLDING_STATES
from bookings.domain.text import describe_site
from bookings.domain.time import Interval, local_day, to_local
from bookings.domain.travel import TravelTable
from bookings.i18n import (
    MAIL_LANGUAGE,
    current_language,
    format_clock,
    format_day,
    format_day_on,
    format_instant_on,
    in_language,
    zone_label,
)
from bookings.i18n import gettext as _
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import Directory, load_directory, load_travel_table
from bookings.queries.programme import find_last_wished_day, list_replacements
from bookings.queries.slots import list_slots_of_visit
from bookings.queries.tasks import find_missing_letter
from bookings.services.calendar import describe_time, people_of, place_name, reads_other_clock
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.services.programme.changes import build_told, describe_changes, find_told, note_told
from bookings.services.programme.legs import LegWords, describe_leg, has_way
from bookings.settings import current_settings


def tell_visitor(
    session: Session,
    visit: VisitRequest,
    template: str,
    *,
    now: datetime,
    stops: Sequence[Slot] = (),
    **words: Any,
) -> None:
    """Queue one mail to the visitor; `stops` make it a programme mail."""
    token = _new_page_link(session, visit, stops, now=now)
    mail = build_visitor_mail(session, visit, template, token=token, now=now, stops=stops, words=words)
    queue_mail(session, mail, now=now)


def build_visitor_mail(  # noqa: PLR0913 - a mail to the visitor is these facts
    session: Session,
    visit: VisitRequest,
    template: str,
    *,
    token: str,
    now: datetime,
    stops: Sequence[Slot] = (),
    words: Mapping[str, Any],
) -> Mail:
    """The mail as it would leave now; with `stops` the visit notes that the visitor knows this programme."""
    with in_language(visit.language):
        context = {
            "reference": visit.reference,
            "visitors": visit.delegation.organisation_name,
            "contact_address": current_settings().mail.contact_address,
            "visit_url": site_url("visits.show", token=token, **{MAIL_LANGUAGE: visit.language}),
            "answer_by": format_instant_on(visit.answer_by, visit.contact_time_zone)
            if visit.answer_by
            else "",
            "letter_from": find_missing_letter(session, visit),
            **(_programme_words(session, visit, stops, token=token, now=now) if stops else {}),
            **words,
        }
    return Mail(
        kind=template,
        cause=f"visit:{visit.id}:{template}:{visit.version}:{visit.reminders_sent}",
        recipient=visit.contact_email,
        recipient_name=visit.contact_name,
        language=visit.language,
        template=template,
        context=context,
        visit_id=visit.id,
    )


def tell_of_reopening(session: Session, visit: VisitRequest, *, now: datetime) -> None:
    """A settled programme is planned anew: what is being changed in it, and no new programme yet."""
    live = [slot for slot in list_slots_of_visit(session, visit.id) if slot.state in HOLDING_STATES]
    changes = describe_reopening(visit, live, list_replacements(session, visit.id))
    tell_visitor(session, visit, "programme_reopened", now=now, changes=changes)


def describe_reopening(
    visit: VisitRequest, live: Sequence[Slot], replaces: Mapping[int, int | None]
) -> list[str]:
    """What is different from the programme that the visitor knows, in the visitor's language."""
    told, after = find_told(visit), build_told(live, replaces)
    with in_language(visit.language):
        return describe_changes(told.stops, after) if told else []


def describe_days(
    stops: Sequence[Slot],
    *,
    directory: Directory,
    reader_zone: str,
    travel: TravelTable | None = None,
    other: str = "",
) -> list[dict[str, Any]]:
    """The stops by the day at the place, as the templates' `stops` and `timeline` show them; with `travel`
    each stop brings the way to the next one along. `other` says in what words ("…{time}") the clock of
    `reader_zone` is told: "For you" when there are none."""
    legs = _list_legs(stops, travel)
    other = other or _("For you: %(time)s", time="{time}")
    ordered = sorted(stops, key=lambda stop: (local_day(stop.starts_at, stop.time_zone), stop.starts_at))
    days = groupby(ordered, key=lambda stop: local_day(stop.starts_at, stop.time_zone))
    return [
        {
            "label": format_day(day),
            "stops": [
                {
                    **_describe_stop(stop, reader_zone, other),
                    "title": _title(stop, directory),
                    "legs": legs[stop.id],
                }
                for stop in group
            ],
        }
        for day, group in days
    ]


def _list_legs(stops: Sequence[Slot], travel: TravelTable | None) -> dict[int, list[LegWords]]:
    """The ways from each stop: one for each group that goes on to somewhere else."""
    by_key = {str(stop.id): stop for stop in stops}
    legs: dict[int, list[LegWords]] = {stop.id: [] for stop in stops}
    for leg in build_legs([_planned(stop) for stop in stops], travel) if travel else ():
        if has_way(leg):
            origin, target = by_key[leg.origin.key], by_key[leg.target.key]
            legs[origin.id].append(
                describe_leg(leg, origin=place_name(origin.place), target=place_name(target.place))
            )
    return legs


def _planned(stop: Slot) -> PlannedStop:
    return PlannedStop(
        key=str(stop.id),
        place=stop.place.slug if stop.place else "",
        country=stop.place.country if stop.place else stop.organisation.country,
        time_zone=stop.time_zone,
        interval=Interval(stop.starts_at, stop.ends_at),
        group=stop.group_number,
    )


def _describe_stop(stop: Slot, reader_zone: str, other: str) -> dict[str, Any]:
    zone = stop.time_zone
    is_other = reads_other_clock(stop.starts_at, zone, reader_zone)
    return {
        "id": stop.id,
        "time": f"{format_clock(stop.starts_at, zone)}–{format_clock(stop.ends_at, zone)}",
        "zone": zone_label(stop.starts_at, zone),
        "place": place_name(stop.place) or stop.site.name,
        "other": other.replace("{time}", _time_for_reader(stop, reader_zone)) if is_other else "",
        "group": people_of(stop) if stop.group_number is not None else "",
        "text": describe_site(stop.site.name, stop.site.address, host=stop.organisation.name),
    }


def _title(stop: Slot, directory: Directory) -> str:
    """Host and topic; the host once only."""
    name = stop.organisation.name
    title = directory.translate_title(stop.organisation.slug, stop.title, current_language())
    return title if title.startswith(name) else f"{name}: {title}"


def _time_for_reader(stop: Slot, reader_zone: str) -> str:
    """Clock times alone; with the day where the reader's calendar shows another one."""
    if local_day(stop.starts_at, reader_zone) != local_day(stop.starts_at, stop.time_zone):
        return describe_time(stop.starts_at, stop.ends_at, reader_zone)
    clock = f"{format_clock(stop.starts_at, reader_zone)}–{format_clock(stop.ends_at, reader_zone)}"
    return f"{clock} {zone_label(stop.starts_at, reader_zone)}"


def _programme_words(
    session: Session, visit: VisitRequest, stops: Sequence[Slot], *, token: str, now: datetime
) -> dict[str, Any]:
    """The programme with what is new in it; from now on the visitor knows it."""
    agreement = visit.agreement
    feed_url = site_url("calendar.feed", token=build_feed_token(token))
    travel = load_travel_table(session)
    return {
        **_change_words(session, visit, stops, now=now),
        "days": describe_days(
            stops, directory=load_directory(session), reader_zone=visit.contact_time_zone, travel=travel
        ),
        "reader_zone": visit.contact_time_zone,
        "calendar_url": site_url("visits.programme", token=token, **{MAIL_LANGUAGE: visit.language}),
        "pdf_url": site_url("printed.for_visitor", token=token, **{MAIL_LANGUAGE: visit.language}),
        "feed_url": "webcal://" + feed_url.partition("://")[2],
        "clause": agreement.text if agreement else "",
        "clause_version": agreement.version if agreement else "",
        "agreed_on": format_day_on(to_local(agreement.agreed_at, visit.contact_time_zone).date())
        if agreement
        else "",
    }


def _change_words(
    session: Session, visit: VisitRequest, stops: Sequence[Slot], *, now: datetime
) -> dict[str, Any]:
    told, after = find_told(visit), build_told(stops, list_replacements(session, visit.id))
    note_told(visit, after, now=now)
    if told is None:
        return {"changes": [], "told_on": ""}
    told_on = format_day_on(to_local(told.told_at, visit.contact_time_zone).date())
    return {"changes": describe_changes(told.stops, after), "told_on": told_on}


def _new_page_link(session: Session, visit: VisitRequest, stops: Sequence[Slot], *, now: datetime) -> str:
    """Links work some days longer than the visit, wherever its days lie."""
    day = find_last_wished_day(session, visit.id)
    wished = datetime.combine(day, time.max, UTC) if day else now
    last = max(now, wished, *(stop.ends_at for stop in stops))
    expires_at = last + timedelta(days=current_settings().visits.manage_link_days)
    return add_link(session, LinkPurpose.MANAGE_VISIT, visit.id, now=now, expires_at=expires_at)
