"""Staff: the questions of an event's registration form."""

from bookings.web.questions.views import staff_questions

__all__ = ["staff_questions"]
