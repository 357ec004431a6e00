"""What is asked of one person: who they are, what they choose, and the questions of the event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.adapters.addresses import parse_email
from bookings.domain.errors import TextNotAllowedError
from bookings.domain.events import Presence, choose_text
from bookings.domain.questions import read_answers
from bookings.domain.registrations import Person
from bookings.domain.spans import find_clash
from bookings.domain.text import clean_line
from bookings.domain.time import is_time_zone, local_day
from bookings.i18n import current_language, format_day, format_interval, main_time_zone, ngettext
from bookings.i18n import gettext as _
from bookings.queries.registrations.form import FormFacts, PartChoice
from bookings.web.asked import (
    Asked,
    AskedForm,
    Typed,
    build_fields,
    country_codes,
    list_agreed,
    list_consents,
    read_typed,
)
from bookings.web.registrations.shown import place_part

NAME_LENGTH, EMAIL_LENGTH, LINE_LENGTH = 100, 254, 200
_LONGEST_ZONE = 64


@dataclass(frozen=True)
class PartDay:
    """The parts of one local day: number in the field's row, part, words about it, chosen, to be had."""

    label: str
    parts: Sequence[tuple[int, PartChoice, str, bool, bool]]


class PersonForm(AskedForm):
    """Bound to what was sent, or to what is known of somebody."""

    def __init__(self, facts: FormFacts, typed: Typed, *, has_email: bool = True) -> None:
        self.facts, self.typed = facts, typed
        self.consents: dict[str, str] = {}
        self.answers: dict[str, str | list[str]] = {}
        self.name = self.line("name", _("Your full name"))
        self.email = self.line("email", _("E-mail address"), kind="email") if has_email else None
        self.organisation = self.line("organisation", _("Organisation"), is_optional=True)
        self.role = self.line("role", _("Your role"), is_optional=True)
        self.country = self.line("country", _("Country"), kind="country", is_optional=True)
        self.parts = Asked(
            name="parts",
            kind="parts",
            text=_("Which parts do you come to?"),
            data=list(typed.get("parts", ())),
        )
        self.questions = build_fields(facts.questions, typed, language=current_language())
        about = [self.name, self.email, self.organisation, self.role, self.country, self.parts]
        super().__init__([*(one for one in about if one), *self.questions])

    def line(self, name: str, text: str, *, kind: str = "text", is_optional: bool = False) -> Asked:
        """A field with what was typed into it."""
        return build_line(self.typed, name, text, kind=kind, is_optional=is_optional)

    def validate(self, *, keeps: Sequence[int] = ()) -> bool:
        """Everything is looked at, so that all that is wrong is said at once. `keeps`: parts held already."""
        clean(self.name, NAME_LENGTH, needed=_("Write your name."))
        if self.email:
            check_email(self.email, needed=_("Write your e-mail address."))
        clean(self.organisation, LINE_LENGTH)
        clean(self.role, NAME_LENGTH)
        self._check_country()
        self._check_parts(keeps)
        self._read_answers()
        return not self.errors

    def _check_country(self) -> None:
        if self.country.data and self.country.data not in country_codes():
            self.country.data, self.country.errors = "", [_("Choose one from the list.")]

    def _check_parts(self, keeps: Sequence[int]) -> None:
        known = {str(part.id): part for part in self.facts.chosen_parts}
        chosen = [known[one] for one in self.parts.data if one in known]
        self.parts.data = [str(part.id) for part in chosen]
        full = [part for part in chosen if part.left == 0 and part.id not in keeps]
        language = current_language()
        if full and not self.facts.has_waiting_list:
            names = ", ".join(choose_text(part.title, language) for part in full)
            self.parts.errors = [_("All places are taken: %(parts)s. Choose without it.", parts=names)]
        elif clash := find_clash(chosen):
            self.parts.errors = [
                _(
                    "“%(one)s” and “%(other)s” are at the same time. Choose one of them.",
                    one=choose_text(clash[0].title, language),
                    other=choose_text(clash[1].title, language),
                )
            ]

    def _read_answers(self) -> None:
        plans, typed = self.facts.questions, self.typed
        found = read_answers(
            plans, read_typed(plans, typed), consented=list_agreed(plans, typed), countries=country_codes()
        )
        self.answers, self.consents = found.answers, list_consents(plans, found)
        if found.problems:
            told = build_fields(plans, typed, language=current_language(), problems=found.problems)
            self.fields = [one for one in self.fields if one not in self.questions] + told
            self.questions = told

    @property
    def part_ids(self) -> tuple[int, ...]:
        return tuple(int(one) for one in self.parts.data)

    def build_person(self, *, email: str = "", time_zone: str = "", language: str = "") -> Person:
        """The person that the form describes; call after `validate`."""
        return Person(
            name=str(self.name.data),
            email=str(self.email.data) if self.email else email,
            role=str(self.role.data),
            organisation_name=str(self.organisation.data),
            country=str(self.country.data),
            language=language or current_language(),
            time_zone=time_zone or self.read_zone(),
            answers=self.answers,
            part_ids=self.part_ids,
        )

    def read_zone(self) -> str:
        """Of the reader's device, where it says so; else the main one of the country."""
        named = (self.typed.get("zone") or [""])[0][:_LONGEST_ZONE]
        if named and is_time_zone(named):
            return named
        return main_time_zone(str(self.country.data), otherwise=self.facts.time_zone)

    def list_part_days(self, *, now: datetime) -> list[PartDay]:
        """The parts to choose from by local day, numbered through."""
        days: dict[str, list[tuple[int, PartChoice, str, bool, bool]]] = {}
        for number, part in enumerate(self.facts.chosen_parts):
            label = format_day(local_day(part.starts_at, self.facts.time_zone))
            is_chosen = str(part.id) in self.parts.data
            can_be_had = part.starts_at > now and (part.left != 0 or self.facts.has_waiting_list)
            words = self._tell_part(part, now)
            days.setdefault(label, []).append((number, part, words, is_chosen, can_be_had or is_chosen))
        return [PartDay(label, parts) for label, parts in days.items()]

    def _tell_part(self, part: PartChoice, now: datetime) -> str:
        zone, where = place_part(part, self.facts.time_zone)
        words = [format_interval(part.starts_at, part.ends_at, zone), where]
        if self.facts.presence is Presence.BOTH:
            words.append(PRESENCES[part.presence]())
        words.append(_("has begun") if part.starts_at <= now else tell_left(part.left, self.facts))
        return " · ".join(word for word in words if word)


PRESENCES = {
    Presence.ON_SITE: lambda: _("on site"),
    Presence.ONLINE: lambda: _("online"),
    Presence.BOTH: lambda: _("on site and online"),
}


def tell_left(left: int | None, facts: FormFacts) -> str:
    """How many places are left; nothing where there is no end of them."""
    if left is None:
        return ""
    if left == 0:
        return _("full: you can stand in the queue") if facts.has_waiting_list else _("full")
    return ngettext("%(num)d place left", "%(num)d places left", left)


def build_line(typed: Typed, name: str, text: str, *, kind: str = "text", is_optional: bool = False) -> Asked:
    """A field with what was typed into it."""
    given = (typed.get(name) or [""])[0]
    return Asked(name=name, kind=kind, text=text, data=given, is_optional=is_optional)


def clean(field: Asked, longest: int, *, needed: str = "") -> None:
    """One line without control characters; what cannot be seen is taken out and said."""
    typed = str(field.data)
    try:
        field.data = clean_line(typed, max_length=longest)
    except TextNotAllowedError as error:
        if error.code == "too_long":
            field.errors = [_("Use at most %(count)s characters.", count=longest)]
            return
        field.data = "".join(c for c in typed if c.isprintable())[: longest * 2]
        field.errors = [
            _("This text held invisible control characters. We took them out: check it and continue.")
        ]
        return
    if needed and not field.data:
        field.errors = [needed]


def check_email(field: Asked, *, needed: str = "") -> None:
    """An address that a mail can go to."""
    clean(field, EMAIL_LENGTH, needed=needed)
    if field.errors or not field.data:
        return
    parsed = parse_email(str(field.data))
    if parsed is None:
        field.errors = [_("This is no e-mail address that we can write to. Write it like name@example.org.")]
    else:
        field.data = parsed
