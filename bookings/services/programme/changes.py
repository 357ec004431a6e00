"""What has changed in a programme since the visitor was told of it, in words. Parts of use cases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bookings.domain.told import (
    KEPT,
    ChangeKind,
    StopChange,
    ToldProgramme,
    ToldStop,
    compare_programmes,
    dump_programme,
    find_root,
    load_programme,
)
from bookings.i18n import gettext as _
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.services.calendar import describe_time


def build_told(stops: Iterable[Slot], replaces: Mapping[int, int | None]) -> tuple[ToldStop, ...]:
    """These slots as a programme mail tells of them."""
    return tuple(
        ToldStop(
            root=find_root(stop.id, replaces),
            starts_at=stop.starts_at,
            ends_at=stop.ends_at,
            time_zone=stop.time_zone,
            host=stop.organisation.name,
            title=stop.title,
            where=", ".join(filter(None, (stop.site.name, stop.site.address))),
            group=stop.group_number,
        )
        for stop in stops
    )


def find_told(visit: VisitRequest) -> ToldProgramme | None:
    """The programme that the visitor was told of last."""
    return next((load_programme(stored) for stored in visit.told_programmes), None)


def note_told(visit: VisitRequest, stops: Sequence[ToldStop], *, now: datetime) -> None:
    """The visitor hears of this programme now."""
    told = dump_programme(ToldProgramme(now, tuple(stops)))
    visit.told_programmes = [told, *visit.told_programmes][:KEPT]


def describe_changes(before: Sequence[ToldStop], after: Sequence[ToldStop]) -> list[str]:
    """Old → new for each stop, one sentence for each thing, in the language of the moment."""
    return [_SENTENCES[change.kind](change) for change in compare_programmes(before, after)]


def _values(change: StopChange, of: Callable[[ToldStop], str]) -> dict[str, Any]:
    assert change.before is not None
    assert change.after is not None
    return {"host": change.after.host, "before": of(change.before), "after": of(change.after)}


def _time(stop: ToldStop) -> str:
    return describe_time(stop.starts_at, stop.ends_at, stop.time_zone)


def _added(change: StopChange) -> str:
    assert change.after is not None
    return _("New in the programme: %(host)s, %(time)s.", host=change.after.host, time=_time(change.after))


def _dropped(change: StopChange) -> str:
    assert change.before is not None
    return _(
        "No longer in the programme: %(host)s, %(time)s.", host=change.before.host, time=_time(change.before)
    )


def _moved(change: StopChange) -> str:
    return _("%(host)s, another time. Before: %(before)s. Now: %(after)s.", **_values(change, _time))


def _new_host(change: StopChange) -> str:
    values = _values(change, lambda stop: stop.host)
    return _("Another host. Before: %(before)s. Now: %(after)s.", **values)


def _new_place(change: StopChange) -> str:
    values = _values(change, lambda stop: stop.where)
    return _("%(host)s, another place. Before: %(before)s. Now: %(after)s.", **values)


def _new_title(change: StopChange) -> str:
    values = _values(change, lambda stop: stop.title)
    return _("%(host)s, another topic. Before: %(before)s. Now: %(after)s.", **values)


def _new_group(change: StopChange) -> str:
    values = _values(change, _group)
    return _("%(host)s, for others. Before: %(before)s. Now: %(after)s.", **values)


def _group(stop: ToldStop) -> str:
    if stop.group is None:
        return _("the whole delegation")
    return _("group %(number)d", number=stop.group)


_SENTENCES: dict[ChangeKind, Callable[[StopChange], str]] = {
    ChangeKind.ADDED: _added,
    ChangeKind.DROPPED: _dropped,
    ChangeKind.MOVED: _moved,
    ChangeKind.NEW_HOST: _new_host,
    ChangeKind.NEW_PLACE: _new_place,
    ChangeKind.NEW_TITLE: _new_title,
    ChangeKind.NEW_GROUP: _new_group,
}
