"""What a device or a form sends of a scan, read without trust."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bookings.domain.doors import MOST_SCANS, Answer, Proof, Scan
from bookings.domain.registrations import CheckInKind
from bookings.domain.text import has_control_characters

UNUSABLE = "unusable"
"""Told of a scan that nobody can read, so that the device does not send it for ever."""
_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)
_LONGEST_CODE, _LONGEST_DOOR, _LARGEST_ID = 40, 100, 2_147_483_647
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_MS = 4_102_444_800_000
"""The year 2100."""


def read_scans(sent: Any) -> tuple[list[Scan], list[str]] | None:
    """The scans of a message, and the keys of those that are none; nothing when it is no such message."""
    listed = sent.get("scans") if isinstance(sent, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_SCANS:
        return None
    scans, bad = [], []
    for one in listed:
        key = one.get("client_key") if isinstance(one, dict) else None
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            return None
        scan = _read(key, one)
        if scan is None:
            bad.append(key)
        else:
            scans.append(scan)
    return scans, bad


def read_form_scan(form: Mapping[str, str], *, now: datetime) -> Scan | None:
    """The one scan of a plain form; nothing where it names nobody."""
    values: dict[str, Any] = {
        "badge_code": form.get("badge_code", "").strip(),
        "kind": form.get("kind", ""),
        "proof": Proof.NAME if form.get("person") else Proof.QR,
        "door": form.get("door", ""),
        "at": (now - _EPOCH) // timedelta(milliseconds=1),
    }
    for name in ("person", "part"):
        text = form.get(name, "")
        values[name] = (
            int(text) if text.isascii() and text.isdigit() and len(text) < len("9999999999") else None
        )
    key = form.get("client_key", "")
    return _read(key, values) if _KEY.fullmatch(key) else None


def tell_answers(answers: Iterable[Answer], bad: Iterable[str]) -> list[dict[str, Any]]:
    """What the device hears, one answer for each scan."""
    told: list[dict[str, Any]] = [
        {
            "client_key": one.client_key,
            "code": one.code,
            "person": one.registration_id,
            "name": one.name,
            "at": (one.arrived_at - _EPOCH) // timedelta(milliseconds=1) if one.arrived_at else None,
        }
        for one in answers
    ]
    return [*told, *({"client_key": key, "code": UNUSABLE} for key in bad)]


def _read(key: str, one: Mapping[str, Any]) -> Scan | None:
    code, door, at = one.get("badge_code") or "", one.get("door") or "", one.get("at")
    person, part = one.get("person"), one.get("part")
    is_named = isinstance(code, str) and isinstance(door, str) and (code or person)
    is_timed = type(at) is int and 0 <= at <= _LARGEST_MS
    if not (is_named and is_timed and _is_id(person) and _is_id(part)):
        return None
    if one.get("kind") not in list(CheckInKind) or one.get("proof") not in list(Proof):
        return None
    return Scan(
        client_key=key,
        badge_code="" if len(code) > _LONGEST_CODE or has_control_characters(code) else code.strip().upper(),
        registration_id=person,
        part_id=part,
        kind=CheckInKind(one["kind"]),
        proof=Proof(one["proof"]),
        door="" if has_control_characters(door) else door.strip()[:_LONGEST_DOOR],
        happened_at=_EPOCH + timedelta(milliseconds=at if isinstance(at, int) else 0),
    )


def _is_id(value: Any) -> bool:
    return value is None or (type(value) is int and 0 < value <= _LARGEST_ID)
