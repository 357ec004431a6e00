"""Action links: what a secret link in a mail is good for."""

from enum import StrEnum


class LinkPurpose(StrEnum):
    RESUME_DRAFT = "resume_draft"
    VERIFY_REQUEST = "verify_request"
    NOT_ME = "not_me"
    MANAGE_VISIT = "manage_visit"
    ANSWER_SLOT = "answer_slot"
    CALENDAR_FEED = "calendar_feed"
    NEWSLETTER_CONFIRM = "newsletter_confirm"
    NEWSLETTER_UNSUBSCRIBE = "newsletter_unsubscribe"
