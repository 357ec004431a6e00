"""The survey's words: what a score and an outcome mean."""

from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import SurveyOutcome
from bookings.i18n import lazy_gettext as _l

SCORES = {
    "5": _l("5 – very useful"),
    "4": _l("4 – useful"),
    "3": _l("3 – neither"),
    "2": _l("2 – of little use"),
    "1": _l("1 – of no use"),
}
OUTCOMES = {
    SurveyOutcome.LEARNED: _l("I learned something that I use"),
    SurveyOutcome.CONTACT: _l("A new contact"),
    SurveyOutcome.MEETING: _l("A meeting after the event, held or agreed"),
    SurveyOutcome.OFFER: _l("An offer or a joint application"),
    SurveyOutcome.COOPERATION: _l("Work together has begun"),
    SurveyOutcome.DEAL: _l("A contract or a sale"),
}
STAGES = {
    SurveyStage.DAY_1: _l("The day after"),
    SurveyStage.DAY_180: _l("Half a year later"),
}
