"""What a mail means, by its kind: answers are matched, bounces noted, persons heard. Parts of a use case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bookings.adapters.mail.inbound_headers import is_authenticated
from bookings.adapters.mail.inbound_values import IncomingMail
from bookings.domain.answers import (
    RECORDING,
    CalendarAnswer,
    Decision,
    Invitation,
    MailClass,
    Proof,
    Reason,
    Verdict,
    decide_answer,
    find_line,
    fold_address,
    folded,
)
from bookings.late import LateModule
from bookings.models.outbox import OutboxMessage
from bookings.queries.inbox import (
    Guest,
    build_invitation,
    find_attendee_by_address,
    find_attendee_by_token,
    find_outgoing,
    find_slot_keys_of_entry,
    find_visit_of_person,
    is_host_known,
    list_aliases,
    list_attendees_by_uid,
)
from bookings.queries.programme import load_visit
from bookings.queries.registrations.groups import find_registration_of_entry
from bookings.queries.slots import SlotKeys
from bookings.services.inbox.findings import Finding
from bookings.services.inbox.recording import open_target, settle
from bookings.services.notices import Notice, NoticeKind, tell_staff
from bookings.settings import current_settings

if TYPE_CHECKING:
    from bookings.services.registrations import answers as registrations
else:  # as in `recording`
    registrations = LateModule("bookings.services.registrations.answers")

_TOKEN_ADDRESS = re.compile(r"([^+@\s]{1,64})\+([A-Za-z0-9_-]{8,40})@")
_MOST_RECIPIENTS = 5
_SETTLING = RECORDING | {Verdict.RESEND_REQUEST}


@dataclass(frozen=True)
class Letter:
    """A mail with what is known of its way: whose address it was written to, and whether From is proved."""

    mail: IncomingMail
    holder: Guest | None
    is_authenticated: bool
    sent_at: datetime


def open_letter(session: Session, mail: IncomingMail, recipients: Sequence[str], *, now: datetime) -> Letter:
    """The mail beside the attendee whose token it was written to."""
    proved = mail.has_one_sender and is_authenticated(
        mail.authentication, authserv_id=current_settings().inbox.authserv_id, sender=mail.sender
    )
    holder = find_attendee_by_token(session, list_tokens([*recipients, *mail.recipients]))
    return Letter(mail, holder, proved, mail.sent_at or now)


def list_tokens(addresses: Sequence[str]) -> list[str]:
    """The tokens in addresses of ours, in their order."""
    settings = current_settings()
    ours = {part.casefold() for part in (settings.mail.reply_local_part, *settings.inbox.local_parts)}
    found = [match for one in addresses if (match := _TOKEN_ADDRESS.search(one))]
    return [match[2] for match in found if match[1].casefold() in ours]


def conclude(session: Session, letter: Letter, *, now: datetime) -> list[Finding]:
    """What follows from the mail; answers that count take effect here."""
    kind = letter.mail.kind
    if letter.mail.answers and kind in (
        MailClass.REPLY, MailClass.COUNTER, MailClass.REFRESH, MailClass.FOREIGN,
    ):  # fmt: skip
        return [_take_answer(session, letter, answer, now=now) for answer in letter.mail.answers]
    if kind is MailClass.BOUNCE:
        return [_take_bounce(session, letter, now=now)]
    if kind in (MailClass.AUTO_REPLY, MailClass.READ_RECEIPT):
        reason = Reason.AUTOMATIC if kind is MailClass.AUTO_REPLY else Reason.READ_RECEIPT
        return [_about_holder(session, letter, Verdict.LOG, reason)]
    if kind is MailClass.MALFORMED:
        return [_about_holder(session, letter, Verdict.REVIEW, Reason.UNREADABLE)]
    return [_take_text(session, letter)]


def _take_answer(session: Session, letter: Letter, answer: CalendarAnswer, *, now: datetime) -> Finding:
    holder = letter.holder or find_attendee_by_token(session, list_tokens([answer.organizer]))
    attendee, has_token = _find_attendee(session, holder, answer)
    if attendee is None:
        return _unmatched(session, letter, holder, answer)
    target = open_target(session, attendee.attendee_id, attendee.entry_id, now=now)
    proof = Proof(sender=letter.mail.sender, has_token=has_token, is_authenticated=letter.is_authenticated)
    invitation = build_invitation(session, target.attendee, target.entry)
    decision = decide_answer(answer, invitation, proof, sent_at=letter.sent_at)
    keys = find_slot_keys_of_entry(session, attendee.entry_id)
    finding = _finding(decision, answer, attendee, keys, holder.email if holder else "")
    return settle(session, finding, target, now=now) if decision.verdict in _SETTLING else finding


def _find_attendee(
    session: Session, holder: Guest | None, answer: CalendarAnswer
) -> tuple[Guest | None, bool]:
    """Whose invitation is answered, and whether the token proves it: the token first, then the UID."""
    if holder is not None and answer.uid.casefold() in ("", holder.uid.casefold()):
        return holder, True
    invited = list_attendees_by_uid(session, answer.uid)
    if holder is not None:
        # One mail may answer several entries: the token proves the person in all of them.
        own = [one for one in invited if fold_address(one.email) == fold_address(holder.email)]
        return (own[0], True) if own else (None, False)
    named = [one for one in invited if _is_named(session, one, answer)]
    return next(iter([*named, *invited]), None), False


def _is_named(session: Session, attendee: Guest, answer: CalendarAnswer) -> bool:
    addresses = folded(frozenset({attendee.email, *list_aliases(session, attendee.email)}))
    return any(folded(line.addresses) & addresses for line in answer.lines)


def _unmatched(session: Session, letter: Letter, holder: Guest | None, answer: CalendarAnswer) -> Finding:
    """The UID is none of this person's, or none of ours."""
    is_answer = answer.method in ("REPLY", "COUNTER", "REFRESH")
    if not is_answer and holder is None and not _is_known(session, letter):
        return Finding(decision=Decision(verdict=Verdict.IGNORE, reason=Reason.STRANGER), answer=answer)
    line = find_line(answer, _NOBODY, Proof(sender=letter.mail.sender))
    decision = Decision(
        verdict=Verdict.REVIEW if is_answer else Verdict.TO_STAFF,
        reason=Reason.UID_UNKNOWN if is_answer else Reason.FOREIGN_METHOD,
        attendee=fold_address(line.email or line.address) if line else "",
        partstat=line.partstat if line else None,
        comment=answer.comment,
    )
    keys = find_slot_keys_of_entry(session, holder.entry_id) if holder else None
    return _finding(decision, answer, None, keys, holder.email if holder else "")


_NOBODY = Invitation(
    email="", name="", sequence=0, asked_sequence=0, time_zone="UTC",
    starts_at=datetime(1970, 1, 1, tzinfo=UTC), ends_at=datetime(1970, 1, 1, tzinfo=UTC),
)  # fmt: skip


def _finding(
    decision: Decision,
    answer: CalendarAnswer | None,
    attendee: Guest | None,
    keys: SlotKeys | None,
    token_of: str,
) -> Finding:
    return Finding(
        decision=decision,
        answer=answer,
        attendee_id=attendee.attendee_id if attendee else None,
        slot_id=keys.slot_id if keys else None,
        visit_id=keys.visit_id if keys else None,
        token_of=token_of,
    )


def _take_bounce(session: Session, letter: Letter, *, now: datetime) -> Finding:
    """5.x: the address is no good. 4.x or delayed: the mail server goes on trying."""
    reports = letter.mail.reports
    outgoing = find_outgoing(session, letter.mail.references)
    if letter.holder is None and outgoing is None:
        return _untraced(session, letter)
    if letter.holder is None and outgoing is not None:
        letter = replace(letter, holder=_find_reader(session, outgoing))
    if not reports:
        return _about_holder(session, letter, Verdict.REVIEW, Reason.BOUNCE_UNCLEAR)
    if not any(report.is_final for report in reports):
        return _about_holder(session, letter, Verdict.LOG, Reason.DELAYED)
    if letter.holder is not None:
        target = open_target(session, letter.holder.attendee_id, letter.holder.entry_id, now=now)
        target.attendee.undeliverable_at = now
        finding = _about_holder(session, letter, Verdict.MARK_UNDELIVERABLE, Reason.BOUNCED)
        _note_guest(session, letter.holder, outgoing, now=now)
        _tell_staff(session, finding.visit_id, letter.holder.email, now=now)
        return finding
    assert outgoing is not None
    _note_guest(session, None, outgoing, now=now)
    _tell_staff(session, outgoing.visit_id, outgoing.recipient, now=now)
    decision = Decision(
        verdict=Verdict.MARK_UNDELIVERABLE, reason=Reason.BOUNCED, attendee=outgoing.recipient
    )
    return Finding(decision=decision, slot_id=outgoing.slot_id, visit_id=outgoing.visit_id)


def _find_reader(session: Session, outgoing: OutboxMessage) -> Guest | None:
    """Whose calendar entry our mail was about: the address that it left from says so."""
    holder = find_attendee_by_token(session, list_tokens([outgoing.sender]))
    return holder if holder and fold_address(holder.email) == fold_address(outgoing.recipient) else None


def _untraced(session: Session, letter: Letter) -> Finding:
    """A bounce that quotes nothing of ours: of interest only when it names somebody we write to."""
    if any(_is_correspondent(session, one.recipient) for one in letter.mail.reports[:_MOST_RECIPIENTS]):
        return _about_holder(session, letter, Verdict.REVIEW, Reason.BOUNCE_UNTRACED)
    return _about_holder(session, letter, Verdict.LOG, Reason.STRANGER)


def _note_guest(
    session: Session, holder: Guest | None, outgoing: OutboxMessage | None, *, now: datetime
) -> None:
    """A mail about a registration, or about a day or a meeting in somebody's calendar."""
    registration_id = outgoing.registration_id if outgoing else None
    if registration_id is None and holder is not None:
        registration_id = find_registration_of_entry(session, holder.entry_id)
    address = holder.email if holder else outgoing.recipient if outgoing else ""
    if registration_id is not None:
        registrations.note_lost_guest(session, registration_id, address, now=now)


def _tell_staff(session: Session, visit_id: int | None, address: str, *, now: datetime) -> None:
    """Once for each address of a visit, however many of its mails come back."""
    if visit_id is None:
        return
    visit = load_visit(session, visit_id)
    visitors = visit.delegation.organisation_name
    notice = Notice(kind=NoticeKind.BOUNCED, visitors=visitors, occasion=address, address=address)
    tell_staff(session, visit, notice, now=now)


def _take_text(session: Session, letter: Letter) -> Finding:
    mail = letter.mail
    if letter.holder is None and (mail.is_bulk or not _is_known(session, letter)):
        return _about_holder(session, letter, Verdict.IGNORE, Reason.STRANGER)
    if mail.problem in ("winmail", "sealed"):
        return _about_holder(session, letter, Verdict.REVIEW, Reason(mail.problem))
    return _about_holder(session, letter, Verdict.TO_STAFF, Reason.PERSON)


def _is_known(session: Session, letter: Letter) -> bool:
    mail = letter.mail
    return find_outgoing(session, mail.references) is not None or _is_correspondent(session, mail.sender)


def _is_correspondent(session: Session, address: str) -> bool:
    """Do we write to this address: a host's, a visitor's, or somebody's who was invited?"""
    return (
        is_host_known(session, address)
        or find_visit_of_person(session, address) is not None
        or find_attendee_by_address(session, address) is not None
    )


def _about_holder(session: Session, letter: Letter, verdict: Verdict, reason: Reason) -> Finding:
    """No answer to match: what is known of the person whom the mail belongs to."""
    holder = letter.holder
    if holder is not None:
        decision = Decision(verdict=verdict, reason=reason, attendee=holder.email)
        keys = find_slot_keys_of_entry(session, holder.entry_id)
        return _finding(decision, None, holder, keys, holder.email)
    outgoing = find_outgoing(session, letter.mail.references)
    visit_id = outgoing.visit_id if outgoing else find_visit_of_person(session, letter.mail.sender)
    return Finding(
        decision=Decision(verdict=verdict, reason=reason),
        slot_id=outgoing.slot_id if outgoing else None,
        visit_id=visit_id,
    )
