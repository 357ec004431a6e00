"""What pages of meetings show, in the reader's language and on the clocks of the place and the reader."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.domain.events import choose_text
from bookings.domain.meeting_pairs import Wished, order_pair
from bookings.domain.meetings import WishStrength, score_match
from bookings.domain.text import fold
from bookings.domain.time import to_local
from bookings.i18n import current_language, format_day, format_interval
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.planner.meetings.unmet import Reason, WhyNot
from bookings.queries.directory import InterestView
from bookings.queries.meetings.day import Day, MeetingView, PersonView, SlotView
from bookings.services.calendar import reads_other_clock
from bookings.services.meetings.letters import describe_side, place_of
from bookings.services.meetings.seating import free_with_break, pair_key
from bookings.services.meetings.solving import explain

WISHES = {
    WishStrength.MUST: _l("I have to meet"),
    WishStrength.LIKE: _l("I would like to meet"),
    WishStrength.NEVER: _l("Never"),
}
_BESIDE = _l("No time any more at which both are free")
_UNMET_TO_STAFF = {
    WhyNot.NO_COMMON_TIME: _l("No time in common"),
    WhyNot.SAME_ORGANISATIONS: _l("The organisations meet already"),
    WhyNot.PERSON_FULL: _l("The day of one of the two is full"),
    WhyNot.TABLES_FULL: _l("All tables are taken when both are free"),
}
_FULL = _l("Your own day is full.")
_CALLED_OFF = _l("The meeting was called off.")
_BESIDE_ALL = _l("It could not be placed beside the wishes and meetings of everybody.")
UNMET = {
    WhyNot.NO_COMMON_TIME: _l("You have no time in common."),
    WhyNot.SAME_ORGANISATIONS: _l("Your organisations meet already."),
}
"""What a wisher may know. The other's full day, the tables and a `never` read alike."""


@dataclass(frozen=True)
class ShownMeeting:
    """A line of somebody's schedule."""

    id: int
    view: MeetingView
    other: PersonView | None
    who: str
    when: str
    own_when: str
    where: str
    online_url: str
    feedback: str
    stand_in: str
    """The own colleague who comes."""
    starts_at: datetime


@dataclass(frozen=True)
class ShownPerson:
    """A participant in a list of others."""

    person: PersonView
    wish: WishStrength | None
    meets: bool


def time_words(day: Day, slot: SlotView | MeetingView, zone: str) -> tuple[str, str]:
    """ "10:00–10:20 EEST", and the same on the reader's clock where that shows another time."""
    place = format_interval(slot.starts_at, slot.ends_at, day.view.time_zone)
    if len({one.day for one in day.slots}) > 1:
        place = f"{format_day(to_local(slot.starts_at, day.view.time_zone).date(), with_year=False)} {place}"
    if not reads_other_clock(slot.starts_at, day.view.time_zone, zone):
        return place, ""
    return place, format_interval(slot.starts_at, slot.ends_at, zone)


def slot_words(day: Day, slot: SlotView | MeetingView, zone: str) -> str:
    """Both clocks in one line, for choices."""
    place, own = time_words(day, slot, zone)
    return f"{place} ({own})" if own else place


def show_meeting(day: Day, view: MeetingView, person_id: int, zone: str) -> ShownMeeting:
    """A meeting as one of its two sees it."""
    other = day.people.get(view.other_of(person_id))
    when, own = time_words(day, view, zone)
    return ShownMeeting(
        view.id,
        view,
        other,
        describe_side(day, view, other.id) if other else _("Not registered any more"),
        when,
        own,
        place_of(day, view.table_id),
        day.table_by_id[view.table_id].online_url,
        view.feedback.get(person_id, ""),
        view.stand_ins.get(person_id, ""),
        view.starts_at,
    )


def show_schedule(day: Day, person_id: int, zone: str) -> list[ShownMeeting]:
    """All meetings of one person in order."""
    return [show_meeting(day, view, person_id, zone) for view in day.schedules.get(person_id, [])]


def event_title(day: Day) -> str:
    """The name of the event in the reader's language."""
    return choose_text(day.view.title, current_language())


def list_others(
    day: Day, own: PersonView | None, own_id: int, wishes: dict[int, WishStrength], search: str, country: str
) -> list[ShownPerson]:
    """The others, who fits best first; only what both say of themselves and one's own wishes count."""
    met = {view.other_of(own_id) for view in day.schedules.get(own_id, [])}
    words = fold(search).split()
    found = [
        person
        for person in day.people.values()
        if person.id != own_id
        and person.is_complete
        and (not country or person.country == country)
        and all(word in _search_text(person) for word in words)
    ]
    if own is not None:
        found.sort(key=lambda one: -score_match(own.profile, one.profile))
    return [ShownPerson(one, wishes.get(one.id), one.id in met) for one in found]


def _search_text(person: PersonView) -> str:
    profile = person.profile
    parts = (person.name, person.organisation, person.role, profile.offers, profile.needs, *profile.interests)
    return fold(" ".join(parts))


def list_unmet(
    day: Day, own_id: int, wishes: dict[int, WishStrength], called_off: set[int]
) -> list[tuple[PersonView, str]]:
    """Wishes that did not come true, each with the reason."""
    met = {view.other_of(own_id) for view in day.schedules.get(own_id, [])}
    wished = [
        Wished(own_id, other, strength)
        for other, strength in wishes.items()
        if strength is not WishStrength.NEVER and other not in met and other in day.people
    ]
    reasons = explain(day, wished)
    return [
        (
            day.people[one.wished],
            str(_CALLED_OFF)
            if one.wished in called_off
            else _say_why(reasons.get(order_pair(own_id, one.wished)), own_id),
        )
        for one in wished
    ]


def count_unmet(day: Day, wishes: Sequence[Wished]) -> list[tuple[str, int]]:
    """How many wishes did not come true for which reason. Staff read no pair: a `never` would show where
    two are free and don't meet."""
    reasons = explain(day, wishes)
    pairs = [order_pair(one.wisher, one.wished) for one in wishes if one.strength is not WishStrength.NEVER]
    counts = Counter(
        str(_UNMET_TO_STAFF.get(reasons[pair].code, _BESIDE)) for pair in pairs if pair in reasons
    )
    return counts.most_common()


def _say_why(reason: Reason | None, own_id: int) -> str:
    if reason is None:
        return str(_BESIDE_ALL)
    if reason.code is WhyNot.PERSON_FULL and own_id in reason.people:
        return str(_FULL)
    return str(UNMET.get(reason.code, _BESIDE_ALL))


def find_slot(day: Day, now: datetime) -> tuple[SlotView | None, SlotView | None]:
    """The slot that runs, and the next one."""
    running = next((slot for slot in day.slots if slot.starts_at <= now < slot.ends_at), None)
    return running, next((slot for slot in day.slots if slot.starts_at > now), None)


def list_fill_ins(
    day: Day, own_id: int, unwanted: Iterable[int], now: datetime, *, most: int = 6
) -> list[tuple[SlotView, list[PersonView]]]:
    """For each slot to come that has a table left: who can be asked for it and takes short notice."""
    if own_id not in day.people or day.is_full(own_id):
        return []
    met = {view.other_of(own_id) for view in day.schedules.get(own_id, [])} | set(unwanted) | {own_id}
    keys = {pair_key(day, view.people) for view in day.meetings} - {""}
    others = [
        one
        for one in day.people.values()
        if one.id not in met
        and one.profile.takes_fill_ins
        and one.is_complete
        and not day.is_full(one.id)
        and pair_key(day, (own_id, one.id)) not in keys
    ]
    own = day.people[own_id].profile
    others.sort(key=lambda one: -score_match(own, one.profile))
    can = free_with_break(day, own_id)
    slots = [
        slot for slot in day.slots if slot.starts_at > now and slot.id in can and day.free_tables(slot.id)
    ]
    free = {one.id: free_with_break(day, one.id) for one in others} if slots else {}
    found = [(slot, [one for one in others if slot.id in free[one.id]][:most]) for slot in slots]
    return [(slot, people) for slot, people in found if people][:most]


def interest_groups(areas: Sequence[InterestView], language: str) -> list[dict[str, object]]:
    """Areas with their topics, as the macro of the form wants them."""
    return [
        {
            "value": area.slug,
            "label": area.label(language),
            "hint": "",
            "topics": [(topic.slug, topic.label(language)) for topic in area.topics],
        }
        for area in areas
    ]
