"""The form that gives a stop another time: day, start, length, and whose clocks are meant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.slots import SlotPlan
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import YEARS
from bookings.web.stop_times import StopTimeForm
from bookings.web.texts import clock_words

_ZONES = ("Europe/Stockholm", "Europe/Helsinki", "UTC")
_MINUTE = timedelta(minutes=1)


class MoveForm(StopTimeForm):
    """Where it goes. The clocks are those of `zone`."""

    zone = SelectField(_l("Whose clocks"))

    @property
    def clock_zone(self) -> str:
        return str(self.zone.data)

    @classmethod
    def for_plan(cls, plan: SlotPlan, zone: str, sent: Mapping[str, str] | None) -> "MoveForm":
        """The form with what was sent, else with the time of the plan on the clocks of its place."""
        local = to_local(plan.starts_at, zone)
        minutes = (plan.ends_at - plan.starts_at) // _MINUTE
        usual = {"day": local.date(), "starts": local.time(), "minutes": minutes, "zone": zone}
        usual["reason"] = plan.reason
        form: MoveForm
        form = cls(formdata=_fill(sent, minutes, zone) if sent is not None else None, data=usual)
        form.zone.choices = [(one, clock_words(one)) for one in dict.fromkeys((zone, *_ZONES))]
        return form

    def build_plan(self, plan: SlotPlan) -> SlotPlan:
        """The plan at the time of the form, once it is right."""
        reason = self.reason.data or ""
        return replace(plan, starts_at=self.starts_at, ends_at=self.ends_at, reason=reason)


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
