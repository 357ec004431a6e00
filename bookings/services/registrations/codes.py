"""Access codes of ticket kinds are no secrets that can be found by trying."""

from datetime import datetime

from sqlalchemy import select

from bookings.db import retry_conflicts, transaction
from bookings.domain.event_errors import TooManyCodesError
from bookings.domain.limits import HOUR, list_code_limits
from bookings.domain.registrations import is_code_right
from bookings.models.events import Event, TicketKind
from bookings.services.limits import count_act, take_back_act
from bookings.settings import current_settings


@retry_conflicts
def try_code(slug: str, code: str, *, network_address: str, now: datetime) -> None:
    """Call before a code opens anything. A wrong one counts; one that is right does not.

    Counted first and looked at afterwards, so that many at once are no way around it. Raises
    TooManyCodesError, for a code that is right too.
    """
    rules = current_settings().limits
    limits = list_code_limits(
        slug, network_address, per_client=rules.wrong_codes_per_client_hour,
        per_network=rules.wrong_codes_per_network_hour,
    )  # fmt: skip
    with transaction() as session:
        is_over = count_act(session, limits, now=now)
        codes = select(TicketKind.access_code).join(Event).where(Event.slug == slug)
        if not is_over and any(one and is_code_right(one, code) for one in session.scalars(codes)):
            for limit in limits:
                take_back_act(session, limit)
    if is_over:
        raise TooManyCodesError(HOUR.seconds // 60)
