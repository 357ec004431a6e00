"""Which pairs of a matchmaking day are to meet: wishes become pairs, under everybody's limits.

A `never` of either side takes the pair out. It leaves no other trace: the reason that the other one reads is
one that many wishes have.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bookings.domain.meetings import WishStrength, build_pair_key

Pair = tuple[int, int]
_WORTH = {WishStrength.MUST: 10, WishStrength.LIKE: 3}
_MUTUAL = 6
_ACROSS = 2
_SHORES = {"SE", "FI"}


class Unmet(StrEnum):
    """Why a wish stays a wish, as its wisher reads it."""

    OWN_FULL = "own_full"
    NO_COMMON_TIME = "no_common_time"
    ORGANISATIONS = "organisations"
    NO_ROOM = "no_room"
    """The other's day, the tables, or the other's own wish: nobody can tell which."""


@dataclass(frozen=True)
class Guest:
    """A participant as the matching sees one: the slots that are open, as a bit mask."""

    id: int
    organisation: str
    country: str
    slots: int
    most: int


@dataclass(frozen=True)
class Wished:
    """One wish of one participant."""

    wisher: int
    wished: int
    strength: WishStrength


@dataclass
class Choice:
    """Pairs that are to meet, the kept ones first."""

    guests: Mapping[int, Guest]
    room: int
    pairs: list[Pair] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)

    def can_take(self, pair: Pair) -> bool:
        """Do both have time, a slot in common, and do their organisations not meet yet?"""
        one, other = (self.guests[person] for person in pair)
        return (
            len(self.pairs) < self.room
            and all(self.counts[guest.id] < _limit(guest) for guest in (one, other))
            and bool(one.slots & other.slots)
            and pair not in self.pairs
            and build_pair_key(one.organisation, other.organisation) not in self.keys
        )

    def take(self, pair: Pair) -> None:
        """Note the pair."""
        self.pairs.append(pair)
        self.counts.update(pair)
        key = build_pair_key(*(self.guests[person].organisation for person in pair))
        if key:
            self.keys.add(key)


def _limit(guest: Guest) -> int:
    return min(guest.most, guest.slots.bit_count())


def order_pair(one: int, other: int) -> Pair:
    """A pair is one pair, whoever asked."""
    return (one, other) if one < other else (other, one)


def list_nevers(wishes: Iterable[Wished]) -> set[Pair]:
    """Pairs that do not meet because one of the two said so."""
    return {order_pair(w.wisher, w.wished) for w in wishes if w.strength is WishStrength.NEVER}


def weigh_pairs(guests: Mapping[int, Guest], wishes: Sequence[Wished]) -> dict[Pair, int]:
    """What each wished pair is worth; pairs with a `never` are none."""
    worth: Counter[Pair] = Counter()
    wishers: Counter[Pair] = Counter()
    for wish in wishes:
        if wish.strength is WishStrength.NEVER or not {wish.wisher, wish.wished} <= guests.keys():
            continue
        pair = order_pair(wish.wisher, wish.wished)
        worth[pair] += _WORTH[wish.strength]
        wishers[pair] += 1
    for pair, many in wishers.items():
        worth[pair] += _MUTUAL * (many > 1)
        worth[pair] += _ACROSS * ({guests[person].country for person in pair} == _SHORES)
    for pair in list_nevers(wishes):
        worth.pop(pair, None)
    return dict(worth)


def choose_pairs(
    guests: Mapping[int, Guest], wishes: Sequence[Wished], *, room: int, kept: Iterable[Pair] = ()
) -> list[Pair]:
    """The pairs that are to meet: kept ones, then every "must" that both share, then in turns.

    In turns means that whoever has the fewest meetings has the next best of theirs: nobody's day stays
    empty while another's is full.
    """
    choice = Choice(guests, room)
    for pair in kept:
        choice.take(pair)
    worth = weigh_pairs(guests, wishes)
    musts = Counter(order_pair(w.wisher, w.wished) for w in wishes if w.strength is WishStrength.MUST)
    for pair in sorted(worth, key=lambda pair: (-worth[pair], pair)):
        if musts[pair] > 1 and choice.can_take(pair):
            choice.take(pair)
    _take_turns(choice, worth)
    return choice.pairs


def _take_turns(choice: Choice, worth: Mapping[Pair, int]) -> None:
    open_to: dict[int, set[Pair]] = {}
    for pair in worth:
        for person in pair:
            open_to.setdefault(person, set()).add(pair)
    while open_to:
        person = min(open_to, key=lambda one: (choice.counts[one], one))
        rest = {pair for pair in open_to[person] if choice.can_take(pair)}
        if not rest:
            del open_to[person]
            continue
        open_to[person] = rest
        pair = max(rest, key=lambda one: (worth[one], -sum(choice.counts[p] for p in one), one))
        choice.take(pair)


def explain_unmet(
    guests: Mapping[int, Guest], wish: Wished, *, counts: Mapping[int, int], keys: Iterable[str]
) -> Unmet:
    """Why the two don't meet. Only what the wisher may know is looked at: no `never`, no other's number."""
    own, other = guests.get(wish.wisher), guests.get(wish.wished)
    if own is None or other is None:
        return Unmet.NO_ROOM
    if build_pair_key(own.organisation, other.organisation) in set(keys) - {""}:
        return Unmet.ORGANISATIONS
    if counts.get(own.id, 0) >= _limit(own):
        return Unmet.OWN_FULL
    return Unmet.NO_ROOM if own.slots & other.slots else Unmet.NO_COMMON_TIME
