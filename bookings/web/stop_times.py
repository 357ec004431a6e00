"""When a stop is: a day, a start and a length on the clocks of a zone. Forms of stops stand on it."""

from datetime import date, datetime, time, timedelta

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.slots import LONGEST_STOP, SHORTEST_STOP
from bookings.domain.time import wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import ClockField, DayField, Form, MinutesField, SeveralLines, offer_both_times

_LATEST = timedelta(days=3 * 366)
_MINUTE = timedelta(minutes=1)


class ReasonForm(Form):
    """Why a stop changes or goes."""

    reason = TextAreaField(
        _l("Why it changes"),
        [Optional(), SeveralLines(500)],
        description=_l("The host reads it with the mail. Empty: no reason is given."),
    )


class StopTimeForm(ReasonForm):
    """The clocks are those of `clock_zone`, which a form names."""

    day = DayField(_l("Day"), [InputRequired(_l("Choose the day."))])
    starts = ClockField(_l("Start"), [InputRequired(_l("Type the time at which it starts."))])
    minutes = MinutesField(
        _l("Length in minutes"),
        [
            InputRequired(_l("Type how many minutes it takes.")),
            NumberRange(
                SHORTEST_STOP // _MINUTE,
                LONGEST_STOP // _MINUTE,
                _l("Type a length between 15 minutes and 12 hours."),
            ),
        ],
    )
    fold = RadioField(
        _l("The clocks are put back that night, so this time comes twice. Which one do you mean?"),
        choices=[],
        validate_choice=False,
    )

    starts_at: datetime

    @property
    def clock_zone(self) -> str:
        """Whose clocks are meant."""
        raise NotImplementedError

    @property
    def ends_at(self) -> datetime:
        """When it is over, once the form is right."""
        return self.starts_at + timedelta(minutes=self.minutes.data or 0)

    def is_right(self, *, now: datetime) -> bool:
        """Shape first, then the clocks: a time that is missing or comes twice is told there."""
        if not self.validate():
            return False
        try:
            self.starts_at = self._read_start()
        except TimeDoesNotExistError as error:
            self.starts.errors = [refusal_sentence(error)]
        except TimeIsAmbiguousError as error:
            offer_both_times(self.fold, error)
        else:
            if not now < self.starts_at < now + _LATEST:
                self.day.errors = [_("Choose a day in the future, at most three years ahead.")]
        return not self.errors

    def _read_start(self) -> datetime:
        day, clock = self.day.data or date.min, self.starts.data or time()
        fold = int(self.fold.data) if self.fold.data in ("0", "1") else None
        return wall_to_instant(datetime.combine(day, clock), self.clock_zone, fold=fold)
