"""One mail in two breaths instead of four, where the relay offers PIPELINING (RFC 2920).

Each answer of the relay that is waited for costs a round trip, and the worker its turn among the pages.
"""

import re
import smtplib
from contextlib import suppress

_CLOSING = 421
_READY = 354
_DONE = 250
_COMMANDS = 3
_TAKEN = (_DONE, 251)
_Reply = tuple[int, bytes]
_SILENCE: _Reply = (-1, b"")


def offers_pipelining(host: smtplib.SMTP) -> bool:
    """Does the relay take several commands at once? It says so in its greeting, or is asked for that."""
    host.ehlo_or_helo_if_needed()
    return bool(host.has_extn("pipelining"))


def send_pipelined(host: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> None:
    """Hand over the mail to one recipient; raises what `smtplib.SMTP.sendmail` raises, in the same cases."""
    size = f" size={len(raw)}" if host.has_extn("size") else ""
    from_path, to_path = smtplib.quoteaddr(sender), smtplib.quoteaddr(recipient)
    host.send(f"MAIL FROM:{from_path}{size}\r\nRCPT TO:{to_path}\r\nDATA\r\n")
    from_reply, to_reply, data_reply = replies = _read_replies(host)
    refusal = _refusal(from_reply, to_reply, data_reply, sender=sender, recipient=recipient)
    if refusal is None:
        _send_content(host, raw)
        return
    if data_reply[0] == _READY:  # it waits for a content, whoever was refused: nothing follows
        with suppress(smtplib.SMTPServerDisconnected):
            host.send(b".\r\n")
            host.getreply()
    _begin_anew(host, {code for code, _words in replies})
    raise refusal


def _read_replies(host: smtplib.SMTP) -> tuple[_Reply, _Reply, _Reply]:
    """What is said to each command. A relay may refuse and hang up: then the refusal is all that it says."""
    replies: list[_Reply] = []
    try:
        while len(replies) < _COMMANDS:
            replies.append(host.getreply())
    except smtplib.SMTPServerDisconnected:
        if all(code in _TAKEN for code, _words in replies):
            raise
        replies += [_SILENCE] * (_COMMANDS - len(replies))
    return replies[0], replies[1], replies[2]


def _refusal(
    from_reply: _Reply, to_reply: _Reply, data_reply: _Reply, *, sender: str, recipient: str
) -> smtplib.SMTPException | None:
    """The first command that was refused: what follows one is refused for its sake."""
    if from_reply[0] != _DONE:
        return smtplib.SMTPSenderRefused(*from_reply, sender)
    if to_reply[0] not in _TAKEN:
        return smtplib.SMTPRecipientsRefused({recipient: to_reply})
    if data_reply[0] != _READY:
        return smtplib.SMTPDataError(*data_reply)
    return None


def _send_content(host: smtplib.SMTP, raw: bytes) -> None:
    content = re.sub(rb"(?m)^\.", b"..", raw)
    host.send(content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"))
    code, words = host.getreply()
    if code != _DONE:
        _begin_anew(host, {code})
        raise smtplib.SMTPDataError(code, words)


def _begin_anew(host: smtplib.SMTP, codes: set[int]) -> None:
    if _CLOSING in codes:
        host.close()
        return
    try:
        host.rset()
    except smtplib.SMTPServerDisconnected:
        return  # the refusal says more than the end of the line
