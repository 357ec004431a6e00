"""The states of a mail that came in: nothing to do, waiting for staff, or decided by staff."""

from enum import StrEnum

from bookings.domain.states import StateMachine


class InboxState(StrEnum):
    LOGGED = "logged"
    OPEN = "open"
    DECIDED = "decided"


class InboxAction(StrEnum):
    """What staff can do with a mail that waits for them."""

    COUNT = "count"
    ALIAS = "alias"
    DEPUTY = "deputy"
    IGNORE = "ignore"
    REPLY = "reply"


INBOX = StateMachine(
    "inbox_message", {(InboxState.OPEN, action): InboxState.DECIDED for action in InboxAction}
)
