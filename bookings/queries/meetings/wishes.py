"""Wishes of all, for the solver alone: nothing of this is shown to anybody."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.domain.meeting_pairs import Pair, Wished, order_pair
from bookings.domain.meetings import WishStrength
from bookings.models.meetings import Participant, Wish


def list_wishes(session: Session, event_id: int) -> list[Wished]:
    """Every wish of a day, in a fixed order."""
    query = (
        select(Wish.wisher_id, Wish.wished_id, Wish.strength)
        .join(Participant, Participant.registration_id == Wish.wisher_id)
        .where(Participant.event_id == event_id)
        .order_by(Wish.wisher_id, Wish.wished_id)
    )
    return [Wished(one, other, WishStrength(strength)) for one, other, strength in session.execute(query)]


def is_unwanted(session: Session, one: int, other: int) -> bool:
    """Does either of the two never want to meet the other?"""
    return other in list_unwanted(session, one)


def list_unwanted(session: Session, person_id: int) -> set[int]:
    """Whom this person cannot meet because one of the two said never."""
    query = select(Wish.wisher_id, Wish.wished_id).where(
        Wish.strength == WishStrength.NEVER, or_(Wish.wisher_id == person_id, Wish.wished_id == person_id)
    )
    return {other if one == person_id else one for one, other in session.execute(query)}


@dataclass(frozen=True)
class Coverage:
    """How many wishes came true, without a word of whom anybody never wants to meet."""

    musts: int
    musts_met: int
    likes: int
    likes_met: int
    shared_musts: int
    shared_musts_met: int


def count_coverage(wishes: Sequence[Wished], pairs: set[Pair]) -> Coverage:
    """Wishes that came true. One that meets a `never` counts as one that did not."""
    musts = [order_pair(w.wisher, w.wished) for w in wishes if w.strength is WishStrength.MUST]
    likes = [order_pair(w.wisher, w.wished) for w in wishes if w.strength is WishStrength.LIKE]
    shared = {pair for pair, many in Counter(musts).items() if many > 1}
    return Coverage(
        len(musts), _met(musts, pairs), len(likes), _met(likes, pairs), len(shared), len(shared & pairs)
    )


def _met(wished: Sequence[Pair], pairs: set[Pair]) -> int:
    return sum(pair in pairs for pair in wished)
