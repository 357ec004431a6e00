"""Somebody else answers for the delegation from now on."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.requests import Contact
from bookings.domain.text import clean_line
from bookings.domain.visits import OPEN_STATES, VisitState
from bookings.models.links import ActionLink
from bookings.models.visits import VisitRequest
from bookings.queries.programme import find_visit_id
from bookings.services.audit import add_audit
from bookings.services.invitations import open_visit
from bookings.services.outbox import Mail, queue_mail
from bookings.services.programme import tell_visitor
from bookings.services.visits.meanwhile import check_nothing_new
from bookings.settings import current_settings

_LONGEST_LINE = 254
_LONGEST_PHONE = 40


@retry_conflicts
def change_contact(
    reference: str, contact: Contact, *, seen: int | None = None, who: Who, now: datetime
) -> None:
    """Another person, or the same one with another address, answers for the delegation.

    With a new address the links of the old one end: the new one gets a mail with a fresh link, the old one is
    told. Hosts hear nothing: their invitations do not name the contact. The same again changes nothing.
    Raises TransitionNotAllowedError for a closed visit, TextNotAllowedError, RecordChangedError.
    """
    wanted = (
        clean_line(contact.name, max_length=_LONGEST_LINE),
        clean_line(contact.role, max_length=_LONGEST_LINE),
        clean_line(contact.email, max_length=_LONGEST_LINE),
        clean_line(contact.phone, max_length=_LONGEST_PHONE),
    )
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        check_nothing_new(session, visit.id, seen, now=now, about=("change_contact",))
        if VisitState(visit.state) not in OPEN_STATES:
            raise TransitionNotAllowedError("visit_request", str(visit.state), "change_contact")
        if wanted == (visit.contact_name, visit.contact_role, visit.contact_email, visit.contact_phone):
            return
        earlier = (visit.contact_email, visit.contact_name)
        visit.contact_name, visit.contact_role, visit.contact_email, visit.contact_phone = wanted
        visit.version += 1
        add_audit(
            session, who, "change_contact", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now,
        )  # fmt: skip
        if visit.contact_email.casefold() != earlier[0].casefold():
            _hand_over(session, visit, *earlier, now=now)


def _hand_over(session: Session, visit: VisitRequest, address: str, name: str, *, now: datetime) -> None:
    """One mail for each of the two; what the first one holds opens nothing any more."""
    purposes = (LinkPurpose.MANAGE_VISIT, LinkPurpose.VISIT_FEED)
    session.execute(
        update(ActionLink)
        .where(ActionLink.purpose.in_(purposes), ActionLink.subject_id == visit.id)
        .values(revoked_at=now)
    )
    tell_visitor(session, visit, "contact_new", now=now, earlier=name)
    words = {
        "recipient_name": name,
        "newcomer": visit.contact_name,
        "reference": visit.reference,
        "contact_address": current_settings().mail.contact_address,
    }
    mail = Mail(
        kind="contact_left",
        cause=f"visit:{visit.id}:contact_left:{visit.version}",
        recipient=address,
        recipient_name=name,
        language=visit.language,
        template="contact_left",
        context=words,
        visit_id=visit.id,
    )
    queue_mail(session, mail, now=now)
