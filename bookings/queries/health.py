"""Is the database there, migrated, and looked after by a worker?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bookings.domain.outbox import OutboxState
from bookings.queries.outbox import Backlog, count_mails, last_heartbeat, load_backlog
from bookings.settings import asset_folder


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


def newest_migration() -> str:
    """The revision that this release wants. The files are named by theirs: 0001_first_tables.py."""
    folder = asset_folder("migrations") / "versions"
    return max(file.name.partition("_")[0] for file in folder.glob("0*.py"))


def find_damage(session: Session) -> list[str]:
    """What SQLite finds broken; PostgreSQL watches its pages by itself and is only asked to answer."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT 1"))
        return []
    broken = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    orphans = [
        f"{row[0]}: a row points to nothing" for row in session.execute(text("PRAGMA foreign_key_check"))
    ]
    return broken + orphans
