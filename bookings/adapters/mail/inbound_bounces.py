"""Bounces in words alone: what mail servers without status parts (RFC 3464) write, read as reports."""

import re
from dataclasses import dataclass
from email.message import Message

from bookings.adapters.mail.inbound_headers import decode_words, list_addresses, read_header
from bookings.adapters.mail.inbound_values import DeliveryReport

_LONGEST_NOTICE = 8000
_MOST_QUOTED = 20
_SERVERS = re.compile(
    r"[\"'\s]*(?:mailer-?daemon|mail-daemon|postmaster)\b|microsoftexchange[0-9a-f]{8,}@", re.IGNORECASE
)
# From here on the text is our own mail, sent back.
_COPY = re.compile(
    r"^[-=>* \t]*(?:below this line is a copy|this is a copy of|(?:the )?(?:header|body) of the original|"
    r"(?:- )?original message|(?:un(?:sent|delivered) )message (?:follows|below)|message headers? follow|"
    r"(?:return-path|received|message-id|x-mailer|mime-version)\s*:)",
    re.IGNORECASE | re.MULTILINE,
)
_FAILURE = re.compile(
    r"qmail-send program|automatically by (?:the )?mail (?:delivery|system) software|mail system at host|"
    r"permanent (?:fatal )?(?:error|failure)|failed permanently|undeliver(?:ed|able|y)|returned mail|"
    r"(?:not|n't|unable to) (?:be )?deliver|did not reach|delivery[^.\n]{0,60}fail(?:ed|ure)|"
    r"address not found|"
    r"(?:kunde|kan) inte levereras|leverans[^.\n]{0,40}misslyckades|toimitus[^.\n]{0,40}epäonnistui|"
    r"ei voi(?:tu|da) toimittaa|(?:konnte|kann) nicht zugestellt|unzustellbar|non[ -]?(?:remis|distribu)",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"warning only|n[o']t need to resend|will (?:be retried|retry|keep trying|continue (?:to try|trying))|"
    r"(?:message|delivery|mail) (?:is |has been |was )?(?:delayed|deferred)|delayed mail|delivery incomplete|"
    r"has not (?:yet )?been delivered|temporary (?:problem|failure)",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent|giving up|given? up|no (?:such|mailbox)|unknown|does ?n[o']t exist|not found|rejected|"
    r"did not reach|qmail-send program|could not be delivered|was ?n[o']t delivered|undeliverable",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?:^|[:;(<]|\b(?:error|code|said|response|reason))[ \t]*([45])[0-5]\d[ -]", re.MULTILINE)
_QUOTED_ID = re.compile(r"^[> \t]*message-id:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class BounceWords:
    """What the words of a bounce say, and which mail of ours it quotes."""

    reports: tuple[DeliveryReport, ...] = ()
    message_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def comes_from_server(mail: Message) -> bool:
    """Is the writer a mail server by its name?"""
    return bool(_SERVERS.match(read_header(mail, "From").rpartition("<")[2]))


def read_bounce(mail: Message, text: str) -> BounceWords | None:
    """What a mail server says in words; None when no mail server wrote this, or not about a mail of ours."""
    begin = _COPY.search(text)
    notice = text[: min(begin.start() if begin else len(text), _LONGEST_NOTICE)]
    notice = f"{decode_words(read_header(mail, 'Subject'))}\n{notice}"
    if not comes_from_server(mail) and not _is_without_sender(mail, notice):
        return None
    failed = list_addresses(read_header(mail, "X-Failed-Recipients")) or list_addresses(notice)
    return BounceWords(
        reports=_reports(notice, failed),
        message_ids=tuple(_QUOTED_ID.findall(text)[:5]),
        addresses=tuple(list_addresses(text)[:_MOST_QUOTED]),
    )


def _is_without_sender(mail: Message, notice: str) -> bool:
    """Nobody could be told if this mail did not arrive, and it tells of a failure with the server's code."""
    if "X-Failed-Recipients" in mail:
        return True
    has_code = bool(_STATUS.search(notice) or _CODE.search(notice))
    tells = bool(_FAILURE.search(notice) or _DELAY.search(notice))
    return read_header(mail, "Return-Path") == "<>" and has_code and tells


def _reports(notice: str, failed: list[str]) -> tuple[DeliveryReport, ...]:
    """One report, as certain as the words are; none when they do not say whether it is for good."""
    recipient = failed[0][:254] if failed else ""
    words = " ".join(notice.split())[:500]
    if _DELAY.search(notice):
        return (DeliveryReport(recipient=recipient, action="delayed", status="4.0.0", diagnostic=words),)
    status = _status(notice)
    if not status:
        return ()
    return (DeliveryReport(recipient=recipient, action="failed", status=status, diagnostic=words),)


def _status(notice: str) -> str:
    found: list[str] = _STATUS.findall(notice) or [f"{one}.0.0" for one in _CODE.findall(notice)]
    if found:
        return min(found, key=lambda one: not one.startswith("5"))
    return "5.0.0" if _FINAL.search(notice) else ""
