"""Before and after an event: reminders, thanks, and the one-minute survey."""

from bookings.services.surveys.answering import answer_survey, export_survey
from bookings.services.surveys.reminding import ask_again, remind_people, thank_people

__all__ = ["answer_survey", "ask_again", "export_survey", "remind_people", "thank_people"]
