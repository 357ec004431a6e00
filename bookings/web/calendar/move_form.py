"""The form that gives a stop another time: day, start, length, and whose clocks are meant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange

from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.slots import LONGEST_STOP, SHORTEST_STOP, SlotPlan
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import YEARS, ClockField, DayField, Form, MinutesField, offer_both_times

_ZONES = ("Europe/Stockholm", "Europe/Helsinki", "UTC")
_LATEST = timedelta(days=3 * 366)
_MINUTE = timedelta(minutes=1)


class MoveForm(Form):
    """Where it goes. The clocks are those of `zone`."""

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
    zone = SelectField(_l("Whose clocks"))
    fold = RadioField(
        _l("The clocks are put back that night, so this time comes twice. Which one do you mean?"),
        choices=[],
        validate_choice=False,
    )

    starts_at: datetime

    @classmethod
    def for_plan(cls, plan: SlotPlan, zone: str, sent: Mapping[str, str] | None) -> "MoveForm":
        """The form with what was sent, else with the time of the plan on the clocks of its place."""
        local = to_local(plan.starts_at, zone)
        minutes = (plan.ends_at - plan.starts_at) // _MINUTE
        usual = {"day": local.date(), "starts": local.time(), "minutes": minutes, "zone": zone}
        form: MoveForm
        form = cls(formdata=_fill(sent, minutes, zone) if sent is not None else None, data=usual)
        form.zone.choices = [(one, _zone_label(one)) for one in dict.fromkeys((zone, *_ZONES))]
        return form

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

    def build_plan(self, plan: SlotPlan) -> SlotPlan:
        """The plan at the time of the form, once it is right."""
        ends_at = self.starts_at + timedelta(minutes=self.minutes.data or 0)
        return replace(plan, starts_at=self.starts_at, ends_at=ends_at)

    def _read_start(self) -> datetime:
        day, clock = self.day.data or date.min, self.starts.data or time()
        fold = int(self.fold.data) if self.fold.data in ("0", "1") else None
        return wall_to_instant(datetime.combine(day, clock), self.zone.data, fold=fold)


def _fill(sent: Mapping[str, str], minutes: int, zone: str) -> MultiDict[str, str]:
    """What was sent; who drags only says where to: the length stays, or follows from the new end."""
    values = {"minutes": str(minutes), "zone": zone, **dict(sent.items())}
    if "starts" not in values or "day" not in values:
        return MultiDict(values)
    length = _length(f"{values['day']}T{values['starts']}", values.get("until", ""), values["zone"])
    return MultiDict(values | ({"minutes": str(length)} if length else {}))


def _length(starts: str, until: str, zone: str) -> int | None:
    """Real minutes between two wall times: in the night when the clocks change not what they show."""
    try:
        walls = [datetime.fromisoformat(text) for text in (starts, until)]
        if zone not in _ZONES or any(wall.tzinfo or wall.year not in YEARS for wall in walls):
            return None
        start, end = (wall_to_instant(wall, zone, fold=0) for wall in walls)
    except (ValueError, TimeDoesNotExistError):
        return None
    return (end - start) // _MINUTE


def _zone_label(zone: str) -> str:
    known = {
        "Europe/Stockholm": _("Swedish time"), "Europe/Helsinki": _("Finnish time"), "UTC": _("UTC"),
    }  # fmt: skip
    return known.get(zone, zone)
