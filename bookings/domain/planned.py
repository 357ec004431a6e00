"""Planned changes: what staff want of a slot that its host knows of, before anybody is told."""

from enum import StrEnum

from bookings.domain.slots import SlotPlan


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
