"""Liveness and readiness for machines."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from bookings.db import read_session
from bookings.queries.health import Condition, load_condition, newest_migration
from bookings.web.clock import utc_now
from bookings.web.security import public

health = Blueprint("health", __name__)

_LONGEST_SILENCE = timedelta(seconds=60)


@health.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return _plain("ok\n")


@health.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """200 when the database is there and migrated and a worker was seen within a minute, else 503."""
    try:
        checks = _check(load_condition(read_session()), now=utc_now())
    except SQLAlchemyError:
        checks = {"database": False}
    answer = jsonify({name: "ok" if is_well else "missing" for name, is_well in checks.items()})
    answer.status_code = 200 if all(checks.values()) else 503
    return answer


@health.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Counts in the text format of Prometheus; no names, no addresses."""
    return _plain("".join(f"{line}\n" for line in _measure(load_condition(read_session()), now=utc_now())))


def _check(condition: Condition, *, now: datetime) -> dict[str, bool]:
    seen_at = condition.worker_seen_at
    return {
        "database": True,
        "migrations": condition.migration == newest_migration(),
        "worker": seen_at is not None and now - seen_at <= _LONGEST_SILENCE,
    }


def _measure(condition: Condition, *, now: datetime) -> list[str]:
    waiting_since, seen_at = condition.backlog.since, condition.worker_seen_at
    lines = ["# TYPE bookings_mails gauge"]
    lines += [f'bookings_mails{{state="{state}"}} {count}' for state, count in condition.mails.items()]
    lines += [
        "# TYPE bookings_oldest_waiting_mail_seconds gauge",
        f"bookings_oldest_waiting_mail_seconds {_seconds(waiting_since, now)}",
    ]
    if seen_at is not None:
        lines += [
            "# TYPE bookings_worker_silence_seconds gauge",
            f"bookings_worker_silence_seconds {_seconds(seen_at, now)}",
        ]
    return lines


def _seconds(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")
