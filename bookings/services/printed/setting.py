"""Sheets as tagged PDF, set when somebody asks: one at a time by a child process, and kept for a while."""

import json
import logging
from collections import OrderedDict
from functools import cache
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from bookings.adapters.printing import PrintingError, print_document
from bookings.queries.settings import find_logo
from bookings.services.printed.sheets import Sheet
from bookings.settings import asset_folder

log = logging.getLogger("bookings.printing")

# Shorter than browsers wait; the child takes less than a second.
WAIT_SECONDS = 20.0
_MOST_KEPT = 32
_STAMP_LENGTH = 40

_kept: OrderedDict[str, bytes] = OrderedDict()
_press = Lock()

__all__ = ["PrintingError", "hash_sheet", "print_sheet"]


def hash_sheet(sheet: Sheet) -> str:
    """Another content has another one: what is kept under it is never stale."""
    said = json.dumps([sheet.data, sheet.logos], sort_keys=True, ensure_ascii=False).encode()
    return sha256(_source() + b"\0" + said).hexdigest()[:_STAMP_LENGTH]


def print_sheet(session: Session, sheet: Sheet) -> bytes:
    """The PDF, kept or new. Reads are over when the child starts. Raises PrintingError."""
    stamp = hash_sheet(sheet)
    found = _kept.get(stamp)
    if found is not None:
        return found
    logos = [_load_logo(session, *logo) for logo in sheet.logos]
    session.rollback()
    # Whoever asks for many at once has them set one after another, not the machine's memory for them.
    if not _press.acquire(timeout=WAIT_SECONDS):
        raise PrintingError("too many wait")
    try:
        content = _kept.get(stamp) or _set(sheet, logos)
        _kept[stamp] = content
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    finally:
        _press.release()
    return content


def _set(sheet: Sheet, logos: list[dict[str, Any]]) -> bytes:
    """With the logos; a picture that cannot be drawn costs nobody the programme."""
    try:
        return print_document(_source(), {**sheet.data, "logos": logos}, wait_seconds=WAIT_SECONDS).content
    except PrintingError:
        if not logos:
            raise
        log.warning("a logo cannot be printed", exc_info=True)
        return print_document(_source(), {**sheet.data, "logos": []}, wait_seconds=WAIT_SECONDS).content


def _load_logo(session: Session, digest: str, alt: str) -> dict[str, Any]:
    media_type, content = find_logo(session, digest)
    kind = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}[media_type]
    return {"octets": list(content), "format": kind, "alt": alt}


@cache
def _source() -> bytes:
    return (asset_folder("templates") / "printed" / "programme.typ").read_bytes()
