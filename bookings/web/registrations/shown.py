"""Answers and chosen parts as they are read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bookings.db import read_session
from bookings.domain.events import choose_text
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.domain.time import local_day
from bookings.i18n import country_name, current_language, format_day, format_instant, format_interval
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.services.calendar import reads_other_clock
from bookings.web.event_texts import part_where, zone_of_part


def list_answers(plans: Sequence[QuestionPlan], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Question and answer in the reader's language, for a summary list; without those that were not asked."""
    language = current_language()
    return [
        {"key": choose_text(plan.label, language), "value": show_answer(plan, answers[plan.key])}
        for plan in plans
        if plan.key in answers
    ]


def show_answer(plan: QuestionPlan, answer: Any) -> str | list[str]:
    """An answer in words; a code that the question no longer has stays a code."""
    names = {option.code: choose_text(option.label, current_language()) for option in plan.options}
    if isinstance(answer, list):
        return [names.get(code, code) for code in map(str, answer)]
    text = str(answer)
    if plan.kind is QuestionKind.CONSENT:
        return _("Yes")
    if plan.kind is QuestionKind.COUNTRY:
        return country_name(text)
    if plan.kind is QuestionKind.DATE:
        return format_day(date.fromisoformat(text))
    return names.get(text, text)


def list_chosen(parts: Sequence[Any], event_zone: str, *, own_zone: str) -> list[dict[str, str]]:
    """The chosen parts with day and time on the clocks of their places, and the reader's own time where it is
    another one."""
    return [_show_part(part, event_zone, own_zone) for part in parts]


def _show_part(part: Any, event_zone: str, own_zone: str) -> dict[str, str]:
    zone, where = place_part(part, event_zone)
    is_other = reads_other_clock(part.starts_at, zone, own_zone)
    day = format_day(local_day(part.starts_at, zone))
    when = f"{day}, {format_interval(part.starts_at, part.ends_at, zone)}"
    return {
        "title": choose_text(part.title, current_language()),
        "words": " · ".join(word for word in (when, where) if word),
        "own_time": format_instant(part.starts_at, own_zone) if is_other else "",
    }


def place_part(part: Any, event_zone: str) -> tuple[str, str]:
    """The zone of a part's place, and the place in words. Only a host's site makes the directory be read."""
    if part.site_id is None:
        return event_zone, part.room
    directory = load_directory(read_session())
    return (
        zone_of_part(part.site_id, event_zone, directory),
        part_where(part.room, part.site_id, directory),
    )
