"""What was before, and what is after: old → new in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bookings.i18n import format_day
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.history import HistoryEntry, StepView
from bookings.web.history.fields import FIELDS, field_value
from bookings.web.setting_changes import NOTHING, Change, list_setting_changes
from bookings.web.texts import SLOT_STATES, VISIT_STATES, in_words, short_instant
from bookings.web.trail_texts import audit_sentence

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
    "add_task": _l("Added a task"),
    "change_task": _l("Changed a task"),
    "tick_task": _l("Ticked a task"),
    "reopen_task": _l("Opened a task again"),
    "remove_task": _l("Removed a task"),
}
ACTOR_KINDS: dict[str, str] = {
    "staff": _l("Staff"),
    "visitor": _l("Visitors"),
    "host": _l("Hosts"),
    "system": _l("By itself"),
}


@dataclass(frozen=True)
class Known:
    """Names of what the trail knows by number or code, and what was saved in settings."""

    people: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[int, str] = field(default_factory=dict)
    settings: Mapping[tuple[str, int], Any] = field(default_factory=dict)
    town: Callable[[str], str] = str


def step_name(step: StepView) -> str:
    """What would be taken back."""
    return str(STEPS.get(step.kind, step.kind))


def act_name(entry: HistoryEntry) -> str:
    """What was done; of something taken back, what that was."""
    kind = entry.detail.get("kind")
    if entry.action == "undo" and kind in STEPS:
        return _("Took back: %(act)s", act=STEPS[kind])
    return audit_sentence(entry.action, entry.actor_name)


def subject_name(entry: HistoryEntry, known: Known) -> str:
    """Whom or what it was done to, where there are several."""
    if entry.noun == "visit_task":
        return known.tasks.get(entry.subject_id, "")
    return known.hosts.get(entry.detail.get("host", ""), "")


def list_changes(entry: HistoryEntry, known: Known) -> list[Change]:
    """Old and new, where the trail knows them."""
    detail = entry.detail
    if entry.action == "setting.saved":
        old, new = (known.settings.get((detail["key"], detail["version"] - less)) for less in (1, 0))
        return list_setting_changes(detail["key"], old, new, town=known.town)
    if entry.action == "assign_owner":
        return [Change("", *(_person(detail.get(one), known) for one in ("before", "owner_id")))]
    if entry.action == "label":
        return [Change("", *(_label_names(detail.get(one), known) for one in ("before", "after")))]
    if entry.noun == "visit_task":
        return _task_changes(detail, known)
    if entry.noun == "organisation" or entry.action == "change_request":
        return [
            Change(str(FIELDS.get(name, name)), field_value(name, old), field_value(name, new))
            for name, (old, new) in detail.get("told", {}).items()
        ]
    return [*_moves(detail), *_hosts(detail, known), *_states(entry)]


def list_worded(entry: HistoryEntry) -> str:
    """The fields whose words changed: the trail keeps no words that people wrote."""
    told = entry.detail.get("told", {})
    fields = [name for name in entry.detail.get("fields", ()) if name not in told]
    names = [str(FIELDS.get(name, name)) for name in fields] + (
        [_("Text")] if entry.detail.get("words") else []
    )
    return in_words(names)


def _moves(detail: Mapping[str, Any]) -> list[Change]:
    old, new = detail.get("moved") or (detail.get("before"), detail.get("after"))
    times = [_when(one) for one in (old, new) if isinstance(one, dict)]
    if len(times) == 1 or len(set(times)) == 1:
        return [Change("", "", times[0])]
    return [Change("", *times)] if times else []


def _hosts(detail: Mapping[str, Any], known: Known) -> list[Change]:
    if "to" not in detail:
        return []
    return [Change("", *(known.hosts.get(slug, slug) for slug in (detail.get("host", ""), detail["to"])))]


def _states(entry: HistoryEntry) -> list[Change]:
    before, after = entry.detail.get("before"), entry.detail.get("after")
    if not (isinstance(before, str) and isinstance(after, str)) or before == after:
        return []
    words: Mapping[Any, str] = SLOT_STATES if entry.noun == "slot" else VISIT_STATES
    return [Change("", *(str(words.get(one, one)) for one in (before, after)))]


def _task_changes(detail: Mapping[str, Any], known: Known) -> list[Change]:
    before, after = (detail.get(one) or {} for one in ("before", "after"))
    if not (before and after):
        return []
    days = [
        format_day(date.fromisoformat(one["due_on"])) if one.get("due_on") else NOTHING
        for one in (before, after)
    ]
    people = [_person(one.get("owner_id"), known) for one in (before, after)]
    found = [Change(_("Due"), *days), Change(_("Who"), *people)]
    return [one for one in found if one.old != one.new]


def _person(staff_id: Any, known: Known) -> str:
    return known.people.get(staff_id, NOTHING)


def _label_names(ids: Any, known: Known) -> str:
    return in_words(known.labels.get(one, "?") for one in ids or ()) or NOTHING


def _when(facts: Mapping[str, str]) -> str:
    return short_instant(datetime.fromisoformat(facts["starts_at"]), facts["time_zone"])
