"""Sending a request: one form, one request, however often the button is pressed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookings.db import table_of, transaction
from bookings.domain.agreement import check_costs_accepted, hash_clause
from bookings.domain.limits import Allowance, list_request_limits
from bookings.domain.references import build_reference
from bookings.domain.requests import NewRequest, Sending
from bookings.domain.text import shorten_address
from bookings.domain.visits import VisitState
from bookings.models.visits import Agreement, ReferenceCounter, VisitRequest
from bookings.queries.directory import load_directory
from bookings.queries.newsletter import is_stopped
from bookings.queries.requests import find_draft
from bookings.services.agreement import build_clause
from bookings.services.audit import add_audit
from bookings.services.limits import count_act
from bookings.services.newsletter import Wish, add_newsletter_wish
from bookings.services.requests.drafts import settle_draft
from bookings.services.requests.parts import Row, add_parts, list_columns, list_parts
from bookings.services.requests.proof import VISITOR, queue_verification
from bookings.settings import current_settings

_REQUESTS, _COUNTERS = table_of(VisitRequest), table_of(ReferenceCounter)
# One statement counts and locks; a read before a write would give one number twice.
_NEXT_NUMBER = {
    name: insert_here(_COUNTERS)
    .values(year=bindparam("year"), last_number=1)
    .on_conflict_do_update(index_elements=["year"], set_={"last_number": _COUNTERS.c.last_number + 1})
    .returning(_COUNTERS.c.last_number)
    for name, insert_here in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_EARLIER = select(_REQUESTS.c.id, _REQUESTS.c.reference).where(_REQUESTS.c.form_key == bindparam("form_key"))


@dataclass(frozen=True)
class Submitted:
    """A sent request; the token proves the address and leaves by mail only (None when held or repeated)."""

    visit_id: int
    reference: str
    verify_token: str | None = None


def submit_request(
    wish: NewRequest, *, sent: Sending, draft_token: str | None = None, now: datetime
) -> Submitted:
    """Turn a complete form into a request that waits for the proof of its address.

    The same form sent again answers with the same request. Over the limits against abuse, or when it looks
    automatic, the request waits for moderation and no mail goes out. Raises CostsNotAcceptedError,
    LinkNotFoundError, LinkExpiredError.
    """
    with transaction() as session:
        draft = find_draft(session, draft_token, now=now, lock=True) if draft_token else None
        if earlier := _find_earlier(session, sent.form_key):
            return earlier
        check_costs_accepted(
            is_accepted=sent.accepts_costs,
            version=sent.clause_version,
            current_version=build_clause(now=now).version,
        )
        is_held = _has_to_wait(session, wish, sent, now=now)
        visit = _add_visit(session, wish, sent, is_held=is_held, now=now)
        settle_draft(session, draft, visit_id=visit.id)
        add_audit(
            session, VISITOR, "submit", noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now,
            is_held=is_held,
        )  # fmt: skip
        if sent.wants_newsletter:
            _add_wish(session, visit, sent, now=now)
        token = None if is_held else queue_verification(session, visit, now=now)
        return Submitted(visit.id, visit.reference, token)


def _find_earlier(session: Session, form_key: str) -> Submitted | None:
    row = session.execute(_EARLIER, {"form_key": form_key}).one_or_none()
    return Submitted(row[0], row[1]) if row else None


def _has_to_wait(session: Session, wish: NewRequest, sent: Sending, *, now: datetime) -> bool:
    limits = current_settings().limits
    allowance = Allowance(
        limits.requests_per_mailbox_day, limits.requests_per_client_hour, limits.requests_per_network_hour
    )
    # All are asked, so that each request takes the same time whatever is known about its address.
    is_over = count_act(
        session, list_request_limits(wish.contact.email, sent.client_address, allowance), now=now
    )
    return is_stopped(session, wish.contact.email) or is_over or sent.looks_automatic


def _add_visit(
    session: Session, wish: NewRequest, sent: Sending, *, is_held: bool, now: datetime
) -> VisitRequest:
    visit = VisitRequest(
        reference=take_reference(session, now.year),
        form_key=sent.form_key,
        state=VisitState.UNVERIFIED,
        language=sent.language,
        **list_columns(wish),
        contact_name=wish.contact.name,
        contact_role=wish.contact.role,
        contact_email=wish.contact.email,
        contact_phone=wish.contact.phone,
        contact_time_zone=wish.contact.time_zone,
        created_at=now,
        state_changed_at=now,
        answer_by=now + timedelta(hours=current_settings().visits.unverified_hours),
        is_held_for_moderation=is_held,
    )
    session.add(visit)
    session.flush()
    found = [load_directory(session).find_published(slug) for slug in wish.wanted_hosts]
    add_parts(session, visit.id, list_parts(session, wish, [host for host in found if host]))
    add_parts(session, visit.id, {Agreement: [_build_agreement(sent, now=now)]})
    return visit


def take_reference(session: Session, year: int) -> str:
    """The next reference of a year. Part of use cases."""
    number = session.scalar(_NEXT_NUMBER[session.get_bind().dialect.name], {"year": year})
    return build_reference(year, number or 1)


def _build_agreement(sent: Sending, *, now: datetime) -> Row:
    return {
        "version": sent.clause_version,
        "language": sent.language,
        "text": sent.clause_text,
        "text_sha256": hash_clause(sent.clause_text),
        "agreed_at": now,
        "network_address": shorten_address(sent.client_address),
    }


def _add_wish(session: Session, visit: VisitRequest, sent: Sending, *, now: datetime) -> None:
    wish = Wish(
        visit.contact_email, sent.language, sent.newsletter_wording, visit.reference, sent.client_address
    )
    add_newsletter_wish(session, wish, now=now)
