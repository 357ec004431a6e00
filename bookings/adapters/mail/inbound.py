"""Reading a mail that came in: its parts, its calendars, and what kind of mail it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from html import unescape

from bookings.adapters.ical.read import UnreadableCalendarError, read_answers
from bookings.adapters.mail.inbound_bounces import BounceWords, read_bounce
from bookings.adapters.mail.inbound_headers import (
    clean,
    decode_words,
    list_recipients,
    list_references,
    read_date,
    read_header,
    read_message_id,
    read_sender,
)
from bookings.adapters.mail.inbound_kinds import choose_kind, is_bulk
from bookings.adapters.mail.inbound_values import DeliveryReport, IncomingMail
from bookings.adapters.mail.tnef import UnreadableWinmailError
from bookings.adapters.mail.winmail import own_words, read_winmail
from bookings.domain.answers import CalendarAnswer, MailClass, check_method

_MAX_TEXT = 20_000
_MAX_CALENDARS = 10
_MAX_WINMAILS = 3
_LONGEST_COMMENT = 4000
_MAX_REPORTS = 50
_MAX_PARTS = 400
_CALENDAR_TYPES = ("text/calendar", "application/ics", "text/x-vcalendar")
_WINMAIL = ("application/ms-tnef", "application/vnd.ms-tnef")
_WINMAIL_NAME = "winmail.dat"
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_HIDDEN_MARKUP = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LINE_MARKUP = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_FOLD = re.compile(rb"\r*\n[ \t]")
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
# What is written in these looks like ASCII, and is not.
_UNLIKE_ASCII = re.compile(r"iso-?2022-|hz\b|utf-7")
_WIDE = re.compile(r"utf-?(?:16|32)|ucs-?[24]")
_OFTEN_WRONG = ("utf-8", "us-ascii", "ascii")
_ORIGINALS = (
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
    "message/global-headers",
)  # fmt: skip
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_ID = re.compile(r"^message-id:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)


@dataclass
class _Contents:
    """What the parts of a mail hold."""

    calendars: list[tuple[str, str]] = field(default_factory=list)
    """Text and method parameter of each calendar part."""
    winmails: list[bytes] = field(default_factory=list)
    locked_answers: list[CalendarAnswer] = field(default_factory=list)
    """What was answered in a winmail.dat."""
    is_locked: bool = False
    """A winmail.dat holds something that stays closed."""
    texts: list[str] = field(default_factory=list)
    html_texts: list[str] = field(default_factory=list)
    reports: list[DeliveryReport] = field(default_factory=list)
    original_ids: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)


def read_mail(raw: bytes) -> IncomingMail:
    """The mail as values. Call it in the sandbox: what it reads may be made to break readers."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if raw.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        # A calendar without a mail around it, from a script or a gateway.
        raw = b"Content-Type: text/calendar; charset=utf-8\r\n\r\n" + raw.lstrip()
    mail = message_from_bytes(_without_mbox_line(raw), policy=policy.compat32)
    contents = _Contents()
    for part in _walk(mail):
        _take(part, contents)
    _open_winmails(contents, sender=read_sender(mail)[0])
    return _summary(mail, contents)


def _summary(mail: Message, contents: _Contents) -> IncomingMail:
    answers, problem = _read_calendars(contents)
    text = _readable(contents)
    bounce = read_bounce(mail, text)
    kind = choose_kind(
        mail, contents.types, answers, is_bounce=bounce is not None, has_broken_calendar=bool(problem)
    )
    told = bounce if bounce and kind is MailClass.BOUNCE else BounceWords()
    sender, name, has_one_sender = read_sender(mail)
    return IncomingMail(
        kind=kind,
        message_id=read_message_id(mail),
        sent_at=read_date(mail),
        sender=sender,
        sender_name=name,
        has_one_sender=has_one_sender,
        subject=decode_words(read_header(mail, "Subject"))[:250],
        recipients=(*list_recipients(mail), *told.addresses),
        references=(*list_references(mail), *contents.original_ids[:5], *told.message_ids),
        authentication=read_header(mail, "Authentication-Results")[:4000],
        text=text,
        answers=tuple(answers),
        reports=tuple(contents.reports[:_MAX_REPORTS]) or told.reports,
        problem=problem or _sealed(contents),
        is_bulk=is_bulk(mail),
    )


def _without_mbox_line(raw: bytes) -> bytes:
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def _walk(mail: Message) -> Iterator[Message]:
    """Parts in their order, without recursion; never what another mail inside this one holds."""
    waiting, seen = [mail], 0
    while waiting and seen < _MAX_PARTS:
        part = waiting.pop()
        seen += 1
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting.extend(reversed(_children(part)))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _take(part: Message, contents: _Contents) -> None:
    kind = part.get_content_type()
    contents.types.add(kind)
    if kind in _WINMAIL or _file_name(part) == _WINMAIL_NAME:
        contents.winmails.append(_octets(part))
    elif kind in _ORIGINALS:
        contents.original_ids += _original_ids(part)
    elif kind in _REPORTS:
        contents.reports += _delivery_reports(part)
    elif _is_calendar(part, kind):
        if len(contents.calendars) < _MAX_CALENDARS:
            method = clean(str(part.get_param("method", "") or ""))
            contents.calendars.append((_decode(part, is_folded=True), method))
    elif kind == "text/plain" and not _is_attachment(part):
        contents.texts.append(_decode(part))
    elif kind == "text/html" and not _is_attachment(part):
        contents.html_texts.append(_decode(part))


def _is_calendar(part: Message, kind: str) -> bool:
    if kind in _CALENDAR_TYPES:
        return True
    name = _file_name(part)
    return name.endswith(".ics") and not part.is_multipart()


def _file_name(part: Message) -> str:
    try:
        return decode_words(clean(part.get_filename() or "")).casefold().strip(" \"'")
    except (LookupError, ValueError, TypeError):
        return ""


def _is_attachment(part: Message) -> bool:
    return read_header(part, "Content-Disposition").casefold().startswith("attachment")


def _octets(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decode(part: Message, *, is_folded: bool = False) -> str:
    claimed = str(part.get_content_charset() or "").removeprefix("x-")
    return _readable_octets(_octets(part), claimed, is_folded=is_folded)


def _readable_octets(octets: bytes, claimed: str, *, is_folded: bool = False) -> str:
    """The text without control characters, which no database and no page could hold."""
    if is_folded and b"\0" not in octets:
        # Some programs count octets and fold within a character.
        octets = _FOLD.sub(b"", octets)
    return _CONTROLS.sub("", _characters(octets, claimed))


def _characters(octets: bytes, claimed: str) -> str:
    """UTF-8 when it is, else what the part claims, else anything rather than nothing."""
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return octets.decode("utf-16", "replace")
    is_telling = _UNLIKE_ASCII.match(claimed) or (b"\0" in octets and _WIDE.match(claimed))
    for charset in (claimed, "utf-8-sig") if is_telling else ("utf-8-sig", claimed):
        try:
            return octets.decode(charset)
        except (LookupError, ValueError):
            continue
    try:
        return octets.decode("windows-1252" if claimed in _OFTEN_WRONG else claimed, "replace")
    except (LookupError, ValueError):
        return octets.decode("windows-1252", "replace")


def _original_ids(part: Message) -> list[str]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [read_message_id(one) for one in payload[:1] if isinstance(one, Message)]
    return _ORIGINAL_ID.findall(_decode(part)[:100_000])[:1]


def _delivery_reports(part: Message) -> list[DeliveryReport]:
    payload = part.get_payload()
    groups = payload if isinstance(payload, list) else []
    if part.get_content_type() != _REPORTS[0]:
        # The form for addresses beyond ASCII (RFC 6533) is read as one mail, with recipients as its body.
        blocks = [block for one in _children(part) for block in _BLANK_LINE.split(str(one.get_payload()))]
        groups = [message_from_string(block, policy=policy.compat32) for block in blocks[:_MAX_REPORTS]]
    return [_report(one) for one in groups if isinstance(one, Message) and one.get("Action")]


def _report(group: Message) -> DeliveryReport:
    recipient = read_header(group, "Original-Recipient") or read_header(group, "Final-Recipient")
    return DeliveryReport(
        recipient=recipient.rpartition(";")[2].strip().strip("<>")[:254],
        action=read_header(group, "Action").split(" ")[0].casefold()[:20],
        status=read_header(group, "Status").strip()[:20],
        diagnostic=read_header(group, "Diagnostic-Code")[:500],
    )


def _open_winmails(contents: _Contents, *, sender: str) -> None:
    """What Outlook shut away stands beside the other parts, as if it had been sent openly."""
    for octets in contents.winmails[:_MAX_WINMAILS]:
        try:
            found = read_winmail(octets, sender=sender)
        except UnreadableWinmailError:
            contents.is_locked = True
            continue
        contents.is_locked |= not found.is_understood
        calendars = [(_readable_octets(one, "", is_folded=True), "") for one in found.calendars]
        contents.calendars += calendars[: _MAX_CALENDARS - len(contents.calendars)]
        if found.text.strip() and not any(one.strip() for one in (*contents.texts, *contents.html_texts)):
            contents.texts.append(_CONTROLS.sub("", found.text))
        if found.answer is not None:
            comment = own_words(_readable(contents))[:_LONGEST_COMMENT]
            contents.locked_answers.append(replace(found.answer, comment=comment))


def _read_calendars(contents: _Contents) -> tuple[list[CalendarAnswer], str]:
    """Each event once, the first readable copy of it; a problem only when nothing could be read.

    An answer goes before our own invitation that came back beside it, whichever stands first.
    """
    found: dict[tuple[str, str], CalendarAnswer] = {}
    problem = ""
    for text, method in contents.calendars:
        try:
            for answer in read_answers(text, mime_method=method):
                _keep(found, answer)
        except UnreadableCalendarError as error:
            problem = problem or str(error)
    if all(check_method(one) for one in found.values()):
        for answer in contents.locked_answers:
            _keep(found, answer)
    return list(found.values()), "" if found else problem


def _keep(found: dict[tuple[str, str], CalendarAnswer], answer: CalendarAnswer) -> None:
    key = (answer.uid.casefold(), str(answer.is_occurrence))
    if key not in found or (check_method(found[key]) and not check_method(answer)):
        found[key] = answer


def _sealed(contents: _Contents) -> str:
    if contents.is_locked:
        return "winmail"
    return "sealed" if contents.types.intersection(_SEALED) else ""


def _readable(contents: _Contents) -> str:
    plain = "\n\n".join(text for text in contents.texts if text.strip())
    text = plain or "\n\n".join(_from_html(one[: _MAX_TEXT * 5]) for one in contents.html_texts)
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return unified.strip()[:_MAX_TEXT]


def _from_html(html: str) -> str:
    broken = _LINE_MARKUP.sub("\n", _HIDDEN_MARKUP.sub("", html))
    return _BLANK_LINES.sub("\n\n", unescape(_MARKUP.sub("", broken)))
