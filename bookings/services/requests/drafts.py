"""Half-filled forms: kept on the server, found again by a secret link."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.models.visits import VisitDraft
from bookings.queries.links import hash_token
from bookings.queries.requests import AUTOMATIC, find_draft_row
from bookings.settings import current_settings

Typed = dict[str, list[str]]


def start_draft(step: str, typed: Typed, *, language: str, looks_automatic: bool, now: datetime) -> str:
    """Keep the first step and return the token of the draft's link."""
    token = token_urlsafe(32)
    with transaction() as session:
        session.add(
            VisitDraft(
                token_hash=hash_token(token),
                language=language,
                answers=_with_step({}, step, typed, looks_automatic=looks_automatic),
                created_at=now,
                expires_at=now + timedelta(days=current_settings().visits.draft_days),
            )
        )
    return token


def save_step(
    token: str, step: str, typed: Typed, *, language: str, looks_automatic: bool, now: datetime
) -> None:
    """Keep one step as it was typed; a form that was sent stays as it is.

    Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        draft = find_draft_row(session, token, now=now, lock=True)
        if draft.visit_id is None:
            draft.answers = _with_step(draft.answers, step, typed, looks_automatic=looks_automatic)
            draft.language = language


def settle_draft(session: Session, draft: VisitDraft | None, *, visit_id: int) -> None:
    """The form was sent: the request holds the answers now, and the link leads to it."""
    if draft is not None:
        draft.visit_id = visit_id
        draft.answers = {}


def _with_step(
    answers: dict[str, object], step: str, typed: Typed, *, looks_automatic: bool
) -> dict[str, object]:
    kept = {**answers, step: typed}
    return {**kept, AUTOMATIC: True} if looks_automatic else kept
