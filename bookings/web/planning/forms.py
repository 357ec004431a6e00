"""What staff set for the planner: what each thing is worth."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange

from bookings.i18n import lazy_gettext as _l
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.web.forms import BoundedIntegerField, Form

_MOST_POINTS = 1000
_OUTSIDE = _l("Write a whole number between 0 and 1000.")

LABELS: dict[str, str] = {
    "area": _l("An area of interest that is covered"),
    "area_again": _l("The same area once more"),
    "topic": _l("A topic that was asked for"),
    "topic_again": _l("The same topic once more"),
    "wanted": _l("A host that the visitor asked for"),
    "town_first": _l("A town that the visitor named"),
    "town": _l("Another stop in such a town"),
    "experience": _l("A host known to receive visits"),
    "kind": _l("Another kind of host"),
    "newcomer": _l("A host that was never asked"),
    "long_unasked": _l("A host that was not asked for half a year"),
    "load_visit": _l("Cost of each visit that a host had in 12 months"),
    "load_hour": _l("Cost of each hour that a host gave in 12 months"),
    "largest_load": _l("The highest cost of a host's load"),
    "travel_hour": _l("Cost of an hour on the road"),
    "crossing": _l("Cost of a crossing by ferry"),
    "waiting_hour": _l("Cost of an hour of waiting"),
    "keep_asked": _l("A slot that stays where its host was asked"),
}


class _WeightField(BoundedIntegerField):
    """Whole points."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_OUTSIDE) from None


class WeightsForm(Form):
    """One number for each weight, and whether the visitor's own hosts have to be in."""

    sent_to = "programmes"

    needs_wanted = BooleanField(_l("The hosts that the visitor asked for have to be in"))

    @property
    def points(self) -> dict[str, int]:
        """The weights as they were typed."""
        return {name: int(self[name].data) for name in WEIGHT_NAMES}


for _name in WEIGHT_NAMES:
    setattr(
        WeightsForm,
        _name,
        _WeightField(
            LABELS[_name], [InputRequired(_OUTSIDE), NumberRange(min=0, max=_MOST_POINTS, message=_OUTSIDE)]
        ),
    )


def fill_in(points: Mapping[str, int], *, needs_wanted: bool) -> WeightsForm:
    """The form with the weights of a run, or of the installation."""
    values: dict[str, Any] = {name: points[name] for name in WEIGHT_NAMES}
    return WeightsForm(formdata=None, data={**values, "needs_wanted": needs_wanted})
