"""What both pages of a door show: counts, the people that were looked for, and the forms."""

from dataclasses import dataclass
from typing import Any

from flask import flash, request

from bookings.db import read_session
from bookings.domain.doors import Answer
from bookings.domain.events import choose_text
from bookings.i18n import current_language
from bookings.queries.doors import (
    MOST_FOUND,
    Counts,
    DoorEvent,
    DoorPerson,
    Section,
    count_doors,
    find_door_people,
)
from bookings.web.doors.words import TONES, tell_answer
from bookings.web.security import form_key

_LONGEST_SEARCH = 100


@dataclass(frozen=True, kw_only=True)
class DoorPage:
    """All that the templates read."""

    event: DoorEvent
    title: str
    counts: Counts
    text: str
    door: str
    part: Section | None
    people: list[DoorPerson]
    is_cut: bool

    def title_of(self, section: Section) -> str:
        """A part's or a ticket's name in the reader's language."""
        return choose_text(section.title, current_language())

    def is_inside(self, person: DoorPerson) -> bool:
        """Is the person in: at the event, or in the part that this door is for?"""
        return (self.part.id if self.part else 0) in person.inside

    def fields(self, person: DoorPerson) -> dict[str, Any]:
        """The hidden fields of a person's button."""
        return {
            "client_key": form_key(),
            "person": person.id,
            "kind": "undo" if self.is_inside(person) else "in",
            **self.kept,
        }

    @property
    def key(self) -> str:
        """A one-time key for the form of a badge."""
        return form_key()

    @property
    def kept(self) -> dict[str, Any]:
        """What stays from form to form: which door, which part, and what was looked for."""
        values = {"door": self.door, "part": self.part.id if self.part else "", "text": self.text}
        return {name: value for name, value in values.items() if value}


def build_door_page(event: DoorEvent) -> DoorPage:
    """The page as the address asks for it."""
    session = read_session()
    text, door = (request.args.get(name, "")[:_LONGEST_SEARCH].strip() for name in ("text", "door"))
    people = find_door_people(session, event, text)
    part = next((one for one in event.parts if str(one.id) == request.args.get("part", "")), None)
    return DoorPage(
        event=event,
        title=choose_text(event.title, current_language()),
        counts=count_doors(session, event),
        text=text,
        door=door,
        part=part,
        people=people,
        is_cut=len(people) == MOST_FOUND,
    )


def flash_answer(answer: Answer | None, event: DoorEvent, otherwise: str) -> None:
    """Say what became of a form's scan."""
    if answer is None:
        flash(otherwise, "error")
    else:
        flash(tell_answer(answer, event.time_zone), TONES.get(answer.code, "error"))


def kept_of_form() -> dict[str, Any]:
    """What the next page begins with."""
    return {
        name: value[:_LONGEST_SEARCH]
        for name in ("door", "part", "text")
        if (value := request.form.get(name, ""))
    }
