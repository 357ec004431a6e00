"""What staff write down as a task."""

from typing import Any

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Optional

from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import DayField, Form, SeveralLines
from bookings.web.task_texts import TASK_KINDS


class DatesForm(Form):
    """Until when, and who: all that can be changed of a task that a rule made."""

    due_on = DayField(_l("Due on"), [Optional()])
    owner = SelectField(_l("Done by"), choices=[], coerce=int, default=0)


class TaskForm(DatesForm):
    """A task in staff's own words."""

    text = TextAreaField(
        _l("What is to be done?"), [DataRequired(_l("Write what is to be done.")), SeveralLines(500)]
    )


class NewTaskForm(TaskForm):
    """A new one."""

    kind = RadioField(_l("Kind of task"), choices=[], default="own")

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = [(str(kind), str(label)) for kind, label in TASK_KINDS.items()]
