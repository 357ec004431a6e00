"""Signing in by a link in a mail: short-lived, one use, and the same answer whoever asks."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import Actor
from bookings.models.links import ActionLink
from bookings.models.staff import StaffUser
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, render_mail, site_url
from bookings.settings import current_settings


def send_sign_in_link(email: str, *, now: datetime) -> None:
    """A link to whoever has an open account of this address; nothing to anybody else, and as slowly."""
    until = now + timedelta(minutes=current_settings().session.sign_in_link_minutes)
    folded = email.strip().lower()
    with transaction() as session:
        user = session.scalars(
            select(StaffUser).where(func.lower(StaffUser.email) == folded, StaffUser.active)
        ).unique().first()  # fmt: skip
        if user is None:
            render_mail(_mail("nobody@invalid.example", "", "en", token="x" * 43, until=until, cause=""))
            return
        _revoke(session, user.id, now=now)
        token = add_link(session, LinkPurpose.STAFF_SIGN_IN, user.id, now=now, expires_at=until)
        cause = f"staff:{user.id}:sign_in:{now.isoformat()}"
        queue_mail(
            session,
            _mail(user.email, user.name, user.language, token=token, until=until, cause=cause),
            now=now,
        )
        who = Who(Actor.STAFF, user.name)
        add_audit(session, who, "ask_sign_in_link", noun="staff", subject_id=user.id, now=now)


def use_sign_in_link(token: str, *, now: datetime) -> int:
    """Whose link it is; it works once. Raises LinkNotFoundError, LinkExpiredError."""
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.STAFF_SIGN_IN, now=now)
        user = session.get(StaffUser, link.subject_id)
        if user is None or not user.active:
            raise LinkNotFoundError
        _revoke(session, user.id, now=now)
        return user.id


def _mail(email: str, name: str, language: str, *, token: str, until: datetime, cause: str) -> Mail:
    return Mail(
        kind="staff_sign_in",
        cause=cause,
        recipient=email,
        recipient_name=name,
        language=language,
        template="staff_sign_in",
        context={
            "minutes": current_settings().session.sign_in_link_minutes,
            "url": site_url("staff_links.show", token=token),
        },
        expires_at=until,
    )


def _revoke(session: Session, staff_user_id: int, *, now: datetime) -> None:
    session.execute(
        update(ActionLink)
        .where(
            ActionLink.purpose == LinkPurpose.STAFF_SIGN_IN,
            ActionLink.subject_id == staff_user_id,
            ActionLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
