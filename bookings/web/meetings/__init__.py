"""1:1 meetings over HTTP: a participant's own pages, and those of staff."""

from bookings.web.meetings import acts, rating_views, staff_acts, views
from bookings.web.meetings.own import meetings
from bookings.web.meetings.staff_views import staff_meetings

__all__ = ["acts", "meetings", "rating_views", "staff_acts", "staff_meetings", "views"]
