"""1:1 meetings of a matchmaking day: set up, wished, asked for, solved, announced, changed, held, rated."""

from bookings.services.meetings.announcing import announce_meetings
from bookings.services.meetings.applying import (
    AppliedMatch,
    Replanned,
    apply_match,
    give_feedback,
    release_final,
    release_provisional,
)
from bookings.services.meetings.asking import (
    accept_request,
    ask_for_meeting,
    decline_request,
    expire_requests,
    withdraw_request,
)
from bookings.services.meetings.changing import (
    cancel_meeting,
    cancel_meeting_by_staff,
    follow_registrations,
    leave,
    move_meeting,
    pin_meeting,
)
from bookings.services.meetings.on_the_day import (
    find_rating_stage,
    rate_meeting,
    say_here,
    say_here_by_staff,
    settle_meeting,
)
from bookings.services.meetings.profiles import save_profile, set_wish, write_profile
from bookings.services.meetings.runs import (
    ClaimedMatch,
    MatchOutcome,
    ask_for_schedule,
    claim_match,
    end_match,
    keep_match,
    requeue_match,
    stop_match,
)
from bookings.services.meetings.setup import MeetingPlan, set_up_meetings
from bookings.services.meetings.standing_in import name_stand_in

__all__ = [
    "AppliedMatch",
    "ClaimedMatch",
    "MatchOutcome",
    "MeetingPlan",
    "Replanned",
    "accept_request",
    "announce_meetings",
    "apply_match",
    "ask_for_meeting",
    "ask_for_schedule",
    "cancel_meeting",
    "cancel_meeting_by_staff",
    "claim_match",
    "decline_request",
    "end_match",
    "expire_requests",
    "find_rating_stage",
    "follow_registrations",
    "give_feedback",
    "keep_match",
    "leave",
    "move_meeting",
    "name_stand_in",
    "pin_meeting",
    "rate_meeting",
    "release_final",
    "release_provisional",
    "requeue_match",
    "save_profile",
    "say_here",
    "say_here_by_staff",
    "set_up_meetings",
    "set_wish",
    "settle_meeting",
    "stop_match",
    "withdraw_request",
    "write_profile",
]
