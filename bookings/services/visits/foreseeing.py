"""What a release would send: every mail as its reader would get it. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.db import scratch_session
from bookings.domain.planned import PlannedKind, foresee_visitor_mail, tally_slots
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.visits import VisitState
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.programme import find_visit_id, list_replacements
from bookings.queries.releases import (
    VISITOR,
    ReleaseBasis,
    ReleaseItem,
    about_new_host,
    about_slot,
    load_release,
)
from bookings.queries.tasks import find_missing_letter
from bookings.services.calendar import (
    HostLetter,
    Told,
    build_entry,
    build_host_mail,
    cancel_entry,
    planned,
    set_partstat,
    told,
    update_entry,
    update_words,
)
from bookings.services.invitations import build_question, set_deadline
from bookings.services.outbox import Mail, render_mail
from bookings.services.programme import build_visitor_mail, describe_reopening
from bookings.services.slots.applying import build_words_letter
from bookings.settings import current_settings

_LINK_IN_PREVIEW = "preview"


@dataclass(frozen=True, kw_only=True)
class ForeseenMail:
    """A mail that a release would send. `about` names it among those of the release."""

    about: str
    slot_id: int | None
    template: str
    recipient: str
    recipient_name: str
    language: str
    subject: str
    text: str
    html: str
    has_calendar: bool
    has_own_words: bool


@dataclass(frozen=True, kw_only=True)
class WaitingSlot:
    """A slot of which something is planned, as it stands and as it would be; no `kind`: it is a draft."""

    slot_id: int
    host_name: str
    state: str
    kind: PlannedKind | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    new_starts_at: datetime | None
    new_ends_at: datetime | None
    new_time_zone: str
    new_host_name: str
    is_held: bool
    is_stale: bool


@dataclass(frozen=True)
class ForeseenRelease:
    """The mails in the order in which they would leave, and the fingerprint of what they tell.

    `waiting` are all slots of which something is planned, those that the release leaves out, too.
    """

    basis: str
    mails: tuple[ForeseenMail, ...]
    waiting: tuple[WaitingSlot, ...]

    @property
    def left_out(self) -> list[WaitingSlot]:
        """Held back, or stale: the release tells nobody of these."""
        return [one for one in self.waiting if one.is_held or one.is_stale]

    @property
    def tells_visitor(self) -> bool:
        """Is one of the mails the visitor's?"""
        return any(mail.about == VISITOR for mail in self.mails)

    @property
    def readers(self) -> int:
        """How many people get them."""
        return len({mail.recipient.casefold() for mail in self.mails})


@dataclass(frozen=True)
class BuiltMail:
    """A mail before it is rendered."""

    about: str
    mail: Mail


def foresee_release(reference: str, *, now: datetime) -> ForeseenRelease:
    """The mails that a release would send now. Raises NotFoundError."""
    with scratch_session() as session:
        found = load_release(session, find_visit_id(session, reference))
        basis, waiting = found.fingerprint, tuple(_describe(item) for item in found.items)
        built = foresee_mails(session, found, found.due, now=now)
        return ForeseenRelease(basis, tuple(show_mail(one) for one in built), waiting)


def preview_release(reference: str, *, now: datetime) -> list[ForeseenMail]:
    """Only the mails of `foresee_release`."""
    return list(foresee_release(reference, now=now).mails)


def foresee_mails(
    session: Session, found: ReleaseBasis, items: Sequence[ReleaseItem], *, now: datetime
) -> list[BuiltMail]:
    """The mails of these items, in staff's own words where there are some. `session` is a scratch session:
    its slots become what the release would make of them, and are never written."""
    if not items:
        return []
    visit = items[0].slot.visit
    has_lost_stop = any(
        item.slot.state == SlotState.ACCEPTED and _kind(item) is PlannedKind.WITHDRAW for item in items
    )
    gone = [item for item in items if _kind(item) in (PlannedKind.WITHDRAW, PlannedKind.REPLACE)]
    built = [mail for item in gone for mail in _cancel(item)]
    built += [_rewrite(item, found.slots) for item in items if _kind(item) is PlannedKind.WORDS]
    built += [_move(item, found.slots, now=now) for item in items if _kind(item) is PlannedKind.MOVE]
    drafts = [item.slot for item in items if item.change is None]
    built += [_ask(about_slot(slot.id), slot, found.slots, now=now) for slot in drafts]
    new = [_build_new(item, now=now) for item in items if _kind(item) is PlannedKind.REPLACE]
    built += [_ask(about_new_host(-slot.id), slot, found.slots, now=now) for slot in new]
    slots = sorted([*found.slots, *new], key=lambda slot: (slot.starts_at, abs(slot.id)))
    template = _foresee_template(
        session, visit, slots, asks_drafts=bool(drafts or new), has_lost_stop=has_lost_stop
    )
    if template:
        built += _tell_visitor(session, visit, slots, template, now=now)
    return [_in_own_words(one, found) for one in built]


def _describe(item: ReleaseItem) -> WaitingSlot:
    slot, change = item.slot, item.change
    return WaitingSlot(
        slot_id=slot.id,
        host_name=slot.organisation.name,
        state=str(slot.state),
        kind=_kind(item),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        new_starts_at=change.starts_at if change else None,
        new_ends_at=change.ends_at if change else None,
        new_time_zone=change.site.time_zone if change and change.site else "",
        new_host_name=change.organisation.name if change and change.organisation else "",
        is_held=item.is_held,
        is_stale=item.is_stale,
    )


def _kind(item: ReleaseItem) -> PlannedKind | None:
    return PlannedKind(item.change.kind) if item.change else None


def _cancel(item: ReleaseItem) -> list[BuiltMail]:
    slot = item.slot
    assert item.change is not None
    slot.state = SlotState.WITHDRAWN
    if not cancel_entry(slot):
        return []
    words = {"why": "closed" if item.change.closure_id else "withdraw", "reason": item.change.reason}
    letter = HostLetter(template="invitation_cancelled", method="CANCEL", words=words)
    return [BuiltMail(about_slot(slot.id), _build(slot, letter))]


def _rewrite(item: ReleaseItem, slots: Sequence[Slot]) -> BuiltMail:
    assert item.change is not None
    before = item.slot.title, item.slot.message
    _write(item.slot, item.change)
    update_words(item.slot)
    mail = _build(item.slot, build_words_letter(item.slot, *before), slots)
    return BuiltMail(about_slot(item.slot.id), mail)


def _move(item: ReleaseItem, slots: Sequence[Slot], *, now: datetime) -> BuiltMail:
    assert item.change is not None
    before = told(item.slot.calendar_entry)
    _write(item.slot, item.change)
    return _ask(about_slot(item.slot.id), item.slot, slots, now=now, before=before, reason=item.change.reason)


def _ask(
    about: str,
    slot: Slot,
    slots: Sequence[Slot],
    *,
    now: datetime,
    before: Told | None = None,
    reason: str = "",
) -> BuiltMail:
    """As `ask_host` does it."""
    set_deadline(slot, now=now)
    slot.state = SlotState.PENDING
    update_entry(slot)
    slot.calendar_entry.status = EntryStatus.TENTATIVE.value
    set_partstat(slot, PartStat.NEEDS_ACTION)
    return BuiltMail(about, _build(slot, build_question(before, reason=reason), slots))


def _write(slot: Slot, change: PlannedChange) -> None:
    assert change.site is not None
    assert change.starts_at is not None
    assert change.ends_at is not None
    slot.site, slot.place, slot.time_zone = change.site, change.site.place, change.site.time_zone
    slot.starts_at, slot.ends_at = change.starts_at, change.ends_at
    slot.title, slot.message, slot.is_required = change.title, change.message, change.is_required
    slot.group_number = change.group_number


def _build_new(item: ReleaseItem, *, now: datetime) -> Slot:
    """The slot that would stand in for another one; its id is that one's, below zero."""
    change, old = item.change, item.slot
    assert change is not None
    assert change.organisation is not None
    assert change.host_contact is not None
    slot = Slot(
        id=-old.id,
        visit_id=old.visit_id,
        replaces_id=old.id,
        version=1,
        reminders_sent=0,
        visit=old.visit,
        organisation=change.organisation,
        host_contact=change.host_contact,
        proposed_times=[],
    )
    _write(slot, change)
    slot.calendar_entry = build_entry(change.host_contact, planned(slot), summary=slot.title, now=now)
    return slot


def _foresee_template(
    session: Session,
    visit: VisitRequest,
    slots: Sequence[Slot],
    *,
    asks_drafts: bool,
    has_lost_stop: bool,
) -> str:
    replaced = {slot.replaces_id for slot in slots}
    return foresee_visitor_mail(
        VisitState(visit.state),
        tally_slots((str(slot.state), slot.is_required, slot.id in replaced) for slot in slots),
        asks_drafts=asks_drafts,
        has_lost_stop=has_lost_stop,
        settles_at_once=visit.agreed_beforehand
        and visit.verified_at is not None
        and visit.agreement is not None
        and not find_missing_letter(session, visit),
    )


def _tell_visitor(
    session: Session, visit: VisitRequest, slots: Sequence[Slot], template: str, *, now: datetime
) -> list[BuiltMail]:
    stops = [slot for slot in slots if slot.state == SlotState.ACCEPTED]
    built = [_confirm(stop, stops) for stop in stops if template == "programme_confirmed" and _is_open(stop)]
    words: dict[str, object] = {}
    if template != "programme_changed":
        visit.answer_by = None
    if template == "programme_proposed":
        days = timedelta(days=current_settings().visits.programme_answer_days)
        visit.answer_by = min(now + days, *(stop.starts_at for stop in stops))
    if template == "programme_reopened":
        live = [slot for slot in slots if slot.state in HOLDING_STATES]
        replaces = {**list_replacements(session, visit.id), **{one.id: one.replaces_id for one in live}}
        words, stops = {"changes": describe_reopening(visit, live, replaces)}, []
    mail = build_visitor_mail(
        session, visit, template, token=_LINK_IN_PREVIEW, now=now, stops=stops, words=words
    )
    return [*built, BuiltMail(VISITOR, mail)]


def _is_open(stop: Slot) -> bool:
    return stop.calendar_entry.status != EntryStatus.CONFIRMED.value


def _confirm(stop: Slot, stops: Sequence[Slot]) -> BuiltMail:
    stop.calendar_entry.status = EntryStatus.CONFIRMED.value
    update_entry(stop)
    letter = HostLetter(template="invitation_confirmed", method="REQUEST")
    return BuiltMail(f"confirm-{stop.id}", _build(stop, letter, stops))


def _build(slot: Slot, letter: HostLetter, slots: Sequence[Slot] = ()) -> Mail:
    return build_host_mail(slot, letter, token=_LINK_IN_PREVIEW, others=_name_others(slot, slots))


def _name_others(slot: Slot, slots: Sequence[Slot]) -> list[str]:
    """As `list_agreed_hosts` finds them once these slots are written."""
    if not slot.visit.names_hosts:
        return []
    own = slot.organisation.id
    agreed = [one for one in slots if one.state == SlotState.ACCEPTED and one.organisation.id != own]
    agreed.sort(key=lambda one: (one.starts_at, one.id))
    return list(dict.fromkeys(one.organisation.name for one in agreed))


def _in_own_words(built: BuiltMail, found: ReleaseBasis) -> BuiltMail:
    letter = found.letters.get(built.about)
    if letter is None or not letter.words or letter.template != built.mail.template:
        return built
    return replace(built, mail=replace(built.mail, opening=letter.words))


def show_mail(built: BuiltMail) -> ForeseenMail:
    """The mail as its reader sees it."""
    mail, rendered = built.mail, render_mail(built.mail)
    return ForeseenMail(
        about=built.about,
        slot_id=mail.slot_id,
        template=mail.template,
        recipient=mail.recipient,
        recipient_name=mail.recipient_name,
        language=mail.language,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        has_calendar=mail.calendar is not None,
        has_own_words=bool(mail.opening),
    )
