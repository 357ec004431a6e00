"""The states of a slot: the thing that one host confirms (DESIGN, States)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bookings.domain.errors import (
    CutOffPassedError,
    LinkOutdatedError,
    ProposedTimeNotUsableError,
    SlotTimeNotUsableError,
    TooManyProposedTimesError,
)
from bookings.domain.requests import WishedDays
from bookings.domain.states import StateMachine
from bookings.domain.time import end_of_working_day, local_day


@dataclass(frozen=True, kw_only=True)
class SlotPlan:
    """What staff decide about a slot; instants in UTC. `is_required`: the visit fails without it."""

    organisation_slug: str
    site_id: int
    host_contact_id: int
    starts_at: datetime
    ends_at: datetime
    title: str
    message: str = ""
    is_required: bool = True
    offer_id: int | None = None
    """The visit offer that it shows, where it shows one: it counts for the offer's cap."""
    group: int | None = None
    """Which group of the delegation comes; the whole of it where there is no number."""
    reason: str = ""
    """Why it changes, for the host whom the change is told to. It is no part of the slot."""


@dataclass(frozen=True, kw_only=True)
class DeadlineRules:
    """What the installation says about answers: working days, when they end, the last hours."""

    working_days: int
    closes_at: time
    cut_off_hours: int


class SlotState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    TENTATIVE = "tentative"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class SlotAction(StrEnum):
    RELEASE = "release"
    ACCEPT = "accept"
    MAYBE = "maybe"
    DECLINE = "decline"
    PROPOSE_TIME = "propose_time"
    TAKE_PROPOSAL = "take_proposal"
    REFUSE_PROPOSAL = "refuse_proposal"
    MOVE = "move"
    WITHDRAW = "withdraw"
    HOST_CANCEL = "host_cancel"
    CANCEL = "cancel"
    EXPIRE = "expire"
    COMPLETE = "complete"
    MISS = "miss"
    REOPEN = "reopen"


_S, _A = SlotState, SlotAction

ASKED_STATES = (_S.PENDING, _S.TENTATIVE, _S.COUNTERED)
"""The host was asked and still owes an answer; there is always a `respond_by`."""

HOLDING_STATES = (*ASKED_STATES, _S.ACCEPTED)
"""The slot holds the host's and the delegation's time hard."""

LIVE_STATES = (_S.DRAFT, *HOLDING_STATES)
"""The slot belongs to the programme as it stands."""

ENDED_STATES = (_S.DECLINED, _S.EXPIRED, _S.WITHDRAWN, _S.CANCELLED, _S.COMPLETED, _S.NO_SHOW)

FAILED_STATES = (_S.DECLINED, _S.EXPIRED, _S.CANCELLED)
"""The host is lost to the visit; a required one needs a replacement, or staff's word to go on without."""

MAX_PROPOSED_TIMES = 3
SHORTEST_STOP = timedelta(minutes=15)
LONGEST_STOP = timedelta(hours=12)
# How many days before and after the wished ones (or the asked one) a host's other time may lie. Staff judge
# it within these; farther away it is a slip of the hand, such as a wrong year.
_NEAR_DAYS = timedelta(days=60)

_ANSWERS = {
    (state, action): result
    for state in ASKED_STATES
    for action, result in (
        (_A.ACCEPT, _S.ACCEPTED),
        (_A.MAYBE, _S.TENTATIVE),
        (_A.DECLINE, _S.DECLINED),
        (_A.PROPOSE_TIME, _S.COUNTERED),
        (_A.EXPIRE, _S.EXPIRED),
        (_A.WITHDRAW, _S.WITHDRAWN),
        (_A.MOVE, _S.PENDING),
        (_A.CANCEL, _S.CANCELLED),
    )
}

SLOT_MACHINE = StateMachine(
    "slot",
    {
        **_ANSWERS,
        (_S.DRAFT, _A.RELEASE): _S.PENDING,
        (_S.COUNTERED, _A.TAKE_PROPOSAL): _S.ACCEPTED,
        (_S.COUNTERED, _A.REFUSE_PROPOSAL): _S.PENDING,
        # An answer can be changed until the cut-off, whichever came first: calendars don't keep the order.
        **{(state, _A.MAYBE): _S.TENTATIVE for state in (_S.ACCEPTED, _S.DECLINED, _S.CANCELLED)},
        **{(state, _A.PROPOSE_TIME): _S.COUNTERED for state in (_S.DECLINED, _S.CANCELLED)},
        # Saying yes twice is the same yes.
        (_S.ACCEPTED, _A.ACCEPT): _S.ACCEPTED,
        (_S.ACCEPTED, _A.HOST_CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.PROPOSE_TIME): _S.COUNTERED,
        (_S.ACCEPTED, _A.MOVE): _S.PENDING,
        (_S.ACCEPTED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.ACCEPTED, _A.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.COMPLETE): _S.COMPLETED,
        (_S.ACCEPTED, _A.MISS): _S.NO_SHOW,
        (_S.DECLINED, _A.DECLINE): _S.DECLINED,
        # A host may take a "no" back before the time was given to another: the hold decides.
        (_S.DECLINED, _A.ACCEPT): _S.ACCEPTED,
        (_S.CANCELLED, _A.DECLINE): _S.CANCELLED,
        (_S.CANCELLED, _A.ACCEPT): _S.ACCEPTED,
        # Staff go on without this host: the failure waits for no replacement any more.
        **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in FAILED_STATES},
        (_S.COMPLETED, _A.MISS): _S.NO_SHOW,
        (_S.NO_SHOW, _A.COMPLETE): _S.COMPLETED,
        **{(state, _A.REOPEN): _S.PENDING for state in (_S.DECLINED, _S.EXPIRED, _S.WITHDRAWN, _S.CANCELLED)},
    },
)


def answer_cut_off(starts_at: datetime, *, hours: int, respond_by: datetime | None = None) -> datetime:
    """Until this instant the host can change the answer by link; never before the deadline that was given."""
    cut_off = starts_at - timedelta(hours=hours)
    return max(cut_off, respond_by) if respond_by else cut_off


def choose_respond_by(
    now: datetime, starts_at: datetime, *, zone: str, rules: DeadlineRules, holidays: Collection[date] = ()
) -> datetime:
    """The host's deadline: some working days at the place, before the cut-off; late ones until the start."""
    cut_off = answer_cut_off(starts_at, hours=rules.cut_off_hours)
    if cut_off <= now:
        return starts_at
    closing = end_of_working_day(
        now, rules.working_days, zone=zone, closes_at=rules.closes_at, holidays=holidays
    )
    return min(closing, cut_off)


def check_slot_time(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Raises SlotTimeNotUsableError (codes: past, order)."""
    if ends_at <= starts_at:
        raise SlotTimeNotUsableError("order")
    if starts_at <= now:
        raise SlotTimeNotUsableError("past")


def check_link_is_current(*, link_sequence: int, current_sequence: int) -> None:
    """A link is bound to (slot, sequence). Raises LinkOutdatedError for an older mail's button."""
    if link_sequence != current_sequence:
        raise LinkOutdatedError(link_sequence, current_sequence)


def check_answer_in_time(
    starts_at: datetime, *, now: datetime, cut_off_hours: int, respond_by: datetime | None = None
) -> None:
    """Raises CutOffPassedError when the visit is too near to change the answer by link."""
    cut_off = answer_cut_off(starts_at, hours=cut_off_hours, respond_by=respond_by)
    if now >= cut_off:
        raise CutOffPassedError(cut_off)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a host was asked for: the time, its zone, and the days that the visitors wished for."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    windows: Sequence[WishedDays] = ()

    @property
    def days(self) -> list[tuple[date, date]]:
        """When another time can be meant in earnest: around the wished days and the asked one."""
        day = local_day(self.starts_at, self.time_zone)
        wished = [(one.earliest, one.latest) for one in self.windows]
        return [(first - _NEAR_DAYS, last + _NEAR_DAYS) for first, last in [*wished, (day, day)]]


def check_proposed_times(
    proposals: Sequence[tuple[datetime, datetime]], *, asked: Asked, now: datetime
) -> None:
    """Raises TooManyProposedTimesError or ProposedTimeNotUsableError."""
    if len(proposals) > MAX_PROPOSED_TIMES:
        raise TooManyProposedTimesError(MAX_PROPOSED_TIMES)
    if not proposals:
        raise ProposedTimeNotUsableError("none")
    for starts_at, ends_at in proposals:
        _check_proposed_time(starts_at, ends_at, asked=asked, now=now)


def _check_proposed_time(starts_at: datetime, ends_at: datetime, *, asked: Asked, now: datetime) -> None:
    wrong = {
        "past": starts_at <= now,
        "order": ends_at <= starts_at,
        "same": (starts_at, ends_at) == (asked.starts_at, asked.ends_at),
        "short": ends_at - starts_at < SHORTEST_STOP,
        "long": ends_at - starts_at > LONGEST_STOP,
    }
    for code, is_so in wrong.items():
        if is_so:
            raise ProposedTimeNotUsableError(code)
    day = local_day(starts_at, asked.time_zone)
    if not any(first <= day <= last for first, last in asked.days):
        raise ProposedTimeNotUsableError(
            "far", first=min(first for first, _ in asked.days), last=max(last for _, last in asked.days)
        )


def reminder_instants(released_at: datetime, respond_by: datetime, parts: Sequence[float]) -> list[datetime]:
    """When reminders are due: at these parts of the time between asking and the deadline."""
    return [released_at + (respond_by - released_at) * part for part in sorted(parts)]


def count_due_reminders(
    released_at: datetime, respond_by: datetime, parts: Sequence[float], *, now: datetime
) -> int:
    """How many reminders should have gone out by now."""
    return sum(now >= instant for instant in reminder_instants(released_at, respond_by, parts))


def has_expired(respond_by: datetime | None, *, now: datetime) -> bool:
    """The page and the nightly job ask here, so that they agree on who has expired."""
    return respond_by is not None and now >= respond_by
