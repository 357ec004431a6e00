"""What staff decide about a mail that waits: it counts, it is an alias, nothing follows, or a reply."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.answers import (
    RECORDING,
    Decision,
    Proof,
    Verdict,
    decide_answer,
    fold_address,
    force_answer,
)
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.inbox import INBOX, InboxAction, InboxState
from bookings.domain.text import clean_text
from bookings.models.inbox import AddressAlias, InboxMessage
from bookings.queries.inbox import build_invitation, find_attendee_by_address, load_attendee
from bookings.services.audit import add_audit
from bookings.services.inbox.findings import Finding, stored_answer
from bookings.services.inbox.recording import carry_out, open_target
from bookings.services.outbox import Mail, queue_mail
from bookings.settings import current_settings

_LONGEST_REPLY = 4000


@retry_conflicts
def count_message(message_id: int, *, who: Who, now: datetime) -> None:
    """The answer in this mail counts for the attendee whom it is about.

    Raises NotFoundError, TransitionNotAllowedError, and what the answer page would be told.
    """
    with transaction() as session:
        message = _open_message(session, message_id, InboxAction.COUNT)
        counted = [_count(session, message, plain, now=now) for plain in message.findings]
        if not any(counted):
            raise TransitionNotAllowedError(INBOX.noun, message.state, InboxAction.COUNT)
        _decide(session, message, InboxAction.COUNT, who=who, now=now)


@retry_conflicts
def accept_alias(message_id: int, *, who: Who, now: datetime) -> None:
    """The unknown address is another one of the invited person: this answer counts, and later ones too."""
    with transaction() as session:
        message = _open_message(session, message_id, InboxAction.ALIAS)
        pairs = {
            (fold_address(plain["token_of"]), fold_address(plain["attendee"]))
            for plain in message.findings
            if plain["token_of"] and plain["attendee"] and plain["attendee_id"]
        }
        new = [pair for pair in pairs if pair[0] != pair[1]]
        if not new:
            raise TransitionNotAllowedError(INBOX.noun, message.state, InboxAction.ALIAS)
        for email, alias in new:
            _add_alias(session, email, alias, who=who, now=now)
        for plain in message.findings:
            _count(session, message, plain, now=now, by_rules=True)
        _decide(session, message, InboxAction.ALIAS, who=who, now=now)


@retry_conflicts
def accept_deputy(message_id: int, *, who: Who, now: datetime) -> None:
    """Whom the host passed the invitation on to answers for the host from now on."""
    with transaction() as session:
        message = _open_message(session, message_id, InboxAction.DEPUTY)
        pairs = {
            (fold_address(load_attendee(session, plain["attendee_id"]).email), plain["delegated_to"])
            for plain in message.findings
            if plain["action"] == Verdict.RECORD_DELEGATION and plain["attendee_id"] and plain["delegated_to"]
        }
        if not pairs:
            raise TransitionNotAllowedError(INBOX.noun, message.state, InboxAction.DEPUTY)
        for email, deputy in sorted(pairs):
            _add_alias(session, email, fold_address(deputy), who=who, now=now)
        _decide(session, message, InboxAction.DEPUTY, who=who, now=now)


def ignore_message(message_id: int, *, who: Who, now: datetime) -> None:
    """Nothing follows from this mail."""
    with transaction() as session:
        message = _open_message(session, message_id, InboxAction.IGNORE)
        _decide(session, message, InboxAction.IGNORE, who=who, now=now)


def reply_to_message(message_id: int, text: str, *, who: Who, now: datetime) -> None:
    """Answer a person's own text; what they write back comes to this inbox again.

    Raises TextNotAllowedError, NotFoundError or TransitionNotAllowedError.
    """
    words = clean_text(text, max_length=_LONGEST_REPLY)
    with transaction() as session:
        message = _open_message(session, message_id, InboxAction.REPLY)
        if not message.sender or not words:
            raise TransitionNotAllowedError(INBOX.noun, message.state, InboxAction.REPLY)
        queue_mail(session, _reply(session, message, words, who), now=now)
        _decide(session, message, InboxAction.REPLY, who=who, now=now)


def _reply(session: Session, message: InboxMessage, words: str, who: Who) -> Mail:
    attendee = load_attendee(session, message.attendee_id) if message.attendee_id else None
    settings = current_settings().mail
    known = attendee or find_attendee_by_address(session, message.sender)
    return Mail(
        kind="inbox_reply",
        cause=f"inbox:{message.id}:reply",
        recipient=message.sender,
        recipient_name=message.sender_name,
        language=known.language if known else "en",
        template="inbox_reply",
        context={
            "words": words,
            "their_subject": message.subject,
            "their_text": message.text,
            "signed": who.name,
            "contact_address": settings.contact_address,
        },
        reply_to=f"{settings.reply_local_part}+{attendee.organizer_token}@{settings.domain}"
        if attendee
        else None,
        visit_id=message.visit_id,
        slot_id=message.slot_id,
    )


def _count(
    session: Session,
    message: InboxMessage,
    plain: dict[str, object],
    *,
    now: datetime,
    by_rules: bool = False,
) -> bool:
    """Let one finding that waits take effect; False when there is nothing in it that could."""
    answer, attendee_id = stored_answer(plain), plain["attendee_id"]
    if plain["action"] != Verdict.REVIEW or answer is None or not isinstance(attendee_id, int):
        return False
    entry_id = load_attendee(session, attendee_id).entry_id
    target = open_target(session, attendee_id, entry_id, now=now)
    invitation = build_invitation(session, target.attendee, target.entry)
    sent_at = message.sent_at or message.received_at
    decision: Decision | None
    if by_rules:
        proof = Proof(sender=message.sender, has_token=True)
        decision = decide_answer(answer, invitation, proof, sent_at=sent_at)
    else:
        decision = force_answer(answer, invitation, sent_at=sent_at)
    if decision is None or decision.verdict not in RECORDING:
        return False
    carry_out(session, Finding(decision=decision, answer=answer), target, now=now)
    return True


def _add_alias(session: Session, email: str, alias: str, *, who: Who, now: datetime) -> None:
    known = select(AddressAlias.id).where(AddressAlias.email == email, AddressAlias.alias == alias)
    if session.scalars(known).first() is None:
        session.add(AddressAlias(email=email, alias=alias, confirmed_at=now, confirmed_by=who.name))
        session.flush()


def _open_message(session: Session, message_id: int, action: InboxAction) -> InboxMessage:
    message = session.scalars(
        select(InboxMessage).where(InboxMessage.id == message_id).with_for_update()
    ).one_or_none()
    if message is None:
        raise NotFoundError(INBOX.noun, str(message_id))
    INBOX.next_state(InboxState(message.state), action)
    return message


def _decide(session: Session, message: InboxMessage, action: InboxAction, *, who: Who, now: datetime) -> None:
    message.state = INBOX.next_state(InboxState(message.state), action)
    message.decided_at, message.decided_by, message.resolution = now, who.name, action
    add_audit(
        session, who, action, noun=INBOX.noun, subject_id=message.id, now=now, visit_id=message.visit_id,
        verdict=message.verdict, cause=message.reason,
    )  # fmt: skip
