"""The programme as the visitor was told of it, and what has changed since, stop by stop."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

KEPT = 2
"""What was told last, and what was told before: the page says what the newest mail changed."""


@dataclass(frozen=True, kw_only=True)
class ToldStop:
    """One stop in the words of a programme mail. `root` is the first slot of a chain of replacements."""

    root: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    host: str
    title: str
    where: str
    group: int | None = None


@dataclass(frozen=True)
class ToldProgramme:
    """What one programme mail said."""

    told_at: datetime
    stops: tuple[ToldStop, ...]


class ChangeKind(StrEnum):
    ADDED = "added"
    DROPPED = "dropped"
    MOVED = "moved"
    NEW_HOST = "new_host"
    NEW_PLACE = "new_place"
    NEW_TITLE = "new_title"
    NEW_GROUP = "new_group"


@dataclass(frozen=True)
class StopChange:
    """One thing that is different about a stop; a new stop has no `before`, a dropped one no `after`."""

    kind: ChangeKind
    before: ToldStop | None
    after: ToldStop | None


def find_root(slot_id: int, replaces: Mapping[int, int | None]) -> int:
    """The slot that a chain of replacements began with: another host in the place of the first one."""
    seen: set[int] = set()
    while (earlier := replaces.get(slot_id)) is not None and slot_id not in seen:
        seen.add(slot_id)
        slot_id = earlier
    return slot_id


def compare_programmes(before: Sequence[ToldStop], after: Sequence[ToldStop]) -> list[StopChange]:
    """What somebody who knows `before` has to learn of `after`, in the order of the new programme."""
    old = {stop.root: stop for stop in before}
    new = {stop.root: stop for stop in after}
    ordered = sorted([*after, *(stop for stop in before if stop.root not in new)], key=_begins)
    changes: list[StopChange] = []
    for stop in ordered:
        changes += _compare(old.get(stop.root), new.get(stop.root))
    return changes


def _begins(stop: ToldStop) -> tuple[datetime, int]:
    return stop.starts_at, stop.root


def _compare(before: ToldStop | None, after: ToldStop | None) -> list[StopChange]:
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.DROPPED
        return [StopChange(kind, before, after)]
    has_new_host = before.host != after.host
    differences = (
        (ChangeKind.NEW_HOST, has_new_host),
        (ChangeKind.MOVED, _time_of(before) != _time_of(after)),
        # Another host has another place and another topic: nothing more to say about these.
        (ChangeKind.NEW_PLACE, not has_new_host and before.where != after.where),
        (ChangeKind.NEW_TITLE, not has_new_host and before.title != after.title),
        (ChangeKind.NEW_GROUP, before.group != after.group),
    )
    return [StopChange(kind, before, after) for kind, is_so in differences if is_so]


def _time_of(stop: ToldStop) -> tuple[datetime, datetime, str]:
    return stop.starts_at, stop.ends_at, stop.time_zone


def choose_baseline(
    told: Sequence[ToldProgramme], now: Sequence[ToldStop], *, is_offered: bool
) -> ToldProgramme | None:
    """The programme that the reader still has in mind: the last one told, or, when that is what stands now
    and was offered or settled (`is_offered`), the one before it."""
    if not told:
        return None
    if compare_programmes(told[0].stops, now):
        return told[0]
    return told[1] if is_offered and len(told) > 1 else None


def dump_programme(programme: ToldProgramme) -> dict[str, Any]:
    """The programme as it is stored."""
    stops = [
        {**asdict(stop), "starts_at": stop.starts_at.isoformat(), "ends_at": stop.ends_at.isoformat()}
        for stop in programme.stops
    ]
    return {"told_at": programme.told_at.isoformat(), "stops": stops}


def load_programme(stored: Mapping[str, Any]) -> ToldProgramme:
    """The programme as it was stored."""
    stops = tuple(
        ToldStop(**{**stop, "starts_at": _instant(stop["starts_at"]), "ends_at": _instant(stop["ends_at"])})
        for stop in stored["stops"]
    )
    return ToldProgramme(_instant(stored["told_at"]), stops)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
