"""People: who works here, in which role, for which towns; and the way in for those who are invited."""

from bookings.web.people.invitation_views import staff_invitations
from bookings.web.people.views import staff_people

__all__ = ["staff_invitations", "staff_people"]
