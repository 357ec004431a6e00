"""Limits against abuse: what is counted, over which time, and under which key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from bookings.domain.text import shorten_address

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `most` acts of this kind under one key within `window`; only the key's hash is stored."""

    kind: str
    key: str
    most: int
    window: timedelta

    @property
    def key_hash(self) -> bytes:
        """What is stored of the key; the kind is inside, so that two kinds never share a hash."""
        return sha256(f"{self.kind}:{self.key}".encode()).digest()


@dataclass(frozen=True)
class Allowance:
    """How many requests a mailbox may send in a day, a client and its network in an hour."""

    per_mailbox_day: int
    per_client_hour: int
    per_network_hour: int


def list_request_limits(email: str, client_address: str, allowance: Allowance) -> tuple[Limit, ...]:
    """The limits that one request counts against."""
    return _list_limits("request", email, client_address, allowance)


def list_registration_limits(email: str, client_address: str, allowance: Allowance) -> tuple[Limit, ...]:
    """The limits that one registration for an event counts against."""
    return _list_limits("registration", email, client_address, allowance)


def list_code_limits(event: str, client_address: str, *, per_client: int, per_network: int) -> list[Limit]:
    """The limits that one access code of an event counts against."""
    keys = [(client_address, "client", per_client), (shorten_address(client_address), "network", per_network)]
    return [Limit(f"code_{name}", f"{event} {key}", most, HOUR) for key, name, most in keys if key]


def list_proof_limits(email: str, group: str, most: int) -> list[Limit]:
    """The limits that a mail to prove a member's address counts against: of mailbox and group."""
    return [
        Limit("member_mailbox", fold_mailbox(email), most, DAY),
        Limit("member_group", group, 2 * most, DAY),
    ]


def _list_limits(kind: str, email: str, client_address: str, allowance: Allowance) -> tuple[Limit, ...]:
    limits = [
        Limit(f"{kind}_mailbox", fold_mailbox(email), allowance.per_mailbox_day, DAY),
        Limit(f"{kind}_client", client_address, allowance.per_client_hour, HOUR),
        Limit(f"{kind}_network", shorten_address(client_address), allowance.per_network_hour, HOUR),
    ]
    return tuple(limit for limit in limits if limit.key)


def fold_mailbox(email: str) -> str:
    """One mailbox has one key: case and what follows a plus sign don't count."""
    local, _, domain = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def hash_mailbox(email: str) -> bytes:
    """How the stop list knows an address."""
    return sha256(f"mailbox:{fold_mailbox(email)}".encode()).digest()


def is_over(limits: Sequence[Limit], counts: Mapping[bytes, int]) -> bool:
    """Has one of the limits been used up by the acts that came before?"""
    return any(counts.get(limit.key_hash, 0) >= limit.most for limit in limits)


def is_too_fast(*, started: float, sent: float, minimum_seconds: float) -> bool:
    """Nobody fills in a page in less time; a form from the future is forged."""
    return minimum_seconds > 0 and not minimum_seconds <= sent - started
