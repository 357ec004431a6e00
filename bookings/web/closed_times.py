"""From when until when something is closed: days and times on the clocks of its place, for several forms."""

from datetime import date, datetime, time
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import InputRequired, Optional

from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.time import wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.services.hosts import ClosurePlan
from bookings.web.errors import refusal_sentence
from bookings.web.forms import ClockField, DayField, Form, OneLine

_MAY_BE_EMPTY = Optional(strip_whitespace=True)


class ClosedTimeForm(Form):
    """The clocks are those of `clock_zone`, which a form names."""

    starts_on = DayField(_l("Closed from"), [InputRequired(_l("Choose the day."))])
    starts_at = ClockField(
        _l("At"), [_MAY_BE_EMPTY], description=_l("Time of the place. Empty: the whole day.")
    )
    ends_on = DayField(_l("Closed until"), [_MAY_BE_EMPTY], description=_l("Empty: until further notice."))
    ends_at = ClockField(_l("At"), [_MAY_BE_EMPTY], description=_l("Empty: that day is closed, too."))
    reason = StringField(_l("Why"), [_MAY_BE_EMPTY, OneLine(200)])

    plan: ClosurePlan

    @property
    def clock_zone(self) -> str:
        """Whose clocks are meant."""
        raise NotImplementedError

    def validate(self, extra_validators: Any = None) -> bool:
        """Shape first, then the clocks of the place."""
        if not super().validate(extra_validators):
            return False
        starts_at = self._instant(self.starts_on, self.starts_at, time(), fold=0)
        ends_at = self._instant(self.ends_on, self.ends_at, time.max, fold=1) if self.ends_on.data else None
        if starts_at is None or (self.ends_on.data and ends_at is None):
            return False
        if ends_at is not None and ends_at <= starts_at:
            self.ends_on.errors = [_("The end has to be after the start.")]
            return False
        self.plan = ClosurePlan(starts_at=starts_at, ends_at=ends_at, reason=self.reason.data or "")
        return True

    def _instant(self, on: Field, at: Field, otherwise: time, *, fold: int) -> datetime | None:
        wall = datetime.combine(on.data or date.min, at.data or otherwise)
        try:
            return wall_to_instant(wall, self.clock_zone, fold=fold)
        except TimeDoesNotExistError as error:
            at.errors = [*at.errors, refusal_sentence(error)]
            return None
