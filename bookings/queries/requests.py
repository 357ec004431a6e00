"""Reads of the form: drafts, what was sent, what a link in the first mail stands for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.advice import HostLimits
from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import VisitState
from bookings.models.links import ActionLink
from bookings.models.visits import VisitDraft, VisitRequest
from bookings.queries.directory import Company
from bookings.queries.links import hash_token

Answers = dict[str, dict[str, list[str]]]
"""Step → field → values as typed."""
AUTOMATIC = "looks_automatic"
"""Key beside the steps in a draft: something filled in the trap, or was too quick."""


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


def find_draft_row(session: Session, token: str, *, now: datetime, lock: bool = False) -> VisitDraft:
    """The stored draft. Raises LinkNotFoundError or LinkExpiredError."""
    statement = select(VisitDraft).where(VisitDraft.token_hash == hash_token(token))
    draft = session.scalar(statement.with_for_update() if lock else statement)
    if draft is None:
        raise LinkNotFoundError
    if now >= draft.expires_at:
        raise LinkExpiredError(LinkPurpose.RESUME_DRAFT, draft.expires_at)
    return draft


def find_draft(session: Session, token: str, *, now: datetime) -> DraftView:
    """The draft of this link. Raises LinkNotFoundError or LinkExpiredError."""
    draft = find_draft_row(session, token, now=now)
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
    row = session.execute(
        select(
            VisitRequest.id,
            VisitRequest.reference,
            VisitRequest.state,
            VisitRequest.contact_email,
            VisitRequest.answer_by,
            VisitRequest.closed_reason,
        ).where(VisitRequest.id == visit_id)
    ).one_or_none()
    if row is None:
        raise LinkNotFoundError
    return SentRequest(row[0], row[1], VisitState(row[2]), *row[3:])


def find_request_of_link(
    session: Session, token: str, purpose: LinkPurpose
) -> tuple[SentRequest, ActionLink]:
    """The request of a link of the first mail, even when the link is past. Raises LinkNotFoundError."""
    link = session.scalar(
        select(ActionLink).where(ActionLink.token_hash == hash_token(token), ActionLink.purpose == purpose)
    )
    if link is None or link.revoked_at is not None:
        raise LinkNotFoundError
    return find_sent(session, link.subject_id), link


def count_mails_about(session: Session, visit_id: int, purpose: LinkPurpose) -> int:
    """How many links of this purpose went out for a request."""
    statement = select(func.count()).where(ActionLink.purpose == purpose, ActionLink.subject_id == visit_id)
    return session.scalar(statement) or 0


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
