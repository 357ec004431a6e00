"""What hosts gave in the last 12 months: visits, hours, answers and the time they took."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.host_load import TOLD_ACTIONS, Answer, Question, read_questions
from bookings.domain.slots import SlotAction, SlotState
from bookings.models.audit import AuditEntry
from bookings.models.directory import Organisation, Place
from bookings.models.slots import Slot
from bookings.queries.directory import load_directory

_YEAR = timedelta(days=365)
_HOUR = timedelta(hours=1)
_RECEIVED = (SlotState.ACCEPTED, SlotState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class HostLoad:
    """The figures of one host, or of all hosts of a town (`slug` is empty then)."""

    name: str
    slug: str
    place: str
    visits: int
    hours: float
    asked: int
    yes: int
    no: int
    silent: int
    answer_hours: float | None
    """The median from the question to the first answer."""


@dataclass(frozen=True)
class _Stop:
    """A stop with the questions about it."""

    slot: Any
    questions: list[Question]


@dataclass(frozen=True)
class Loads:
    """Every host that was asked or visited in the last 12 months, those who gave most first; and by town."""

    hosts: tuple[HostLoad, ...]
    towns: tuple[HostLoad, ...]


_kept: WeakKeyDictionary[Engine, tuple[tuple[object, ...], Loads]] = WeakKeyDictionary()


def load_host_loads(session: Session, *, now: datetime) -> Loads:
    """The figures of all hosts: worked out again as soon as a slot or a host has changed, and each hour."""
    engine = session.get_bind().engine
    slots = session.execute(select(func.count(), func.sum(Slot.feed_stamp))).one()
    hour = now.replace(minute=0, second=0, microsecond=0)
    version = (hour, load_directory(session).version, *slots)
    kept = _kept.get(engine)
    if kept is None or kept[0] != version:
        kept = _kept[engine] = version, _work_out(_read(session, now=now), now=now)
    return kept[1]


def _work_out(stops: Sequence[_Stop], *, now: datetime) -> Loads:
    hosts = (_sum_up(some, now=now, slug=slug) for slug, some in _group(stops, "slug").items())
    towns = (_sum_up(some, now=now) for some in _group(stops, "place").values())
    return Loads(
        tuple(sorted(hosts, key=lambda one: (-one.hours, -one.asked, one.name))),
        tuple(sorted(towns, key=lambda one: (-one.hours, -one.asked, one.place))),
    )


def find_host_load(session: Session, organisation_id: int, *, now: datetime) -> HostLoad | None:
    """One host's own figures; nothing where it was not asked in the last 12 months."""
    stops = _read(session, now=now, organisation_id=organisation_id)
    return _sum_up(stops, now=now, slug=stops[0].slot.slug) if stops else None


def _read(session: Session, *, now: datetime, organisation_id: int | None = None) -> list[_Stop]:
    since = now - _YEAR
    query = (
        select(
            Slot.id,
            Organisation.name,
            Organisation.slug,
            Place.slug.label("place"),
            Slot.state,
            Slot.starts_at,
            Slot.ends_at,
        )
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Place, Place.id == Organisation.place_id, isouter=True)
        .where(
            Slot.asked_at.is_not(None),
            or_(Slot.asked_at > since, (Slot.starts_at > since) & (Slot.starts_at <= now)),
        )
    )
    if organisation_id is not None:
        query = query.where(Slot.organisation_id == organisation_id)
    acts = _read_acts(session, since=since, organisation_id=organisation_id)
    return [_Stop(slot, read_questions(acts[slot.id])) for slot in session.execute(query)]


def _read_acts(
    session: Session, *, since: datetime, organisation_id: int | None
) -> defaultdict[int, list[tuple[SlotAction, datetime]]]:
    """Of each stop, what was asked and answered. The stop itself knows its last question alone."""
    query = select(AuditEntry.subject_id, AuditEntry.action, AuditEntry.happened_at).where(
        AuditEntry.noun == "slot", AuditEntry.action.in_(TOLD_ACTIONS), AuditEntry.happened_at > since
    )
    if organisation_id is not None:
        of_host = select(Slot.id).where(Slot.organisation_id == organisation_id)
        query = query.where(AuditEntry.subject_id.in_(of_host))
    acts: defaultdict[int, list[tuple[SlotAction, datetime]]] = defaultdict(list)
    for slot_id, action, happened_at in session.execute(query.order_by(AuditEntry.id)):
        acts[slot_id].append((SlotAction(action), happened_at))
    return acts


def _group(stops: Iterable[_Stop], name: str) -> dict[str, list[_Stop]]:
    found: defaultdict[str, list[_Stop]] = defaultdict(list)
    for stop in stops:
        found[getattr(stop.slot, name) or ""].append(stop)
    return found


def _sum_up(stops: Sequence[_Stop], *, now: datetime, slug: str = "") -> HostLoad:
    slots = [stop.slot for stop in stops]
    received = [slot for slot in slots if slot.state in _RECEIVED and now - _YEAR < slot.starts_at <= now]
    asked = [question for stop in stops for question in stop.questions]
    answers = Counter(question.answer for question in asked)
    waited = [question.waited / _HOUR for question in asked if question.waited is not None]
    return HostLoad(
        name=slots[0].name if slug else "",
        slug=slug,
        place=slots[0].place or "",
        visits=len(received),
        hours=sum(((slot.ends_at - slot.starts_at) / _HOUR for slot in received), 0.0),
        asked=len(asked),
        yes=answers[Answer.YES],
        no=answers[Answer.NO],
        silent=answers[Answer.SILENT],
        answer_hours=median(waited) if waited else None,
    )
