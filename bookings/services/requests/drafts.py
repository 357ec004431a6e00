"""Half-filled forms: kept on the server, found again by a secret link."""

from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from bookings.db import table_of, transaction
from bookings.models.visits import VisitDraft
from bookings.queries.links import hash_token
from bookings.queries.requests import AUTOMATIC, DraftView, find_draft
from bookings.settings import current_settings

Typed = dict[str, list[str]]
_DRAFTS = table_of(VisitDraft)
_ADD = insert(_DRAFTS)
_CHANGE = update(_DRAFTS).where(_DRAFTS.c.id == bindparam("draft_id"))


def start_draft(step: str, typed: Typed, *, language: str, looks_automatic: bool, now: datetime) -> str:
    """Keep the first step and return the token of the draft's link."""
    token = token_urlsafe(32)
    draft = {
        "token_hash": hash_token(token),
        "language": language,
        "answers": {step: typed, **_mark(looks_automatic)},
        "created_at": now,
        "expires_at": now + timedelta(days=current_settings().visits.draft_days),
    }
    with transaction() as session:
        session.execute(_ADD, draft)
    return token


def save_step(
    token: str, step: str, typed: Typed, *, language: str, looks_automatic: bool, now: datetime
) -> DraftView:
    """Keep one step as it was typed and return the whole form; one that was sent stays as it is.

    Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        draft = find_draft(session, token, now=now, lock=True)
        if draft.visit_id is not None:
            return draft
        draft = replace(draft, answers={**draft.answers, step: typed})
        answers = {**draft.answers, **_mark(looks_automatic or draft.looks_automatic)}
        session.execute(_CHANGE.values(answers=answers, language=language), {"draft_id": draft.id})
        return draft


def settle_draft(session: Session, draft: DraftView | None, *, visit_id: int) -> None:
    """The form was sent: the request holds the answers now, and the link leads to it."""
    if draft is not None:
        session.execute(_CHANGE.values(answers={}, visit_id=visit_id), {"draft_id": draft.id})


def _mark(looks_automatic: bool) -> dict[str, Any]:
    return {AUTOMATIC: True} if looks_automatic else {}
