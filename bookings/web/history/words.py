"""What was before, and what is after: old → new in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bookings.i18n import lazy_gettext as _l
from bookings.queries.history import HistoryEntry, StepView
from bookings.web.texts import SLOT_STATES, VISIT_STATES, short_instant

ARROW = " → "
STEPS: dict[str, str] = {
    "slot_added": _l("Added a draft"),
    "slot_changed": _l("Changed a draft"),
    "slot_removed": _l("Removed a draft"),
    "slot_planned": _l("Planned a change of a stop"),
    "note": _l("Wrote a note"),
    "owner": _l("Chose who looks after the request"),
    "rule": _l("Changed the rule for other times"),
    "labels": _l("Changed the labels"),
    "setting": _l("Changed a setting"),
}
OTHER_ACTS: dict[str, str] = {
    "undo": _l("Took something back"),
    "setting.saved": _l("Changed a setting"),
}
ACTOR_KINDS: dict[str, str] = {
    "staff": _l("Staff"),
    "visitor": _l("Visitors"),
    "host": _l("Hosts"),
    "system": _l("By itself"),
}


def step_name(step: StepView) -> str:
    """What would be taken back."""
    return str(STEPS.get(step.kind, step.kind))


def change_words(entry: HistoryEntry, names: Mapping[int, str]) -> str:
    """Old → new, where the trail knows both; `names` are those of colleagues."""
    before, after = entry.detail.get("before"), entry.detail.get("after")
    if entry.action == "assign_owner":
        owners = (before, entry.detail.get("owner_id"))
        return ARROW.join(names.get(one, "–") if isinstance(one, int) else "–" for one in owners)
    if isinstance(before, dict) or isinstance(after, dict):
        return ARROW.join(_when(one) for one in (before, after) if isinstance(one, dict))
    states = SLOT_STATES if entry.noun == "slot" else VISIT_STATES
    if isinstance(before, str) and isinstance(after, str) and before != after:
        words: Mapping[Any, str] = states
        return ARROW.join(str(words.get(one, one)) for one in (before, after))
    return ""


def _when(facts: Mapping[str, str]) -> str:
    return short_instant(datetime.fromisoformat(facts["starts_at"]), facts["time_zone"])
