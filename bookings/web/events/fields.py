"""What the forms of events share: three languages, whole numbers, and times on the clocks of a place."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from wtforms import Field

from bookings.domain.errors import MailingNotUsableError, TimeDoesNotExistError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.events import LANGUAGES, Texts
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.web.errors import refusal_sentence
from bookings.web.forms import BoundedIntegerField, Form

_LARGEST = 1_000_000


class WholeField(BoundedIntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(text.strip() for text in valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a whole number.")) from None
        if self.data is not None and not 0 <= self.data <= _LARGEST:
            self.data = None
            raise ValueError(_("Write a whole number."))


class EventForm(Form):
    """A form whose refusals stand beside the field that they are about."""

    zone: Any
    starts_on: Any
    ends_on: Any

    def texts_of(self, name: str) -> Texts:
        """What was written in each language; empty ones are left out."""
        found = {code: self[f"{name}_{code}"].data or "" for code in LANGUAGES}
        return {code: text for code, text in found.items() if text}

    def three(self, name: str) -> dict[str, Field]:
        """The fields of one text by language."""
        return {code: self[f"{name}_{code}"] for code in LANGUAGES}

    def put_texts(self, name: str, texts: Texts) -> None:
        """The texts as they are stored."""
        for code in LANGUAGES:
            self[f"{name}_{code}"].data = texts.get(code, "")

    def put_moment(self, name: str, moment: datetime | None, zone: str) -> None:
        """Day and clock of a moment, as the place has them."""
        if moment is not None:
            local = to_local(moment, zone)
            self[f"{name}_on"].data, self[f"{name}_at"].data = local.date(), local.time().replace(second=0)

    def end_on_first_day(self) -> None:
        """Without a last day it ends on the day on which it begins."""
        if self.ends_on.data is None:
            self.ends_on.data = self.starts_on.data

    def moment(self, name: str, zone: str, *, otherwise: time | None = None) -> datetime | None:
        """The moment that day and clock name; of a time that comes twice, the earlier.

        A time that the clocks leave out, or a clock without a day, is an error beside the field.
        """
        on, at = self[f"{name}_on"], self[f"{name}_at"]
        clock = at.data or otherwise
        if on.data is None:
            if at.data is not None:
                on.errors = [*on.errors, _("Choose the day.")]
            return None
        if clock is None:
            at.errors = [*at.errors, _("Write a time of the day, like 13:30.")]
            return None
        try:
            return wall_to_instant(datetime.combine(on.data, clock), zone, fold=0)
        except TimeDoesNotExistError as error:
            at.errors = [*at.errors, refusal_sentence(error)]
            return None

    @property
    def has_problems(self) -> bool:
        """Was anything found wrong, by the form or after it?"""
        return any(field.errors for field in self)

    def attempt(self, act: Callable[[], Any]) -> bool:
        """Do it; what is refused stands beside its field. Other refusals go on."""
        try:
            act()
        except (EventNotUsableError, MailingNotUsableError) as error:
            field = self._field_of(error.field)
            field.errors = [*field.errors, refusal_sentence(replace(error))]
            return False
        return True

    def _field_of(self, name: str) -> Field:
        names = (name, f"{name}_en", f"{name.removesuffix('_at')}_on", name.removesuffix("_id"))
        found: Iterable[Field] = (self[one] for one in names if one in self)
        return next(iter(found), next(iter(self)))
