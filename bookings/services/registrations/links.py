"""The secret links of people who register. Parts of use cases."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.links import MAILED, TYPED, LinkPurpose, build_member_token
from bookings.models.links import ActionLink
from bookings.models.registrations import Registration
from bookings.queries.links import hash_token
from bookings.queries.registrations.groups import Group
from bookings.settings import current_settings

_LINKS = insert(table_of(ActionLink))


def add_page_link(session: Session, group: Group, person: Registration, *, now: datetime) -> str:
    """The link of a person's own page.

    With that of a leader come those of members who have not used their own yet, to be shown there.
    """
    token = secrets.token_urlsafe(32)
    links: list[tuple[str, int, int | None]] = [(token, person.id, MAILED)]
    if person.leader_id is None:
        members = _list_unproved_members(session, group, person)
        links += [(build_member_token(token, member_id), member_id, None) for member_id in members]
    _add_page_links(session, group, links, now=now)
    return token


def _list_unproved_members(session: Session, group: Group, leader: Registration) -> list[int]:
    """Those whose pages may still be passed on: what others have written there is theirs."""
    if not group.is_alone and not any(one.leader_id == leader.id for one in group.people):
        return []
    found = select(Registration.id).where(
        Registration.leader_id == leader.id,
        Registration.verified_at.is_(None),
        ~exists().where(
            ActionLink.purpose == LinkPurpose.MANAGE_REGISTRATION,
            ActionLink.subject_id == Registration.id,
            ActionLink.sequence == TYPED,
            ActionLink.revoked_at.is_(None),
        ),
    )
    return list(session.scalars(found))


def add_typed_link(session: Session, group: Group, person: Registration, *, now: datetime) -> str:
    """A link for whoever typed an address just now. It ends when the address is proved."""
    token = secrets.token_urlsafe(32)
    _add_page_links(session, group, [(token, person.id, TYPED)], now=now)
    return token


def _add_page_links(
    session: Session, group: Group, links: Sequence[tuple[str, int, int | None]], *, now: datetime
) -> None:
    days = timedelta(days=current_settings().registrations.manage_link_days)
    expires_at = max(group.event.ends_at, now) + days
    add_links(session, LinkPurpose.MANAGE_REGISTRATION, links, now=now, expires_at=expires_at)


def add_links(
    session: Session,
    purpose: LinkPurpose,
    links: Sequence[tuple[str, int, int | None]],
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep the hashes of these tokens: token, registration, sequence."""
    rows = [
        {
            "token_hash": hash_token(token), "purpose": purpose, "subject_id": subject_id,
            "sequence": sequence, "created_at": now, "expires_at": expires_at,
        }
        for token, subject_id, sequence in links
    ]  # fmt: skip
    session.execute(_LINKS, rows)


def revoke_page_links(
    session: Session, registration_ids: Sequence[int], *, only_shown: bool = False, now: datetime
) -> None:
    """Links that others may hold open nothing any more, nor do feeds that were made with them.

    `only_shown`: those that did not leave by mail.
    """
    statement = update(ActionLink).where(
        ActionLink.purpose.in_((LinkPurpose.MANAGE_REGISTRATION, LinkPurpose.REGISTRATION_FEED)),
        ActionLink.subject_id.in_(registration_ids),
        ActionLink.revoked_at.is_(None),
    )
    if only_shown:
        statement = statement.where(ActionLink.sequence.is_distinct_from(MAILED))
    session.execute(statement.values(revoked_at=now), execution_options={"synchronize_session": False})


def revoke_verification(session: Session, registration_id: int, *, now: datetime) -> None:
    """Links of the first mail in a mailbox that was written down wrongly prove nothing any more."""
    statement = update(ActionLink).where(
        ActionLink.purpose == LinkPurpose.VERIFY_REGISTRATION,
        ActionLink.subject_id == registration_id,
        ActionLink.revoked_at.is_(None),
    )
    session.execute(statement.values(revoked_at=now), execution_options={"synchronize_session": False})
