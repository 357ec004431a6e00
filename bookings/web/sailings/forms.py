"""One row of the timetable, typed in."""

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, NumberRange, Optional

from bookings.domain.directory_rows import LONGEST_JOURNEY_MINUTES
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import ClockField, DayField, Form, MinutesField, OneLine

WEEKDAYS = (
    ("1", _l("Monday")),
    ("2", _l("Tuesday")),
    ("3", _l("Wednesday")),
    ("4", _l("Thursday")),
    ("5", _l("Friday")),
    ("6", _l("Saturday")),
    ("7", _l("Sunday")),
)
_LENGTH = _l("Write the length as a whole number of minutes, like 90.")


class SailingForm(Form):
    """A departure on days of the week, by the clock of its port."""

    origin = SelectField(_l("Port of departure"))
    target = SelectField(_l("Port of arrival"))
    departs_at = ClockField(
        _l("Departure, local time"), [DataRequired(_l("Write a time of the day, like 13:30."))]
    )
    minutes = MinutesField(
        _l("Minutes from port to port"),
        [DataRequired(_LENGTH), NumberRange(min=1, max=LONGEST_JOURNEY_MINUTES, message=_LENGTH)],
    )
    weekdays = SelectMultipleField(
        _l("Days of the week"), [DataRequired(_l("Choose at least one day of the week."))]
    )
    from_on = DayField(_l("First day"), [Optional()])
    to_on = DayField(_l("Last day"), [Optional()])
    note = StringField(_l("Note"), [Optional(), OneLine(254)])

    def as_cells(self) -> dict[str, str]:
        """The row as a file would have it, so that one set of rules checks both."""
        days = (self.from_on.data, self.to_on.data)
        first, last = (day.isoformat() if day else "" for day in days)
        return {
            "from": self.origin.data,
            "to": self.target.data,
            "departs": f"{self.departs_at.data:%H:%M}",
            "minutes": str(self.minutes.data),
            "weekdays": "".join(sorted(self.weekdays.data or [])),
            "from_date": first,
            "to_date": last,
            "check_in_minutes": "",
            "note": self.note.data or "",
        }
