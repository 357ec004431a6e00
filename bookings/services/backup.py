"""Backups: a copy of one moment while the site runs, and putting it back without mailing anything twice."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bookings.adapters.copies import Contents, Copies, CopyRefusedError, SqliteCopies, new_file
from bookings.adapters.dumps import PostgresqlCopies
from bookings.adapters.mail.notes import read_notes
from bookings.db import database, read_session, transaction
from bookings.domain.audit import Who
from bookings.domain.outbox import RESTORED, UNSETTLED_STATES, OutboxState
from bookings.models.outbox import OUTBOX_TABLE
from bookings.queries.health import newest_migration
from bookings.services.audit import add_audit
from bookings.settings import Settings, current_settings

_MAILS = OUTBOX_TABLE.c
_AT_ONCE = 500


@dataclass(frozen=True)
class Restored:
    """What came back, and how many mails wait for somebody to say whether they have left already."""

    contents: Contents
    is_older: bool
    mails_aside: int


def make_backup(file: Path, *, replaces: bool) -> Contents:
    """Copy the database into the file, and read the copy to its end. Raises CopyRefusedError."""
    copies = _copies(current_settings())
    with new_file(file, replaces=replaces) as beside:
        copies.write(beside)
        return copies.read(beside)


def restore_backup(file: Path, *, replaces: bool, who: Who, now: datetime) -> Restored:
    """Put the file in the place of the database, and prove that all of it arrived.

    Mails that waited when the copy was made have probably left since: none of them leaves again by itself.
    Raises CopyRefusedError.
    """
    copies = _copies(current_settings())
    expected = copies.read(file)
    _check_migration(expected)
    sent = _list_sent(replaces=replaces)
    database.session.remove()
    database.engine.dispose()
    copies.fill(file, replaces=replaces)
    if copies.look() != expected:
        raise CopyRefusedError("the database does not hold what the file holds: don't start the site.")
    aside = _set_mails_aside(sent, who=who, now=now)
    return Restored(expected, expected.migration != newest_migration(), aside)


def _copies(settings: Settings) -> Copies:
    url = settings.database_url
    if url.startswith("sqlite"):
        return SqliteCopies(Path(make_url(url).database or ""))
    return PostgresqlCopies(url)


def _check_migration(found: Contents) -> None:
    newest = newest_migration()
    if not found.migration.isdecimal() or found.migration > newest:
        raise CopyRefusedError(
            f"the copy is of a newer release (its tables are at {found.migration}, this one knows {newest}):"
            " install that release first."
        )


def _list_sent(*, replaces: bool) -> set[str]:
    """Mails known to have left: by the notes of workers, and by the database that is to be replaced."""
    noted = set(read_notes(current_settings().notes_folder))
    if not replaces:
        return noted
    try:
        marked = read_session().scalars(select(_MAILS.message_id).where(_MAILS.state == OutboxState.SENT))
        return noted | set(marked)
    except SQLAlchemyError:  # it is broken or empty: why else is a backup put in its place?
        return noted


def _set_mails_aside(sent: set[str], *, who: Who, now: datetime) -> int:
    """Mark what has left; the rest waits at /staff/outbox for somebody to let it leave or to drop it."""
    with transaction() as session:
        waiting = session.execute(
            select(_MAILS.id, _MAILS.message_id).where(_MAILS.state.in_(UNSETTLED_STATES))
        ).all()
        left = [mail.id for mail in waiting if mail.message_id in sent]
        aside = [mail.id for mail in waiting if mail.message_id not in sent]
        free = {"leased_by": None, "leased_until": None}
        for ids, values in (
            (left, {"state": OutboxState.SENT, "sent_at": now}),
            (aside, {"state": OutboxState.FAILED, "last_cause": RESTORED}),
        ):
            for begin in range(0, len(ids), _AT_ONCE):
                few = _MAILS.id.in_(ids[begin : begin + _AT_ONCE])
                session.execute(update(OUTBOX_TABLE).where(few).values(**values, **free))
        add_audit(
            session, who, "restore_backup", noun="database", subject_id=0, now=now, mails_aside=len(aside)
        )
    return len(aside)
