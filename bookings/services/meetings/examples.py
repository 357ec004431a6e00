"""Profiles and wishes of the demo's participants, in one go."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from bookings.db import transaction
from bookings.domain.meetings import Profile, WishStrength
from bookings.models.meetings import Wish
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import find_event_id
from bookings.services.meetings.profiles import write_profile


def load_example_profiles(
    slug: str,
    profiles: Mapping[str, Profile],
    wishes: Mapping[tuple[str, str], WishStrength],
    *,
    now: datetime,
) -> None:
    """Write the profiles of registered people, by address, and whom they wish to meet."""
    with transaction() as session:
        event_id = find_event_id(session, slug)
        rows = session.execute(
            select(Registration.email, Registration.id).where(Registration.event_id == event_id)
        )
        ids = {row.email: row.id for row in rows}
        for email, profile in profiles.items():
            write_profile(session, ids[email], profile, version=None, now=now)
        session.add_all(
            Wish(wisher_id=ids[one], wished_id=ids[other], strength=strength)
            for (one, other), strength in wishes.items()
        )
