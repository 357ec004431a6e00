"""Wishes become pairs, each with what it is worth to its two. Who meets whom the planner chooses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bookings.domain.meetings import WishStrength

Pair = tuple[int, int]
_WORTH = {WishStrength.MUST: 10, WishStrength.LIKE: 3}
_MUTUAL = 6
_ACROSS = 2
_SHORES = {"SE", "FI"}


@dataclass(frozen=True)
class Wished:
    """One wish of one participant."""

    wisher: int
    wished: int
    strength: WishStrength


@dataclass(frozen=True)
class WishedPair:
    """What the wishes of both say of a pair. At least one of the two wishes to meet the other."""

    worth: int
    is_must: bool
    """Both must; whoever alone must is worth more than who would like to."""
    is_barred: bool
    """One of the two never wants to: absolute, and secret."""


def order_pair(one: int, other: int) -> Pair:
    """A pair is one pair, whoever asked."""
    return (one, other) if one < other else (other, one)


def list_nevers(wishes: Iterable[Wished]) -> set[Pair]:
    """Pairs that do not meet because one of the two said so."""
    return {order_pair(w.wisher, w.wished) for w in wishes if w.strength is WishStrength.NEVER}


def gather_pairs(wishes: Iterable[Wished], countries: Mapping[int, str]) -> dict[Pair, WishedPair]:
    """Every wished pair of people with a country here; pairs across the water are worth a little more."""
    wishes = list(wishes)
    nevers, strengths = list_nevers(wishes), dict[Pair, list[WishStrength]]()
    for wish in wishes:
        if wish.strength is not WishStrength.NEVER and {wish.wisher, wish.wished} <= countries.keys():
            strengths.setdefault(order_pair(wish.wisher, wish.wished), []).append(wish.strength)
    return {
        pair: WishedPair(
            worth=sum(_WORTH[strength] for strength in said)
            + _MUTUAL * (len(said) > 1)
            + _ACROSS * ({countries[person] for person in pair} == _SHORES),
            is_must=said.count(WishStrength.MUST) > 1,
            is_barred=pair in nevers,
        )
        for pair, said in strengths.items()
    }
