"""A request that reached staff by telephone or mail: they write it down, its visitor agrees and sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from bookings.db import retry_conflicts, table_of, transaction
from bookings.domain.audit import Who
from bookings.i18n import MAIL_LANGUAGE, format_day, in_language
from bookings.models.visits import VisitDraft
from bookings.queries.newsletter import is_stopped
from bookings.queries.requests import find_draft
from bookings.services.audit import add_audit
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.settings import current_settings


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who gets the written request to read, and in which language we write."""

    name: str
    address: str
    language: str


@retry_conflicts
def hand_over_draft(token: str, reader: Reader, *, who: Who, now: datetime) -> bool:
    """Mail the link of the form to its visitor and keep what is written for the whole time once more. Nothing
    is sent as a request: the agreement about the costs is the visitor's to give.

    False when this mailbox wants no mails of ours, or the request was sent meanwhile. Raises
    LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        draft = find_draft(session, token, now=now, lock=True)
        if draft.visit_id is not None or is_stopped(session, reader.address):
            return False
        expires_at = now + timedelta(days=current_settings().visits.draft_days)
        drafts = table_of(VisitDraft)
        session.execute(update(drafts).where(drafts.c.id == draft.id).values(expires_at=expires_at))
        with in_language(reader.language):
            until = format_day(expires_at.date())
        mail = Mail(
            kind="request_written",
            cause=f"draft:{draft.id}:written:{now.isoformat()}",
            recipient=reader.address,
            recipient_name=reader.name,
            language=reader.language,
            template="request_written",
            context={
                "form_url": site_url("book.check", token=token, **{MAIL_LANGUAGE: reader.language}),
                "until": until,
                "contact_address": current_settings().mail.contact_address,
            },
        )
        queue_mail(session, mail, now=now)
        add_audit(session, who, "hand_over_draft", noun="visit_draft", subject_id=draft.id, now=now)
        return True
