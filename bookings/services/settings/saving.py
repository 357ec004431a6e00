"""Save what staff set: every save is a new version, and whoever saves over an unread one is refused."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError, SettingNotUsableError
from bookings.domain.settings import (
    MOST_CLOSED_STRETCHES,
    ClosedDays,
    CostClause,
    WorkingHours,
    check_closed_days,
    check_deadlines,
    check_hours,
    check_new_clause,
)
from bookings.domain.time import home_day
from bookings.domain.wordings import MAILS, PAGES, check_mail_words, check_page_text
from bookings.models.settings import StaffSetting
from bookings.models.visits import Agreement
from bookings.queries.settings import (
    CLAUSES,
    CLOSED_DAYS,
    DEADLINES,
    HOURS,
    mail_key,
    page_key,
    read_settings,
    take_over,
)
from bookings.services.audit import add_audit
from bookings.services.undo_steps import offer_undo

_NOUN = "setting"
Change = Callable[[Any], Any]


def save_deadlines(values: Mapping[str, int], *, version: int, who: Who, now: datetime) -> None:
    """Days and hours that people get; what is left out is the standard.

    Raises SettingNotUsableError or RecordChangedError.
    """
    kept = check_deadlines(values)
    save(DEADLINES, lambda _old: kept, version=version, who=who, now=now)


def save_hours(hours: WorkingHours, *, version: int, who: Who, now: datetime) -> None:
    """Working hours and days. Raises SettingNotUsableError or RecordChangedError."""
    kept = check_hours(hours)
    save(HOURS, lambda _old: kept, version=version, who=who, now=now)


def save_mail_words(
    template: str, language: str, words: Mapping[str, str], *, version: int, who: Who, now: datetime
) -> None:
    """Staff's own words of a mail; empty parts are the standard.

    Raises NotFoundError, RecordChangedError, and what `check_mail_words` raises.
    """
    if template not in MAILS:
        raise NotFoundError("mail", template)
    kept = check_mail_words(template, words)
    save(mail_key(template, language), lambda _old: kept, version=version, who=who, now=now)


def save_page_text(name: str, language: str, text: str, *, version: int, who: Who, now: datetime) -> None:
    """Staff's own text of a page; an empty one is the standard.

    Raises NotFoundError, RecordChangedError, TextNotAllowedError or FieldsNotKnownError.
    """
    if name not in PAGES:
        raise NotFoundError("page_text", name)
    kept = check_page_text(text)
    save(page_key(name, language), lambda _old: kept, version=version, who=who, now=now)


def add_closed_days(closed: ClosedDays, *, version: int, who: Who, now: datetime) -> None:
    """One more stretch of closed days. Raises SettingNotUsableError or RecordChangedError."""
    checked = check_closed_days(closed)

    def add(old: Any) -> Any:
        stretches = [*(old or {}).get("stretches", ()), _closed_value(checked)]
        if len(stretches) > MOST_CLOSED_STRETCHES:
            raise SettingNotUsableError("name", "many", 0, MOST_CLOSED_STRETCHES)
        return {**(old or {}), "stretches": sorted(stretches, key=lambda one: one["first_on"])}

    save(CLOSED_DAYS, add, version=version, who=who, now=now)


def remove_closed_days(position: int, *, version: int, who: Who, now: datetime) -> None:
    """Take one stretch out of the list. Raises NotFoundError or RecordChangedError."""

    def remove(old: Any) -> Any:
        stretches = list((old or {}).get("stretches", ()))
        if not 0 <= position < len(stretches):
            raise NotFoundError("closed_days", str(position))
        del stretches[position]
        return {**old, "stretches": stretches}

    save(CLOSED_DAYS, remove, version=version, who=who, now=now)


def set_july(*, is_quiet: bool, version: int, who: Who, now: datetime) -> None:
    """Whether visitors and staff are warned of July. Raises RecordChangedError."""
    save(
        CLOSED_DAYS, lambda old: {**(old or {}), "july_is_quiet": is_quiet}, version=version, who=who, now=now
    )


def add_clause(clause: CostClause, *, version: int, who: Who, now: datetime) -> None:
    """A new version of the cost clause. Those before stay as they are: people agreed to them.

    Raises SettingNotUsableError, TextNotAllowedError or RecordChangedError.
    """

    def add(old: Any) -> Any:
        earlier = [
            CostClause(one["version"], date.fromisoformat(one["effective_on"]), one["texts"])
            for one in old or ()
        ]
        checked = check_new_clause(clause, earlier, today=home_day(now))
        return [*(old or ()), {**asdict(checked), "effective_on": checked.effective_on.isoformat()}]

    save(CLAUSES, add, version=version, who=who, now=now)


def put_back(key: str, *, version: int, who: Who, now: datetime) -> None:
    """The setting as it was in that earlier version, as a new version of its own.

    Raises NotFoundError, and SettingNotUsableError when a clause that people agreed to would be lost.
    """
    with transaction() as session:
        newest = newest_version(session, key)
        earlier = session.scalar(
            select(StaffSetting).where(StaffSetting.key == key, StaffSetting.version == version)
        )
        if newest is None or (earlier is None and version != 0):
            raise NotFoundError("setting", key)
        write_version(
            session, key, earlier.value if earlier else None, version=newest.version, who=who, now=now
        )
        own = read_settings(session)
    take_over(own)


def save(key: str, change: Change, *, version: int, who: Who, now: datetime) -> None:
    """One new version, made of the one before. Raises RecordChangedError when that is not what was read."""
    try:
        with transaction() as session:
            newest = newest_version(session, key)
            old = newest.value if newest else None
            new = change(old) or None
            if (newest.version if newest else 0) != version:
                raise RecordChangedError(_NOUN)
            if new == old:
                return
            write_version(session, key, new, version=version, who=who, now=now)
            own = read_settings(session)
    except IntegrityError as error:  # the other one was quicker by less than a look
        raise RecordChangedError(_NOUN) from error
    take_over(own)


def write_version(session: Session, key: str, value: Any, *, version: int, who: Who, now: datetime) -> None:
    """The next version with its entry in the trail and the offer to take it back. Part of use cases."""
    _keep_agreed_clauses(session, key, value)
    row = StaffSetting(
        key=key, version=version + 1, value=value, mark=token_hex(8), saved_at=now, saved_by=who.name
    )
    session.add(row)
    session.flush()
    add_audit(
        session, who, "setting.saved", noun=_NOUN, subject_id=row.id, now=now, key=key, version=row.version
    )
    offer_undo(
        session, who, "setting", subject_id=row.id, now=now,
        before={"key": key, "version": version}, after={"version": row.version},
    )  # fmt: skip


def newest_version(session: Session, key: str) -> StaffSetting | None:
    """The row that counts. Part of use cases."""
    newest = select(func.max(StaffSetting.version)).where(StaffSetting.key == key).scalar_subquery()
    return session.scalar(select(StaffSetting).where(StaffSetting.key == key, StaffSetting.version == newest))


def _keep_agreed_clauses(session: Session, key: str, value: Any) -> None:
    if key != CLAUSES:
        return
    newest = newest_version(session, key)
    kept = {one["version"] for one in value or ()}
    gone = [one["version"] for one in (newest.value if newest else None) or () if one["version"] not in kept]
    used = select(Agreement.id).where(Agreement.version.in_(gone)).limit(1)
    if gone and session.scalar(used) is not None:
        raise SettingNotUsableError("version", "used")


def _closed_value(closed: ClosedDays) -> dict[str, str]:
    return {
        **asdict(closed),
        "first_on": closed.first_on.isoformat(),
        "last_on": closed.last_on.isoformat(),
    }
