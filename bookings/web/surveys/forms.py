"""The form of the survey: one question that has to be answered, two that may be."""

from typing import Any

from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Optional

from bookings.domain.surveys import LONGEST_COMMENT, Opinion, SurveyOutcome
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, SeveralLines
from bookings.web.survey_texts import OUTCOMES, SCORES


class SurveyForm(Form):
    """One minute."""

    score = RadioField(
        _l("How useful was the event for you?"),
        validators=[InputRequired(_l("Choose one of the five."))],
    )
    outcomes = SelectMultipleField(
        _l("What came of it so far?"),
        description=_l("Tick all that fit."),
        validators=[Optional()],
    )
    comment = TextAreaField(
        _l("What should we do otherwise next time?"), validators=[Optional(), SeveralLines(LONGEST_COMMENT)]
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.score.choices = list(SCORES.items())
        self.outcomes.choices = [(outcome.value, label) for outcome, label in OUTCOMES.items()]

    @classmethod
    def of(cls, given: Opinion | None) -> "SurveyForm":
        """The form, with what was said before."""
        values: dict[str, Any] = {}
        if given is not None:
            values = {"score": str(given.score), "outcomes": list(given.outcomes), "comment": given.comment}
        form: SurveyForm = cls(data=values)
        return form

    @property
    def opinion(self) -> Opinion:
        """What was said; only of a form that is valid."""
        return Opinion(
            score=int(self.score.data),
            outcomes=tuple(SurveyOutcome(name) for name in self.outcomes.data or ()),
            comment=self.comment.data or "",
        )
