"""Action links: what a secret link in a mail is good for."""

import base64
import hashlib
from enum import StrEnum


class LinkPurpose(StrEnum):
    RESUME_DRAFT = "resume_draft"
    VERIFY_REQUEST = "verify_request"
    NOT_ME = "not_me"
    MANAGE_VISIT = "manage_visit"
    ANSWER_SLOT = "answer_slot"
    HOST_PAGE = "host_page"
    CALENDAR_FEED = "calendar_feed"
    VISIT_FEED = "visit_feed"
    NEWSLETTER_CONFIRM = "newsletter_confirm"
    NEWSLETTER_UNSUBSCRIBE = "newsletter_unsubscribe"
    STAFF_INVITATION = "staff_invitation"
    STAFF_SIGN_IN = "staff_sign_in"
    VERIFY_REGISTRATION = "verify_registration"
    MANAGE_REGISTRATION = "manage_registration"
    REGISTRATION_FEED = "registration_feed"
    EVENT_DOOR = "event_door"
    ADVISER_PAGE = "adviser_page"


MAILED = 1
"""The sequence of a registration's link that left by mail: whoever has it reads that mailbox. Links that only
stand on a page prove nothing."""
TYPED = 2
"""That of the link with which whoever typed an address goes on: it proves nothing either, but nobody else has
it."""


def build_feed_token(page_token: str) -> str:
    """The token of the calendar feed that belongs to a visitor's page.

    It follows from the page's token and doesn't lead back to it: the page can show the feed's address
    though no token is stored, and whoever a calendar is shared with cannot call the visit off.
    """
    digest = hashlib.sha256(f"{LinkPurpose.VISIT_FEED}:{page_token}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def build_member_token(page_token: str, registration_id: int) -> str:
    """The token of a member's page, as the page of the one who registered the group shows it.

    It follows from that page's token and doesn't lead back to it.
    """
    purpose = LinkPurpose.MANAGE_REGISTRATION
    digest = hashlib.sha256(f"{purpose}:{registration_id}:{page_token}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
