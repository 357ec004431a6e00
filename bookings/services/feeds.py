"""Calendar feeds: the secret address of a member of staff, and what feeds and files to download hold."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_publish
from bookings.adapters.ical.values import EntryStatus, InvitationEntry
from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import ASKED_STATES
from bookings.domain.visits import VisitState
from bookings.i18n import current_language, in_language
from bookings.i18n import gettext as _
from bookings.models.links import ActionLink
from bookings.queries.feeds import FeedStop, StaffFeed, VisitFeed
from bookings.services.audit import add_audit
from bookings.services.links import add_link

_REFRESH = timedelta(hours=1)
_SETTLED = (VisitState.CONFIRMED, VisitState.COMPLETED)


def create_feed(staff_id: int, *, who: Who, now: datetime) -> str:
    """A new secret address for this person's feed; an earlier one stops working. Returns the token."""
    with transaction() as session:
        _revoke(session, staff_id, now=now)
        token = add_link(session, LinkPurpose.CALENDAR_FEED, staff_id, now=now, expires_at=None)
        add_audit(session, who, "create_feed", noun="staff_user", subject_id=staff_id, now=now)
        return token


def revoke_feed(staff_id: int, *, who: Who, now: datetime) -> None:
    """The person's feed address stops working; without one nothing happens."""
    with transaction() as session:
        if _revoke(session, staff_id, now=now):
            add_audit(session, who, "revoke_feed", noun="staff_user", subject_id=staff_id, now=now)


def build_programme_file(stops: Sequence[FeedStop], *, reference: str) -> bytes:
    """The visitor's programme as a calendar file, in the reader's language."""
    name = _("Visit %(reference)s", reference=reference)
    return build_publish((_visitor_entry(stop) for stop in stops), name=name, refresh=_REFRESH)


def build_host_file(stop: FeedStop) -> bytes:
    """The one stop of a host as a calendar file, in the reader's language."""
    return build_publish([_host_entry(stop)])


def build_feed(feed: StaffFeed | VisitFeed, *, name: str) -> bytes:
    """A feed in its reader's language: one visit's programme, or all stops under `name` for staff."""
    with in_language(feed.language):
        if isinstance(feed, VisitFeed):
            return build_programme_file(feed.stops, reference=feed.reference)
        return build_publish((_staff_entry(stop) for stop in feed.stops), name=name, refresh=_REFRESH)


def _revoke(session: Session, staff_id: int, *, now: datetime) -> bool:
    found = session.execute(
        update(ActionLink)
        .where(
            ActionLink.purpose == LinkPurpose.CALENDAR_FEED,
            ActionLink.subject_id == staff_id,
            ActionLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(ActionLink.id)
    )
    return bool(found.all())


def _visitor_entry(stop: FeedStop) -> InvitationEntry:
    # No link to the visitor's page: a calendar is often shared, and the link can call the visit off.
    lines = (
        stop.title,
        _("Host: %(name)s", name=stop.organisation),
        _("Visit %(reference)s", reference=stop.reference),
    )
    return _entry(stop, summary=stop.organisation, lines=lines)


def _host_entry(stop: FeedStop) -> InvitationEntry:
    return _entry(stop, summary=_visit_of(stop), lines=(stop.title, _people(stop), _about(stop)))


def _staff_entry(stop: FeedStop) -> InvitationEntry:
    lines = (stop.title, _people(stop), _("Host: %(name)s", name=f"{stop.organisation}, {stop.host_name}"))
    summary = f"{stop.organisation} – {stop.delegation} ({stop.reference})"
    return _entry(stop, summary=summary, lines=lines)


def _entry(stop: FeedStop, *, summary: str, lines: Sequence[str]) -> InvitationEntry:
    return InvitationEntry(
        uid=stop.uid,
        sequence=stop.sequence,
        dtstamp=stop.changed_at,
        created_at=stop.created_at,
        last_modified_at=stop.changed_at,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        time_zone=stop.time_zone,
        summary=summary,
        description="\n".join(lines),
        location=", ".join(filter(None, (stop.site, stop.address, stop.place(current_language())))),
        status=_status(stop),
    )


def _status(stop: FeedStop) -> EntryStatus:
    """Firm when host and visitor have both said yes."""
    if stop.state in ASKED_STATES or stop.visit_state not in _SETTLED:
        return EntryStatus.TENTATIVE
    return EntryStatus.CONFIRMED


def _visit_of(stop: FeedStop) -> str:
    return _("Visit of %(delegation)s", delegation=stop.delegation)


def _people(stop: FeedStop) -> str:
    return _("%(delegation)s, %(count)s people", delegation=stop.delegation, count=stop.group_size)


def _about(stop: FeedStop) -> str:
    return _("Visit %(reference)s", reference=stop.reference)
