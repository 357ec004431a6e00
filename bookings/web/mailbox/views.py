"""The demo's local mailbox: every mail that would have left, for one person who plays all parts."""

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from bookings.adapters.mail.folder import (
    MailNotInFolderError,
    MailParts,
    MailSummary,
    list_folder_messages,
    read_folder_message,
)
from bookings.db import read_session
from bookings.queries.mailbox import Reader, find_readers
from bookings.settings import current_settings
from bookings.web.mailbox.calendar_rows import build_calendar_rows
from bookings.web.security import public

mailbox = Blueprint("mailbox", __name__, url_prefix="/mailbox")

_TIME_ZONE = "Europe/Helsinki"
# What stands in a mail is shown, never run; links of the mail open in a tab of their own.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'self'; "
    "form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
# The site's own policy, and frames of the site.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class Box:
    """The mails of one recipient, newest first."""

    recipient: str
    reader: Reader | None
    mails: tuple[MailSummary, ...]


@mailbox.get("")
@public
def index() -> ResponseReturnValue:
    """Everybody who got mail, the one with the newest first."""
    return render_template("mailbox/index.html", boxes=_list_boxes(), time_zone=_TIME_ZONE)


@mailbox.get("/<recipient>")
@public
def box(recipient: str) -> ResponseReturnValue:
    """The mails of one recipient."""
    found = next((box for box in _list_boxes() if box.recipient == recipient), None)
    if found is None:
        abort(404)
    return render_template("mailbox/box.html", box=found, time_zone=_TIME_ZONE)


@mailbox.get("/message/<key>")
@public
def message(key: str) -> ResponseReturnValue:
    """One mail: text, HTML, calendar part, links, headers."""
    mail = _read(key)
    response = make_response(
        render_template(
            "mailbox/message.html",
            mail=mail,
            calendar_rows=build_calendar_rows(mail.calendar),
            reader=find_readers(read_session(), [mail.summary.recipient]).get(mail.summary.recipient),
            time_zone=_TIME_ZONE,
        )
    )
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response


@mailbox.get("/message/<key>/html")
@public
def message_html(key: str) -> ResponseReturnValue:
    """The HTML part alone, for the frame on its page: without scripts, pictures and forms."""
    page = _read(key).html.replace("<head>", '<head><base target="_blank" />', 1)
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@mailbox.get("/message/<key>/invite.ics")
@public
def message_calendar(key: str) -> ResponseReturnValue:
    """The calendar part as a file."""
    mail = _read(key)
    if not mail.calendar:
        abort(404)
    # RFC 5545 ends its lines with CRLF; reading the mail made them plain.
    response = Response(mail.calendar.replace("\n", "\r\n"), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return response


def _list_boxes() -> list[Box]:
    mails = list_folder_messages(current_settings().mailbox_folder)
    readers = find_readers(read_session(), {mail.recipient for mail in mails})
    by_recipient = groupby(sorted(mails, key=lambda mail: mail.recipient), key=lambda mail: mail.recipient)
    boxes = [Box(recipient, readers.get(recipient), tuple(group)) for recipient, group in by_recipient]
    newest = {mail.key: number for number, mail in enumerate(mails)}
    return sorted(boxes, key=lambda box: newest[box.mails[0].key])


def _read(key: str) -> MailParts:
    try:
        return read_folder_message(current_settings().mailbox_folder, key)
    except MailNotInFolderError:
        abort(404)
