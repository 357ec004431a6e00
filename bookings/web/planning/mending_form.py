"""The repair that staff saw, on its way through the page: what is pressed is what was shown."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.planner.plan import PlannedStop
from bookings.queries.directory import load_directory
from bookings.queries.planning.mending import NextBest
from bookings.services.planning import ChosenRepair, MovedSlot

_MOST_MOVES = 50
_LARGEST_ID = 2**31


def write_repair(found: NextBest) -> str:
    """All of it as one hidden field, in letters that no page has to escape."""
    written = json.dumps(
        {
            "basis": found.basis,
            "groups": found.groups,
            "stop": found.stop and _write_stop(found.stop),
            "moves": [[int(move.key), move.stop and _write_stop(move.stop)] for move in found.moves],
        }
    )
    return urlsafe_b64encode(written.encode()).decode()


def read_repair() -> ChosenRepair:
    """What the page offered; anything else is not found."""
    try:
        sent = json.loads(urlsafe_b64decode(request.form.get("repair", "")))
        moves = [(int(slot_id), stop) for slot_id, stop in sent["moves"]][:_MOST_MOVES]
        if not all(0 < slot_id < _LARGEST_ID for slot_id, _stop in moves):
            raise NotFoundError("repair")
        return ChosenRepair(
            basis=str(sent["basis"]),
            stop=_read_stop(sent["stop"]),
            moves=tuple(MovedSlot(slot_id, _read_stop(stop) if stop else None) for slot_id, stop in moves),
            groups=int(sent["groups"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotFoundError("repair") from None


def _write_stop(stop: PlannedStop) -> dict[str, Any]:
    return {
        "host": stop.host,
        "candidate": stop.candidate,
        "starts_at": stop.starts_at.isoformat(),
        "ends_at": stop.ends_at.isoformat(),
        "group": stop.group,
    }


def _read_stop(sent: Mapping[str, Any]) -> PlannedStop:
    host, candidate = str(sent["host"]), str(sent["candidate"])
    kind, _dash, number = candidate.rpartition("-")
    is_known = host in load_directory(read_session()).companies and kind in ("offer", "site")
    starts_at, ends_at = (datetime.fromisoformat(sent[name]) for name in ("starts_at", "ends_at"))
    has_zones = starts_at.tzinfo is not None and ends_at.tzinfo is not None
    if not (is_known and has_zones and number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFoundError("stop")
    day = starts_at.date()
    return PlannedStop(candidate, host, "", "UTC", starts_at, ends_at, day, group=int(sent["group"]))
