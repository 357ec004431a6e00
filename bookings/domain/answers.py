"""What an answer that came by mail means: the matching rules of calendars and attendees, pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Partstat(StrEnum):
    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


class MailClass(StrEnum):
    """What kind of mail came in."""

    REPLY = "reply"
    COUNTER = "counter"
    REFRESH = "refresh"
    FOREIGN = "foreign-method"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto-reply"
    READ_RECEIPT = "read-receipt"
    NO_CALENDAR = "no-calendar"
    MALFORMED = "malformed"


class Verdict(StrEnum):
    """What an organizer does with a mail, or with one answer in it."""

    RECORD_RESPONSE = "record-response"
    RECORD_PROPOSAL = "record-proposal"
    RECORD_DELEGATION = "record-delegation"
    OLD_VERSION = "record-as-answer-to-old-version"
    RESEND_REQUEST = "resend-request"
    MARK_UNDELIVERABLE = "mark-undeliverable"
    REVIEW = "flag-for-review"
    TO_STAFF = "route-to-staff"
    LOG = "log-only"
    NOTHING = "no-op"
    IGNORE = "ignore"


RECORDING = frozenset({Verdict.RECORD_RESPONSE, Verdict.RECORD_PROPOSAL, Verdict.RECORD_DELEGATION})
"""These change what is known of the attendee."""

FOR_STAFF = frozenset(
    {Verdict.REVIEW, Verdict.TO_STAFF, Verdict.RECORD_DELEGATION, Verdict.MARK_UNDELIVERABLE}
)
"""These need somebody's eye."""


class Reason(StrEnum):
    """Why; staff read it as a sentence."""

    MATCHED = "matched"
    DUPLICATE = "duplicate"
    OUTDATED = "outdated"
    OLD_SEQUENCE = "old_sequence"
    NEVER_SENT = "never_sent"
    VERSION_UNCLEAR = "version_unclear"
    NO_ANSWER = "no_answer"
    UNPROVED = "unproved"
    ALIAS = "alias"
    NOT_INVITED = "not_invited"
    UID_UNKNOWN = "uid_unknown"
    FOREIGN_METHOD = "foreign_method"
    RECURRENCE = "recurrence"
    TIMES_UNCLEAR = "times_unclear"
    DELEGATED = "delegated"
    REFRESH = "refresh"
    NO_ATTENDEE = "no_attendee"
    REFRESH_LIMIT = "refresh_limit"
    NOTHING_TO_SEND = "nothing_to_send"
    SLOT_TAKEN = "slot_taken"
    TOO_LATE = "too_late"
    NOT_POSSIBLE = "not_possible"
    ENDED = "ended"
    BOUNCED = "bounced"
    BOUNCE_UNCLEAR = "bounce_unclear"
    BOUNCE_UNTRACED = "bounce_untraced"
    DELAYED = "delayed"
    AUTOMATIC = "automatic"
    READ_RECEIPT = "read_receipt"
    PERSON = "person"
    STRANGER = "stranger"
    WINMAIL = "winmail"
    SEALED = "sealed"
    UNREADABLE = "unreadable"
    OUT_OF_BOUNDS = "out_of_bounds"


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One ATTENDEE line. `offered`: iOS writes its counter-proposal here; the end may be missing."""

    address: str
    partstat: Partstat = Partstat.NEEDS_ACTION
    name: str = ""
    email: str = ""
    sent_by: str = ""
    delegated_to: str = ""
    comment: str = ""
    offered: tuple[datetime, datetime | None] | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """The attendee, and the address that iCloud writes beside an opaque one."""
        return frozenset(one for one in (self.address, self.email) if one)


@dataclass(frozen=True, kw_only=True)
class CalendarAnswer:
    """One VEVENT that came in. Times without a zone are naive: they mean the place of the entry."""

    method: str
    uid: str
    lines: tuple[AnswerLine, ...] = ()
    sequence: int | None = None
    dtstamp: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    original_starts_at: datetime | None = None
    is_occurrence: bool = False
    has_unclear_time: bool = False
    organizer: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What one attendee was told, and what that person answered so far.

    `asked_sequence` is the SEQUENCE of the question that is still open to answer: a CANCEL that follows the
    attendee's own "no" raises SEQUENCE without asking anything new.
    """

    email: str
    name: str
    sequence: int
    asked_sequence: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    aliases: frozenset[str] = frozenset()
    replied_sequence: int | None = None
    replied_at: datetime | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses that are this attendee's."""
        return frozenset({fold_address(self.email), *map(fold_address, self.aliases)})


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is known of where the mail came from. `has_token`: it was written to this attendee's address."""

    sender: str
    has_token: bool = False
    is_authenticated: bool = False
    """Our own mail server says dmarc=pass for the sender."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The conclusion about one answer."""

    verdict: Verdict
    reason: Reason
    attendee: str = ""
    partstat: Partstat | None = None
    comment: str = ""
    proposed: tuple[datetime, datetime] | None = None
    answered_at: datetime | None = None
    delegated_to: str = ""


def fold_address(address: str) -> str:
    """The address as it is compared: case does not count."""
    return address.strip().casefold()


def decide_answer(
    answer: CalendarAnswer, invitation: Invitation, proof: Proof, *, sent_at: datetime
) -> Decision:
    """What this answer means for this invitation; `sent_at` is the mail's Date."""
    line = find_line(answer, invitation, proof)
    if line is None:
        return Decision(verdict=Verdict.REVIEW, reason=Reason.NO_ATTENDEE)
    reason = (
        check_method(answer)
        or check_sender(line, invitation, proof)
        or (Reason.RECURRENCE if answer.is_occurrence and not _is_whole(answer, invitation) else None)
    )
    if reason is not None:
        return _told(Verdict.REVIEW, reason, answer, line)
    if answer.method == "REFRESH":
        return Decision(verdict=Verdict.RESEND_REQUEST, reason=Reason.REFRESH, attendee=invitation.email)
    return decide_counted(answer, line, invitation, sent_at=sent_at)


def decide_counted(
    answer: CalendarAnswer, line: AnswerLine, invitation: Invitation, *, sent_at: datetime
) -> Decision:
    """What the answer means, once it is known to be this attendee's: version, order, then what it says."""
    stamp = choose_stamp(answer, sent_at=sent_at)
    settled = _check_version(answer, invitation) or _check_order(invitation, stamp)
    if settled is not None:
        return _told(settled[0], settled[1], answer, line, at=stamp)
    return _read_answer(answer, line, invitation, stamp)


def force_answer(answer: CalendarAnswer, invitation: Invitation, *, sent_at: datetime) -> Decision | None:
    """What the answer says, when staff decided that it counts; None when that is nothing."""
    line = find_line(answer, invitation, Proof(sender=""))
    if line is None or answer.method not in ("REPLY", "COUNTER"):
        return None
    decision = _read_answer(answer, line, invitation, choose_stamp(answer, sent_at=sent_at))
    return decision if decision.verdict in RECORDING else None


def find_line(answer: CalendarAnswer, invitation: Invitation, proof: Proof) -> AnswerLine | None:
    """The ATTENDEE line that answers: the invited one's that says most, else the sender's, else the first."""
    invited = [line for line in answer.lines if folded(line.addresses) & invitation.addresses]
    if invited:
        # Whoever passed the invitation on stands there beside the colleague who answers.
        return min(invited, key=lambda line: _WEIGHT.get(line.partstat, 0))
    sender = fold_address(proof.sender)
    own = [line for line in answer.lines if sender and sender in folded(line.addresses | {line.sent_by})]
    told = [line for line in answer.lines if line.partstat is not Partstat.NEEDS_ACTION]
    return next(iter([*own, *told, *answer.lines]), None)


_WEIGHT = {Partstat.DELEGATED: 1, Partstat.NEEDS_ACTION: 2}


def folded(addresses: frozenset[str]) -> frozenset[str]:
    """Addresses as they are compared."""
    return frozenset(map(fold_address, addresses))


def check_method(answer: CalendarAnswer) -> Reason | None:
    """Only these three act: anything else about our UID is an organizer's message from outside."""
    return None if answer.method in ("REPLY", "COUNTER", "REFRESH") else Reason.FOREIGN_METHOD


def check_sender(line: AnswerLine, invitation: Invitation, proof: Proof) -> Reason | None:
    """Nothing when the answer may count without asking, else why staff have to look."""
    is_invited = bool(folded(line.addresses) & invitation.addresses)
    if proof.has_token:
        if is_invited:
            return None
        return Reason.ALIAS if _may_be_alias(line, invitation) else Reason.NOT_INVITED
    if not is_invited:
        return Reason.NOT_INVITED
    return None if proof.is_authenticated and _speaks_for(proof, line, invitation) else Reason.UNPROVED


def _speaks_for(proof: Proof, line: AnswerLine, invitation: Invitation) -> bool:
    sender = fold_address(proof.sender)
    if sender in invitation.addresses:
        return True
    # SENT-BY is written by the sender: only a colleague at the invited domain may name himself there.
    return sender == fold_address(line.sent_by) and _domain(sender) in map(_domain, invitation.addresses)


def _may_be_alias(line: AnswerLine, invitation: Invitation) -> bool:
    """The same name or the same house: staff are asked "alias?", and nothing counts before they say so."""
    same_name = bool(line.name) and line.name.strip().casefold() == invitation.name.strip().casefold()
    same_domain = any(
        _domain(fold_address(one)) == _domain(invitation.email.casefold()) for one in line.addresses
    )
    return same_name or same_domain


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def choose_stamp(answer: CalendarAnswer, *, sent_at: datetime) -> datetime:
    """When the answer was given: DTSTAMP, else the mail's Date.

    A DTSTAMP more than a day after the mail comes from a clock that is wrong: it would drown later answers.
    """
    stamp = answer.dtstamp
    if stamp is None or stamp > sent_at + timedelta(days=1):
        return sent_at
    return stamp


def _check_version(answer: CalendarAnswer, invitation: Invitation) -> tuple[Verdict, Reason] | None:
    sequence = answer.sequence
    if sequence is None:
        asked = answer.original_starts_at or (None if answer.method == "COUNTER" else answer.starts_at)
        if asked is not None and resolve(asked, invitation) == invitation.starts_at:
            return None
        is_first = invitation.asked_sequence == 0
        if asked is not None and not is_first:
            # Without SEQUENCE it is 0 (RFC 5545), and the time is not the current one.
            return Verdict.OLD_VERSION, Reason.OLD_SEQUENCE
        return None if asked is None and is_first else (Verdict.REVIEW, Reason.VERSION_UNCLEAR)
    if sequence < invitation.asked_sequence:
        return Verdict.OLD_VERSION, Reason.OLD_SEQUENCE
    return (Verdict.REVIEW, Reason.NEVER_SENT) if sequence > invitation.sequence else None


def _check_order(invitation: Invitation, stamp: datetime) -> tuple[Verdict, Reason] | None:
    """The later answer to one question wins, whichever comes first."""
    last, last_sequence = invitation.replied_at, invitation.replied_sequence
    if last is None or last_sequence is None or last_sequence < invitation.asked_sequence:
        return None
    if stamp == last:
        return Verdict.NOTHING, Reason.DUPLICATE
    return (Verdict.LOG, Reason.OUTDATED) if stamp < last else None


def _read_answer(
    answer: CalendarAnswer, line: AnswerLine, invitation: Invitation, stamp: datetime
) -> Decision:
    if answer.method == "COUNTER" or line.offered is not None:
        proposed = find_proposal(answer, line, invitation)
        if proposed is None:
            return _told(Verdict.REVIEW, Reason.TIMES_UNCLEAR, answer, line, at=stamp)
        return _told(Verdict.RECORD_PROPOSAL, Reason.MATCHED, answer, line, at=stamp, proposed=proposed)
    if line.partstat is Partstat.DELEGATED:
        return _told(Verdict.RECORD_DELEGATION, Reason.DELEGATED, answer, line, at=stamp)
    if line.partstat is Partstat.NEEDS_ACTION:
        return _told(Verdict.LOG, Reason.NO_ANSWER, answer, line, at=stamp)
    return _told(Verdict.RECORD_RESPONSE, Reason.MATCHED, answer, line, at=stamp)


def find_proposal(
    answer: CalendarAnswer, line: AnswerLine, invitation: Invitation
) -> tuple[datetime, datetime] | None:
    """The offered time in UTC; None when it makes no sense. Without an end it lasts as long as asked."""
    if answer.has_unclear_time:
        return None
    starts_at, ends_at = line.offered or (answer.starts_at, answer.ends_at)
    if starts_at is None:
        return None
    start = resolve(starts_at, invitation)
    end = resolve(ends_at, invitation) if ends_at else start + (invitation.ends_at - invitation.starts_at)
    return (start, end) if start < end else None


def resolve(moment: datetime, invitation: Invitation) -> datetime:
    """The instant in UTC; a time without a zone is the place's."""
    zone = ZoneInfo(invitation.time_zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _is_whole(answer: CalendarAnswer, invitation: Invitation) -> bool:
    """Some programs name the one occurrence of an entry that has only one."""
    moment = answer.original_starts_at or answer.starts_at
    return moment is not None and resolve(moment, invitation) == invitation.starts_at


def _told(
    verdict: Verdict,
    reason: Reason,
    answer: CalendarAnswer,
    line: AnswerLine,
    *,
    at: datetime | None = None,
    proposed: tuple[datetime, datetime] | None = None,
) -> Decision:
    partstat = line.partstat
    if proposed is not None and partstat is Partstat.NEEDS_ACTION:
        partstat = Partstat.TENTATIVE
    return Decision(
        verdict=verdict,
        reason=reason,
        attendee=fold_address(line.email or line.address),
        partstat=partstat,
        comment=line.comment or answer.comment,
        proposed=proposed,
        answered_at=at,
        delegated_to=line.delegated_to,
    )
