"""The one way out by mail: rows written in the transaction of the change they tell of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app
from jinja2.runtime import Context
from sqlalchemy import Executable, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.routing import Map

from bookings.adapters.characters import UnsafeAddressError, one_line
from bookings.adapters.mail.compose import CalendarPart, Mailbox, MailContent, build_mail, build_message_id
from bookings.adapters.mail.transport import Cause
from bookings.domain.outbox import OutboxState
from bookings.i18n import LANGUAGES, in_language
from bookings.models.outbox import OUTBOX_TABLE
from bookings.queries.settings import own_settings
from bookings.services.settings.wordings import OwnBlocks, own_blocks
from bookings.settings import MailSettings, current_settings

FULL_SITE = "full_site"
"""What brings the application with all its pages, in one that has none."""
_RING = "outbox_ring"
_OPENINGS = "own_openings"
_LONGEST_SUBJECT = 254
# The key decides, not a look beforehand: another transaction may be telling of the same cause.
_INSERTS: dict[str, Executable] = {
    name: insert(OUTBOX_TABLE).on_conflict_do_nothing(index_elements=["cause", "recipient"])
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_bell = Event()
OpeningKey = tuple[str, int | None]
"""The template of a mail and the slot that it is about."""


@dataclass(frozen=True, kw_only=True)
class CalendarMail:
    """The iTIP message that a mail carries. Mails about one UID leave in the order they were queued."""

    method: Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
    content: bytes
    uid: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What somebody is told: `template` names templates/mail/<template>.txt and .html, in their language."""

    kind: str
    cause: str
    """What this mail tells of, e.g. `slot:12:release:0`: one cause sends one person at most one mail."""
    recipient: str
    recipient_name: str = ""
    language: str = LANGUAGES[0]
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    calendar: CalendarMail | None = None
    reply_to: str | None = None
    visit_id: int | None = None
    slot_id: int | None = None
    registration_id: int | None = None
    expires_at: datetime | None = None
    """From this instant it makes no sense to send the mail any more."""
    unsubscribe_url: str | None = None
    opening: str = ""
    """Staff's covering words for this one mail, with `{name}` fields; empty: the usual ones."""


@dataclass(frozen=True)
class RenderedMail:
    """A mail as its reader sees it."""

    subject: str
    text: str
    html: str


def site_url(endpoint: str, **values: Any) -> str:
    """The address of a page for a mail: from the configured base URL, never from a request's Host."""
    base = urlsplit(current_settings().web.base_url)
    site = _find_map(endpoint).bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    return site.build(endpoint, values, force_external=True)


def _find_map(endpoint: str) -> Map:
    """Where this page is: a process without pages knows few of them, and asks the full site for others."""
    own = current_app.url_map
    try:
        own.iter_rules(endpoint)
    except KeyError:
        load_full = current_app.extensions.get(FULL_SITE)
        return load_full(current_settings()).url_map if load_full else own
    return own


def render_mail(mail: Mail, *, own: dict[str, str] | None = None) -> RenderedMail:
    """The mail in its reader's language, for sending and for previews. Writes nothing.

    With `own` the parts that staff are writing just now stand in the place of those that are kept.
    """
    with in_language(mail.language):
        words: dict[str, Any] = {
            "recipient_name": mail.recipient_name,
            **mail.context,
            "locale": mail.language,
            "base_url": current_settings().web.base_url,
        }
        own = dict(own_settings().mail_words(mail.template, mail.language)) if own is None else own
        own = {**own, "opening": mail.opening} if mail.opening else own
        text, context = _render(f"mail/{mail.template}.txt", words, own_blocks(own, words, is_html=False))
        subject = one_line("".join(context.blocks["subject"][0](context)))[:_LONGEST_SUBJECT]
        words["subject"] = subject
        html, _context = _render(f"mail/{mail.template}.html", words, own_blocks(own, words, is_html=True))
        return RenderedMail(subject, text.strip(), html)


def standard_opening(mail: Mail, fields: Collection[str]) -> str:
    """The covering words that the mail has without `opening`, with these fields by their names."""
    own = own_settings().mail_words(mail.template, mail.language).get("opening", "")
    if own:
        return own
    with in_language(mail.language):
        words = {
            "recipient_name": mail.recipient_name,
            "locale": mail.language,
            "base_url": current_settings().web.base_url,
            **mail.context,
            **{name: f"{{{name}}}" for name in fields},
        }
        _text, context = _render(f"mail/{mail.template}.txt", words, {})
        return "".join(context.blocks["lead"][0](context)).strip()


def _render(name: str, words: dict[str, Any], blocks: OwnBlocks) -> tuple[str, Context]:
    """The text, staff's own blocks first; the context knows blocks that no frame shows."""
    template = current_app.jinja_env.get_template(name)
    context = template.new_context(words)
    for block, own in blocks.items():
        context.blocks[block] = own
    return "".join(template.root_render_func(context)), context


def queue_mail(session: Session, mail: Mail, *, now: datetime) -> None:
    """Add the mail to the caller's transaction; a repeated cause adds nothing for the same person.

    An address that mail cannot carry stops nobody's change: staff find the mail among the failed ones.
    """
    mail = _with_own_words(session, mail)
    values = _envelope(mail, now=now)
    try:
        values |= _contents(mail, values["message_id"], now=now)
    except UnsafeAddressError as error:
        values |= {"state": OutboxState.FAILED, "last_cause": Cause.ADDRESS, "last_error": str(error)}
    session.execute(_INSERTS[session.get_bind().dialect.name], values)
    ring_after_commit(session)


def use_own_words(session: Session, openings: Mapping[OpeningKey, str]) -> None:
    """Mails of this transaction about these slots (none: the visitor's) open with these words of staff."""
    session.info.setdefault(_OPENINGS, {}).update(openings)


def _with_own_words(session: Session, mail: Mail) -> Mail:
    opening = session.info.get(_OPENINGS, {}).get((mail.template, mail.slot_id), "")
    return replace(mail, opening=opening) if opening else mail


def _envelope(mail: Mail, *, now: datetime) -> dict[str, Any]:
    settings = current_settings().mail
    return {
        "message_id": build_message_id(settings.domain),
        "cause": mail.cause,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "sender": mail.reply_to or settings.sender_address,
        "language": mail.language,
        "subject": mail.kind,
        "raw": b"",
        "calendar_uid": mail.calendar.uid if mail.calendar else None,
        "calendar_sequence": mail.calendar.sequence if mail.calendar else None,
        "visit_id": mail.visit_id,
        "slot_id": mail.slot_id,
        "registration_id": mail.registration_id,
        "state": OutboxState.WAITING,
        "last_cause": "",
        "last_error": "",
        "queued_at": now,
        "next_attempt_at": now,
        "expires_at": mail.expires_at,
    }


def _contents(mail: Mail, message_id: str, *, now: datetime) -> dict[str, Any]:
    rendered = render_mail(mail)
    content = _content(mail, rendered, message_id, settings=current_settings().mail, now=now)
    return {"subject": rendered.subject, "raw": build_mail(content)}


def _content(
    mail: Mail, rendered: RenderedMail, message_id: str, *, settings: MailSettings, now: datetime
) -> MailContent:
    return MailContent(
        sender=Mailbox(address=settings.sender_address, name=settings.sender_name),
        recipient=Mailbox(address=mail.recipient, name=mail.recipient_name),
        subject=rendered.subject,
        date=now,
        message_id=message_id,
        text=rendered.text,
        html=rendered.html,
        reply_to=Mailbox(address=mail.reply_to, name=settings.sender_name) if mail.reply_to else None,
        calendar=CalendarPart(method=mail.calendar.method, content=mail.calendar.content)
        if mail.calendar
        else None,
        unsubscribe_url=mail.unsubscribe_url,
    )


def ring_after_commit(session: Session) -> None:
    """Wake this process's worker when the transaction is through; other workers look by themselves."""
    session.info[_RING] = True


@event.listens_for(Session, "after_transaction_end")
def _forget_own_words(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_OPENINGS, None)


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.info.pop(_RING, False):
        _bell.set()


def wait_for_mail(seconds: float) -> None:
    """Return when mail was queued in this process, and at the latest after so many seconds."""
    _bell.wait(seconds)
    _bell.clear()


def wake_worker() -> None:
    """Let a waiting worker of this process look at once: there is mail, or it has to stop."""
    _bell.set()
