"""What a host types: a reason, or up to three other times in the zone of the place."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import Field, FormField, RadioField, TextAreaField
from wtforms.validators import Optional

from bookings.domain.errors import (
    BookingError,
    ProposedTimeNotUsableError,
    TimeDoesNotExistError,
    TimeIsAmbiguousError,
)
from bookings.domain.slots import MAX_PROPOSED_TIMES, Asked, check_proposed_times
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import ClockField, DayField, Form, SeveralLines

_LONGEST = 1000
_OF_THE_END = ("order", "short", "long")
Times = tuple[datetime, datetime]


class DeclineForm(Form):
    """Why the host cannot."""

    reason = TextAreaField(
        _l("Why not?"),
        [Optional(strip_whitespace=False), SeveralLines(_LONGEST)],
        description=_l("The coordinators read it, and look for somebody else or another time."),
    )


class TimeRow(Form):
    """One other time: a day and two clock times at the place."""

    day = DayField(_l("Day"), format=["%Y-%m-%d", "%d.%m.%Y"])
    starts = ClockField(_l("Starts"), format=["%H:%M", "%H.%M", "%H:%M:%S"])
    ends = ClockField(_l("Ends"), format=["%H:%M", "%H.%M", "%H:%M:%S"])
    which = RadioField(
        _l("The clocks are put back that night, so this time comes twice. Which one do you mean?"),
        [Optional()],
        choices=[],
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        # Asked only where it has to be answered.
        self.which.flags.optional = False
        self.which.choices = [("0", _("The first one, summer time")), ("1", _("The second one, winter time"))]

    @property
    def is_empty(self) -> bool:
        """Was nothing typed into this row?"""
        return not any((field.raw_data or [""])[0].strip() for field in (self.day, self.starts, self.ends))

    @property
    def asks_which(self) -> bool:
        """Does the question about the two equal times belong on the page?"""
        return bool(self.which.errors or self.which.data)

    def read(self, zone: str) -> Times | None:
        """The two instants, or None with a message beside the field that is wrong."""
        for field in (self.day, self.starts, self.ends):
            if field.data is None and not field.errors:
                _say(field, _("Fill in the day and both times."))
        if self.day.errors or self.starts.errors or self.ends.errors:
            return None
        if self.day.data is None:
            return None
        starts_at = self._instant(self.day.data, self.starts, zone)
        ends_at = self._instant(self.day.data, self.ends, zone) if starts_at else None
        return (starts_at, ends_at) if starts_at and ends_at else None

    def _instant(self, day: date, field: Field, zone: str) -> datetime | None:
        fold = int(self.which.data) if self.which.data in ("0", "1") else None
        try:
            return wall_to_instant(datetime.combine(day, field.data), zone, fold=fold)
        except TimeDoesNotExistError as error:
            _say(field, refusal_sentence(error))
        except TimeIsAmbiguousError as error:
            _say(self.which, refusal_sentence(error))
        return None


class ProposeForm(Form):
    """Up to three other times and a word about them."""

    time1 = FormField(TimeRow)
    time2 = FormField(TimeRow)
    time3 = FormField(TimeRow)
    comment = TextAreaField(_l("A word about it"), [Optional(strip_whitespace=False), SeveralLines(_LONGEST)])

    @property
    def rows(self) -> tuple[TimeRow, ...]:
        """The rows in their order."""
        return (self.time1.form, self.time2.form, self.time3.form)

    def read_times(self, asked: Asked, *, now: datetime) -> list[Times]:
        """The times of all rows; what cannot be used has its message beside the field."""
        if not self.validate() and not any(row.errors for row in self.rows):
            return []
        if all(row.is_empty for row in self.rows):
            _say(self.rows[0].day, refusal_sentence(ProposedTimeNotUsableError("none")))
        found = []
        for row in self.rows:
            times = None if row.is_empty else row.read(asked.time_zone)
            if times and _is_usable(row, times, asked=asked, now=now):
                found.append(times)
        return found

    @property
    def is_wrong(self) -> bool:
        """Is there a message beside any field?"""
        return bool(self.comment.errors or any(row.errors for row in self.rows))


def propose_from(starts: Sequence[datetime], *, length: timedelta, zone: str) -> ProposeForm:
    """The form filled in with times that are free."""
    rows = [_row_of(to_local(start, zone), to_local(start + length, zone)) for start in starts]
    data = {f"time{number}": row for number, row in enumerate(rows[:MAX_PROPOSED_TIMES], start=1)}
    return ProposeForm(formdata=None, data=data)


def _row_of(start: datetime, end: datetime) -> dict[str, date | time]:
    return {"day": start.date(), "starts": start.time(), "ends": end.time()}


def _is_usable(row: TimeRow, times: Times, *, asked: Asked, now: datetime) -> bool:
    try:
        check_proposed_times([times], asked=asked, now=now)
    except BookingError as error:
        is_length = isinstance(error, ProposedTimeNotUsableError) and error.code in _OF_THE_END
        _say(row.ends if is_length else row.day, refusal_sentence(error))
        return False
    return True


def _say(field: Field, sentence: str) -> None:
    field.errors = [*field.errors, sentence]
