"""Planned changes: what staff want of a slot that its host knows of, before anybody is told."""

from collections.abc import Iterable
from enum import StrEnum

from bookings.domain.slots import ASKED_STATES, FAILED_STATES, SlotPlan, SlotState
from bookings.domain.visits import SlotTally, VisitAction, VisitState, choose_progress


class PlannedKind(StrEnum):
    """What a planned change does when it is released."""

    MOVE = "move"
    """Another time or place: the host is asked again."""
    WORDS = "words"
    """Other words, same time and place: the entry is sent again, the answer stays."""
    REPLACE = "replace"
    """Somebody else is asked, and whoever was asked hears that it is off."""
    WITHDRAW = "withdraw"


def choose_kind(now: SlotPlan, wanted: SlotPlan) -> PlannedKind | None:
    """What has to happen so that the slot becomes what is wanted; nothing where it is that already."""
    if (now.organisation_slug, now.host_contact_id) != (wanted.organisation_slug, wanted.host_contact_id):
        return PlannedKind.REPLACE
    if (now.site_id, now.starts_at, now.ends_at) != (wanted.site_id, wanted.starts_at, wanted.ends_at):
        return PlannedKind.MOVE
    return PlannedKind.WORDS if _words_of(now) != _words_of(wanted) else None


def _words_of(plan: SlotPlan) -> tuple[str, str, bool, int | None]:
    return plan.title, plan.message, plan.is_required, plan.group


def tally_slots(rows: Iterable[tuple[str, bool, bool]]) -> SlotTally:
    """Slots as (state, is it required, does another one stand in for it), counted."""
    known = list(rows)
    required = [(state, is_replaced) for state, is_required, is_replaced in known if is_required]
    return SlotTally(
        accepted=sum(state == SlotState.ACCEPTED for state, _, _ in known),
        asked=sum(state in ASKED_STATES for state, _, _ in known),
        required_asked=sum(state in ASKED_STATES for state, _ in required),
        required_drafts=sum(state == SlotState.DRAFT for state, _ in required),
        required_failed=sum(state in FAILED_STATES and not is_replaced for state, is_replaced in required),
    )


def foresee_visitor_mail(
    state: VisitState, tally: SlotTally, *, asks_drafts: bool, has_lost_stop: bool, settles_at_once: bool
) -> str:
    """The one mail that the visitor gets when slots change so that they count like this; "" for none.

    `has_lost_stop`: an accepted stop is taken back. `settles_at_once`: the visitor agreed beforehand.
    """
    if asks_drafts and state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS):
        state = VisitState.AWAITING_HOSTS
    action = choose_progress(state, tally)
    if action is VisitAction.PROPOSE:
        return "programme_confirmed" if settles_at_once else "programme_proposed"
    if action is not None:
        return "programme_reopened" if state is VisitState.CONFIRMED else ""
    is_known = state in (VisitState.PROPOSED, VisitState.CONFIRMED)
    return "programme_changed" if has_lost_stop and is_known else ""
