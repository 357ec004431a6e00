"""What staff hear by mail: one mail for each thing that somebody else decided. Parts of use cases.

It goes to whoever looks after the visit, or to the staff's shared address when nobody does yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from textwrap import shorten
from typing import Any

from sqlalchemy.orm import Session

from bookings.i18n import format_instant_on, in_language
from bookings.i18n import gettext as _
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitRequest
from bookings.services.calendar import describe_time
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.settings import current_settings


class NoticeKind(StrEnum):
    NEW_REQUEST = "new_request"
    HOST_DECLINED = "host_declined"
    HOST_TOOK_BACK = "host_took_back"
    HOST_PROPOSED = "host_proposed"
    HOSTS_SILENT = "hosts_silent"
    VISITOR_ANSWERED = "visitor_answered"
    VISITOR_WISHED = "visitor_wished"
    VISITOR_CANCELLED = "visitor_cancelled"
    BOUNCED = "bounced"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What happened: to which stops, in whose words (`quote`), at which address."""

    kind: NoticeKind
    visitors: str
    occasion: str
    """What makes a repetition another thing than the first time."""
    slots: Sequence[Slot] = ()
    quote: str = ""
    address: str = ""


@dataclass(frozen=True)
class StaffReader:
    """Who of the staff reads about a visit; a shared address has no name."""

    address: str
    name: str
    language: str
    is_owner: bool


def find_staff_reader(session: Session, visit: VisitRequest) -> StaffReader | None:
    """Who reads about this visit; nobody when its owner wants no mails."""
    owner = session.get(StaffUser, visit.owner_id) if visit.owner_id else None
    if owner is not None and owner.active:
        return StaffReader(owner.email, owner.name, owner.language, True) if owner.wants_mails else None
    mail = current_settings().mail
    return StaffReader(mail.office_address, "", mail.staff_language, False)


def tell_staff(session: Session, visit: VisitRequest, notice: Notice, *, now: datetime) -> None:
    """Queue the mail; nothing happens when its reader wants none, or is the one whose mails come back."""
    reader = find_staff_reader(session, visit)
    if reader is None or reader.address == notice.address:
        return
    with in_language(reader.language):
        context = _build_words(visit, notice, reader)
    mail = Mail(
        kind=f"staff_{notice.kind}",
        cause=f"visit:{visit.id}:staff_{notice.kind}:{notice.occasion}",
        recipient=reader.address,
        recipient_name=reader.name,
        language=reader.language,
        template="staff_notice",
        context=context,
        visit_id=visit.id,
        slot_id=notice.slots[0].id if len(notice.slots) == 1 else None,
    )
    queue_mail(session, mail, now=now)


def _build_words(visit: VisitRequest, notice: Notice, reader: StaffReader) -> dict[str, Any]:
    title, text = _WORDS[notice.kind](visit, notice)
    return {
        "title": title,
        "text": text,
        "stops": [
            f"{slot.organisation.name}, {describe_time(slot.starts_at, slot.ends_at, slot.time_zone)}"
            for slot in notice.slots
        ],
        "offers": [
            describe_time(one.starts_at, one.ends_at, slot.time_zone)
            for slot in notice.slots
            if notice.kind is NoticeKind.HOST_PROPOSED
            for one in slot.proposed_times
        ],
        "quote": notice.quote,
        "visitors": notice.visitors,
        "reference": visit.reference,
        "is_owner": reader.is_owner,
        "visit_url": site_url("staff_visits.show", reference=visit.reference),
        "account_url": site_url("staff.account"),
    }


Words = tuple[str, str]


def _short(name: str) -> str:
    """Titles are subjects too: a long name would push what happened out of sight."""
    return shorten(name, 48, placeholder="…")


def _host(notice: Notice) -> str:
    return _short(notice.slots[0].organisation.name)


def _new_request(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("New request from %(visitors)s", visitors=_short(notice.visitors)),
        _("The address is confirmed. Next, somebody takes the request up, asks back or declines it."),
    )


def _declined(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("%(host)s cannot receive %(visitors)s", host=_host(notice), visitors=_short(notice.visitors)),
        _("The stop needs another host, another time, or your word to go on without it."),
    )


def _took_back(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("%(host)s has taken the yes back", host=_host(notice)),
        _("The stop needs another host, another time, or your word to go on without it."),
    )


def _proposed(_visit: VisitRequest, notice: Notice) -> Words:
    slot = notice.slots[0]
    by = format_instant_on(slot.respond_by, slot.time_zone) if slot.respond_by else ""
    return (
        _("%(host)s proposes another time", host=_host(notice)),
        _("Take one of the times or keep the first one, by %(time)s.", time=by),
    )


def _silent(_visit: VisitRequest, notice: Notice) -> Words:
    if len(notice.slots) == 1:
        title = _("%(host)s has not answered in time", host=_host(notice))
    else:
        title = _("%(count)d hosts have not answered in time", count=len(notice.slots))
    return title, _("Their time is free again. Ask once more, or choose somebody else.")


def _answered(visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("%(visitors)s have answered your question", visitors=_short(notice.visitors)),
        _("You asked: %(question)s", question=visit.question),
    )


def _wished(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("%(visitors)s wish for a change", visitors=_short(notice.visitors)),
        _("Change the programme and send it again, or write to the visitor."),
    )


def _cancelled(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("%(visitors)s have withdrawn their visit", visitors=_short(notice.visitors)),
        _("All hosts who knew of it have been told. There is nothing more to do."),
    )


def _bounced(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("Mails to %(address)s come back", address=notice.address),
        _("Nobody reads what we write there. Correct the address, or reach the person in another way."),
    )


def _unsettled(_visit: VisitRequest, notice: Notice) -> Words:
    return (
        _("The visit of %(visitors)s is near and not confirmed", visitors=_short(notice.visitors)),
        _(
            "These stops stand, and hosts who said yes keep their time. Confirm the visit with the visitor, "
            "move it, or call it off, so that nobody waits in vain."
        ),
    )


_WORDS: dict[NoticeKind, Callable[[VisitRequest, Notice], Words]] = {
    NoticeKind.NEW_REQUEST: _new_request,
    NoticeKind.HOST_DECLINED: _declined,
    NoticeKind.HOST_TOOK_BACK: _took_back,
    NoticeKind.HOST_PROPOSED: _proposed,
    NoticeKind.HOSTS_SILENT: _silent,
    NoticeKind.VISITOR_ANSWERED: _answered,
    NoticeKind.VISITOR_WISHED: _wished,
    NoticeKind.VISITOR_CANCELLED: _cancelled,
    NoticeKind.BOUNCED: _bounced,
    NoticeKind.UNSETTLED: _unsettled,
}
