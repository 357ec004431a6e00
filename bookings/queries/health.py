"""Is the database there, migrated, and looked after by a worker?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bookings.domain.outbox import OutboxState
from bookings.queries.outbox import Backlog, count_mails, last_heartbeat, load_backlog


@dataclass(frozen=True)
class Condition:
    """What machines that watch the site want to know."""

    migration: str | None
    worker_seen_at: datetime | None
    mails: dict[OutboxState, int]
    backlog: Backlog


def load_condition(session: Session) -> Condition:
    """The condition of database and worker. Raises SQLAlchemy's errors when there is no usable database."""
    return Condition(
        migration=session.execute(text("SELECT version_num FROM alembic_version")).scalar(),
        worker_seen_at=last_heartbeat(session),
        mails=count_mails(session),
        backlog=load_backlog(session),
    )
