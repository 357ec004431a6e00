"""The programme goes to the visitor and comes back: accepted, or with a wish."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.agreement import check_costs_accepted, hash_clause
from bookings.domain.audit import Who
from bookings.domain.errors import RequiredSlotsOpenError, TransitionNotAllowedError
from bookings.domain.slots import FAILED_STATES
from bookings.domain.text import shorten_address
from bookings.domain.visits import OPEN_STATES, VisitAction, VisitState
from bookings.models.visits import Agreement, VisitRequest
from bookings.queries.programme import count_slots, find_visit_id, find_visit_id_by_link
from bookings.queries.slots import list_slots_of_visit
from bookings.services.agreement import Clause
from bookings.services.audit import add_audit
from bookings.services.invitations import add_slot_audit, check_visit_is_in, open_visit
from bookings.services.notices import NoticeKind
from bookings.services.programme import check_programme_holds, confirm_visit, move_visit, offer_programme
from bookings.services.visits.meanwhile import check_nothing_new
from bookings.services.visits.planning import is_overdue, tell_staff_of, visitor, write_note
from bookings.services.visits.wishes import is_known_wish, settle_wishes


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The box beside the clause as the visitor saw it, and whether it was ticked under this `version`."""

    clause: Clause
    is_given: bool
    version: str
    client_address: str


@retry_conflicts
def propose_programme(reference: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Send the programme to the visitor as it stands, without the hosts that said no.

    Raises RequiredSlotsOpenError while a required host owes an answer or a required stop is a draft,
    SlotsOverlapError or TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if visit.state == VisitState.PROPOSED:
            return
        check_nothing_new(session, visit.id, seen, now=now)
        check_visit_is_in(visit, (VisitState.PLANNING, VisitState.AWAITING_HOSTS), VisitAction.PROPOSE)
        _go_on_without_failed(session, visit, who=who, now=now)
        tally = count_slots(session, visit.id)
        if tally.required_asked or tally.required_drafts or not tally.accepted:
            raise RequiredSlotsOpenError(tally.required_asked + tally.required_drafts)
        check_programme_holds(session, visit)
        offer_programme(session, visit, who=who, now=now)
        # Staff who send a programme have read what was wished of it; the rule that sends one has not.
        settle_wishes(session, visit.id, who=who, now=now)


@retry_conflicts
def accept_programme(token: str, *, consent: Consent | None = None, now: datetime) -> None:
    """The visitor accepts: the visit is confirmed and everybody told. Accepting twice is the same yes.

    A visit without an agreement about the costs, as one that was copied, needs the `consent` to it.
    Raises CostsNotAcceptedError, AddressNotProvedError, AgreementMissingError, RequiredSlotsOpenError,
    SlotsOverlapError or TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id_by_link(session, token, now=now), now=now)
        if visit.state == VisitState.CONFIRMED:
            return
        _check_offer_stands(visit, VisitAction.ACCEPT, now=now)
        if visit.agreement is None and consent is not None:
            _keep_agreement(session, visit, consent, now=now)
        confirm_visit(session, visit, who=visitor(visit), now=now)


@retry_conflicts
def wish_change(token: str, text: str, *, now: datetime) -> None:
    """The visitor wishes something else: kept as a note. A proposed programme goes back to planning while its
    hosts stay held; a confirmed one stands until staff change it."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id_by_link(session, token, now=now), now=now)
        check_visit_is_in(visit, OPEN_STATES, VisitAction.WISH)
        if is_known_wish(session, visit.id, text):
            return
        write_note(session, visit.id, text, who=visitor(visit), now=now)
        tell_staff_of(session, visit, NoticeKind.VISITOR_WISHED, text, now=now)
        if visit.state == VisitState.PROPOSED:
            _check_offer_stands(visit, VisitAction.WISH, now=now)
            move_visit(session, visit, VisitAction.WISH, who=visitor(visit), now=now)
        else:
            add_audit(
                session, visitor(visit), VisitAction.WISH, noun="visit_request", subject_id=visit.id,
                visit_id=visit.id, now=now,
            )  # fmt: skip


def _go_on_without_failed(session: Session, visit: VisitRequest, *, who: Who, now: datetime) -> None:
    """Staff's word: the programme goes without the hosts that were lost and not replaced."""
    for slot in list_slots_of_visit(session, visit.id):
        if slot.is_required and slot.state in FAILED_STATES:
            slot.is_required = False
            add_slot_audit(session, slot, "go_without", who=who, now=now)
    session.flush()


def _keep_agreement(session: Session, visit: VisitRequest, consent: Consent, *, now: datetime) -> None:
    clause = consent.clause
    check_costs_accepted(
        is_accepted=consent.is_given, version=consent.version, current_version=clause.version
    )
    visit.agreement = Agreement(
        version=clause.version,
        language=clause.language,
        text=clause.text,
        text_sha256=hash_clause(clause.text),
        agreed_at=now,
        network_address=shorten_address(consent.client_address),
    )
    add_audit(
        session, visitor(visit), "agree_costs", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
        now=now, version=clause.version,
    )  # fmt: skip
    session.flush()


def _check_offer_stands(visit: VisitRequest, action: VisitAction, *, now: datetime) -> None:
    if visit.state != VisitState.PROPOSED or is_overdue(visit, now=now):
        raise TransitionNotAllowedError("visit_request", str(visit.state), action)
