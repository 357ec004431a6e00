"""A mail that did not reach a host is sent once more, to the address that the host has now."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.outbox import OutboxState
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.models.outbox import OutboxMessage
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.calendar import HostLetter, send_to_host
from bookings.services.invitations import add_slot_audit, open_visit


@retry_conflicts
def resend_invitation(slot_id: int, *, who: Who, now: datetime) -> None:
    """Send the invitation as it stands to the host's present address: same UID and SEQUENCE.

    Raises NotFoundError, or TransitionNotAllowedError when the host does not hold an invitation.
    """
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
        slot = load_slot(session, slot_id)
        if slot.state not in HOLDING_STATES:
            raise TransitionNotAllowedError("slot", str(slot.state), "resend")
        slot.version += 1
        add_slot_audit(session, slot, "resend", who=who, now=now)
        _give_up_refused(session, slot_id)
        slot.calendar_entry.attendees[0].undeliverable_at = None
        template = "answer_accepted" if slot.state == SlotState.ACCEPTED else "invitation"
        send_to_host(session, slot, HostLetter(template=template, method="REQUEST"), now=now)


def _give_up_refused(session: Session, slot_id: int) -> None:
    """The new mail stands for them; at the outbox nobody has to decide on them any more."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.slot_id == slot_id, OutboxMessage.state == OutboxState.FAILED)
        .values(state=OutboxState.DROPPED)
    )
