"""A proposed programme with what staff change in it, stop by stop, before it is applied."""

from datetime import datetime
from typing import Any

from flask import request
from wtforms import RadioField

from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.planning import Pin, ProgrammeWishes
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.planner.plan import Plan, PlannedStop
from bookings.queries.planning.results import RunView
from bookings.web.errors import refusal_sentence
from bookings.web.forms import ClockField, DayField, Form
from bookings.web.planning.words import Teller

_STEP_MINUTES = 15
_CHOICES = [
    ("may", _l("May change")),
    ("stay", _l("Stays as it is")),
    ("time", _l("Takes place at another time")),
    ("out", _l("Is left out")),
]


class ChangeForm(Form):
    """What becomes of each stop; `rows` are its fields by what the stop shows."""

    sent_to = "change"

    number: int
    rows: dict[str, dict[str, Any]]
    stops: tuple[PlannedStop, ...]
    wishes: ProgrammeWishes

    def is_right(self, *, keeps_rest: bool, left_out: tuple[str, ...]) -> bool:
        """Shape first, then the clocks of the places; then `wishes` says what the planner is asked."""
        is_shaped = self.validate()
        pins: list[Pin] = []
        gone = list(left_out)
        for stop in self.stops:
            row = self.rows[stop.candidate]
            what = row["what"].data
            if what == "out":
                gone.append(stop.host)
            elif what == "time":
                pins.append(Pin(stop.candidate, stop.host, self._read_start(stop, row)))
            elif what == "stay" or keeps_rest:
                pins.append(Pin(stop.candidate, stop.host, stop.starts_at))
        self.wishes = ProgrammeWishes(tuple(pins), tuple(dict.fromkeys(gone)))
        return is_shaped and not self.errors

    def _read_start(self, stop: PlannedStop, row: dict[str, Any]) -> datetime | None:
        day, clock = row["day"], row["clock"]
        if day.data is None or clock.data is None:
            clock.errors = [_("Write the day and the time.")]
            return None
        if clock.data.minute % _STEP_MINUTES or clock.data.second:
            clock.errors = [_("Choose a time on a quarter of an hour.")]
            return None
        try:
            return wall_to_instant(datetime.combine(day.data, clock.data), stop.zone)
        except (TimeDoesNotExistError, TimeIsAmbiguousError) as error:
            clock.errors = [refusal_sentence(error)]
            return None


def build_change_form(number: int, run: RunView, teller: Teller, *, is_sent: bool = False) -> ChangeForm:
    """The form of one programme of a run. Stops that stand already are changed where they are."""
    plan: Plan = run.programmes[number - 1].plan
    stops = tuple(stop for stop in plan.stops if not stop.fixed_key)
    pinned = {(pin.candidate, pin.starts_at) for pin in run.wishes.pins}
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    names: dict[str, dict[str, str]] = {}
    for place, stop in enumerate(stops):
        row = {part: f"{part}_{number}_{place}" for part in ("what", "day", "clock")}
        host = teller.host(stop.host)
        fields[row["what"]] = RadioField(_("What becomes of %(host)s", host=host), choices=[])
        fields[row["day"]] = DayField(_("Day"))
        fields[row["clock"]] = ClockField(_("Start, by the clocks of the place"))
        local = to_local(stop.starts_at, stop.zone)
        stays = (stop.candidate, stop.starts_at) in pinned
        values |= {
            row["what"]: "stay" if stays else "may",
            row["day"]: local.date(),
            row["clock"]: local.time(),
        }
        names[stop.candidate] = row
    kind = type("ProgrammeForm", (ChangeForm,), fields)
    form: ChangeForm = kind(formdata=request.form if is_sent else None, data=values)
    for row in names.values():
        form[row["what"]].choices = list(_CHOICES)
    form.number, form.stops, form.wishes = number, stops, run.wishes
    form.rows = {
        candidate: {part: form[name] for part, name in row.items()} for candidate, row in names.items()
    }
    return form
