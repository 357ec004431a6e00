"""Staff: roles, what a password has to be, how long a sign-in lasts."""

import re
import unicodedata
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.errors import LastAdminError, PasswordNotAllowedError, VisitOfOthersError

SHORTEST_PASSWORD = 15
SHORTEST_WITH_SECOND_FACTOR = 12
LONGEST_PASSWORD = 128
# Two common words and a year are as easy to guess as one.
_COMMON_WORDS_IN_ROW = 2

# Partner towns and the zone in which their people read times; the first is for everybody else.
TOWN_ZONES = {
    "umea": "Europe/Stockholm",
    "ornskoldsvik": "Europe/Stockholm",
    "skelleftea": "Europe/Stockholm",
    "vaasa": "Europe/Helsinki",
    "kokkola": "Europe/Helsinki",
}

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


class StaffRole(StrEnum):
    READER = "reader"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


_RANK = {role: rank for rank, role in enumerate(StaffRole)}


def has_role(roles: AbstractSet[StaffRole], needed: StaffRole) -> bool:
    """Does one of `roles` reach as far as `needed`?"""
    return any(_RANK[role] >= _RANK[needed] for role in roles)


def highest_role(names: Collection[str]) -> StaffRole:
    """The role that reaches furthest; without any, a reader."""
    return next((role for role in reversed(StaffRole) if role in names), StaffRole.READER)


@dataclass(frozen=True)
class Member:
    """One of the staff as far as rules ask: who, in which roles, and for which towns (none named: all)."""

    staff_user_id: int
    roles: frozenset[StaffRole]
    towns: frozenset[str] = frozenset()

    @property
    def has_limits(self) -> bool:
        """Are there visits that this person only reads?"""
        return not has_role(self.roles, StaffRole.ADMIN) and (
            bool(self.towns) or not has_role(self.roles, StaffRole.COORDINATOR)
        )


@dataclass(frozen=True)
class VisitTies:
    """Whom a visit belongs to: who looks after it, that person's towns, the towns that it goes to."""

    owner_id: int | None = None
    owner_name: str = ""
    owner_towns: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()


def may_change_visit(member: Member, ties: VisitTies) -> bool:
    """All staff read every visit. Admins and coordinators of all towns change each of them.

    A coordinator of some towns changes those that nobody looks after, those of a colleague of the same towns,
    and those that go (or would like to go) there: that includes every stop at a site of the towns.
    """
    if not member.has_limits:
        return True
    if not has_role(member.roles, StaffRole.COORDINATOR):
        return False
    is_near = bool(member.towns & (ties.owner_towns | ties.towns))
    return is_near or ties.owner_id in (None, member.staff_user_id)


def check_may_change_visit(member: Member, ties: VisitTies) -> None:
    """Raises VisitOfOthersError."""
    if not may_change_visit(member, ties):
        raise VisitOfOthersError(ties.owner_name)


def check_admins_remain(other_admins: int) -> None:
    """Somebody has to be able to let people in. Raises LastAdminError."""
    if other_admins == 0:
        raise LastAdminError


def zone_of_town(town: str) -> str:
    """The time zone that somebody of this partner town lives by."""
    return TOWN_ZONES.get(town, next(iter(TOWN_ZONES.values())))


@dataclass(frozen=True)
class SignInTimes:
    """A sign-in ends after `idle` without a request and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta

    def has_ended(self, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Is a sign-in of these times over?"""
        return now >= seen_at + self.idle or now >= created_at + self.absolute


def normalise_password(password: str) -> str:
    """One password however a keyboard composes its letters: what is checked and hashed."""
    return unicodedata.normalize("NFKD", password)


def check_password(
    password: str, *, blocked: AbstractSet[str], personal: tuple[str, ...] = (), has_second_factor: bool
) -> None:
    """Length and guessability, nothing about kinds of characters. Raises PasswordNotAllowedError."""
    shortest = SHORTEST_WITH_SECOND_FACTOR if has_second_factor else SHORTEST_PASSWORD
    if len(password) < shortest:
        raise PasswordNotAllowedError("too_short", shortest)
    if len(password) > LONGEST_PASSWORD:
        raise PasswordNotAllowedError("too_long", LONGEST_PASSWORD)
    folded = unicodedata.normalize("NFC", normalise_password(password)).casefold()
    if _is_common(folded, blocked) or _is_repeated(folded):
        raise PasswordNotAllowedError("common")
    if _letters(folded) in {_letters(word.casefold()) for word in personal}:
        raise PasswordNotAllowedError("personal")


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text)


def _is_common(folded: str, blocked: AbstractSet[str]) -> bool:
    if folded in blocked:
        return True
    pieces = {piece for piece in re.split(r"[\W\d_]+", folded) if piece}
    return len(pieces) <= _COMMON_WORDS_IN_ROW and all(_is_made_of(piece, blocked) for piece in pieces)


def _is_made_of(piece: str, blocked: AbstractSet[str]) -> bool:
    """A blocked word, or two of them run together."""
    cuts = range(3, len(piece) - 2)
    return piece in blocked or any(piece[:cut] in blocked and piece[cut:] in blocked for cut in cuts)


def _is_repeated(folded: str) -> bool:
    """ "abcabcabcabcabc": the second round adds nothing."""
    return folded in (folded + folded)[1:-1]


def describe_browser(user_agent: str) -> str:
    """ "Firefox, Windows": enough to know one's own devices apart; empty when nothing is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    if not browser and "Safari/" in user_agent:
        browser = "Safari"
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    return ", ".join(part for part in (browser, system.replace("Mac OS X", "macOS")) if part)
