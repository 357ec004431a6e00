"""Reads of the form: drafts, what was sent, what a link in the first mail stands for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.advice import HostLimits
from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import VisitState
from bookings.models.visits import VisitDraft, VisitRequest
from bookings.queries.directory import Company
from bookings.queries.links import FoundLink, find_any_link, hash_token

Answers = dict[str, dict[str, list[str]]]
"""Step → field → values as typed."""
AUTOMATIC = "looks_automatic"
"""Key beside the steps in a draft: something filled in the trap, or was too quick."""
_DRAFTS, _REQUESTS = table_of(VisitDraft), table_of(VisitRequest)
_DRAFT = select(_DRAFTS).where(_DRAFTS.c.token_hash == bindparam("token_hash"))
_DRAFT_TO_CHANGE = _DRAFT.with_for_update()
_SENT = select(
    _REQUESTS.c.id,
    _REQUESTS.c.reference,
    _REQUESTS.c.state,
    _REQUESTS.c.contact_email,
    _REQUESTS.c.answer_by,
    _REQUESTS.c.closed_reason,
).where(_REQUESTS.c.id == bindparam("visit_id"))


@dataclass(frozen=True)
class DraftView:
    """A half-filled form; `visit_id` is set when it was sent."""

    id: int
    form_key: str
    answers: Answers
    expires_at: datetime
    visit_id: int | None
    looks_automatic: bool

    def step(self, name: str) -> dict[str, list[str]] | None:
        """What was typed in a step; None when the step was never answered."""
        return self.answers.get(name)


@dataclass(frozen=True)
class SentRequest:
    """A request as its sender may see it before the address is proved."""

    id: int
    reference: str
    state: VisitState
    email: str
    answer_by: datetime | None
    closed_reason: str = ""

    @property
    def waits_for_proof(self) -> bool:
        return self.state is VisitState.UNVERIFIED


def find_draft(session: Session, token: str, *, now: datetime, lock: bool = False) -> DraftView:
    """The draft of this link. Raises LinkNotFoundError or LinkExpiredError."""
    found = session.execute(_DRAFT_TO_CHANGE if lock else _DRAFT, {"token_hash": hash_token(token)})
    draft = found.one_or_none()
    if draft is None:
        raise LinkNotFoundError
    if now >= draft.expires_at:
        raise LinkExpiredError(LinkPurpose.RESUME_DRAFT, draft.expires_at)
    answers: dict[str, Any] = dict(draft.answers)
    return DraftView(
        id=draft.id,
        form_key=draft.token_hash.hex()[:40],
        looks_automatic=bool(answers.pop(AUTOMATIC, False)),
        answers=answers,
        expires_at=draft.expires_at,
        visit_id=draft.visit_id,
    )


def find_sent(session: Session, visit_id: int) -> SentRequest:
    """The request that a draft became. Raises LinkNotFoundError when it was erased."""
    row = session.execute(_SENT, {"visit_id": visit_id}).one_or_none()
    if row is None:
        raise LinkNotFoundError
    return SentRequest(row[0], row[1], VisitState(row[2]), *row[3:])


def find_request_of_link(session: Session, token: str, purpose: LinkPurpose) -> tuple[SentRequest, FoundLink]:
    """The request of a link of the first mail, even when the link is past. Raises LinkNotFoundError."""
    link = find_any_link(session, token, purpose)
    return find_sent(session, link.subject_id), link


def build_host_limits(companies: list[Company]) -> list[HostLimits]:
    """What each wanted host can receive at once: its roomiest site decides."""
    return [
        HostLimits(
            company.slug,
            company.name,
            group_min=min((site.group_min for site in company.sites if site.group_min), default=None),
            group_max=max((site.group_max for site in company.sites if site.group_max), default=None),
        )
        for company in companies
    ]
