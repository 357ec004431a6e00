"""Logos of the programme and of partners: pictures in the database, shown in the order they came."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError, SettingNotUsableError
from bookings.domain.pictures import Picture, read_picture
from bookings.domain.settings import MOST_LOGOS, Logo
from bookings.models.settings import LogoFile
from bookings.queries.settings import LOGOS, read_settings, take_over
from bookings.services.settings.saving import newest_version, write_version


def add_logo(
    content: bytes, name: str, alt: dict[str, str], *, version: int, who: Who, now: datetime
) -> None:
    """Keep a picture and show it from now on. Raises SettingNotUsableError or RecordChangedError."""
    picture, digest = read_picture(content), sha256(content).hexdigest()
    with transaction() as session:
        shown = _open(session, version)
        if any(one["sha256"] == digest for one in shown):
            raise SettingNotUsableError("file", "shown")
        if len(shown) >= MOST_LOGOS:
            raise SettingNotUsableError("file", "many", 0, MOST_LOGOS)
        if session.get(LogoFile, digest) is None:
            session.add(_file(digest, picture, content, now=now))
        logo = Logo(digest, name, alt, picture.width, picture.height)
        write_version(session, LOGOS, [*shown, asdict(logo)], version=version, who=who, now=now)
        own = read_settings(session)
    take_over(own)


def remove_logo(digest: str, *, version: int, who: Who, now: datetime) -> None:
    """Show it no longer. The picture is kept: taking the act back shows it again.

    Raises NotFoundError or RecordChangedError.
    """
    with transaction() as session:
        shown = _open(session, version)
        left = [one for one in shown if one["sha256"] != digest]
        if len(left) == len(shown):
            raise NotFoundError("logo", digest)
        write_version(session, LOGOS, left or None, version=version, who=who, now=now)
        own = read_settings(session)
    take_over(own)


def _open(session: Session, version: int) -> list[dict[str, Any]]:
    newest = newest_version(session, LOGOS)
    if (newest.version if newest else 0) != version:
        raise RecordChangedError("setting")
    return list((newest.value if newest else None) or ())


def _file(digest: str, picture: Picture, content: bytes, *, now: datetime) -> LogoFile:
    return LogoFile(
        sha256=digest,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        content=content,
        added_at=now,
    )
