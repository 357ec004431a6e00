"""Why a mail waits, and what was concluded from others, as sentences for staff."""

from bookings.domain.answers import Partstat, Reason, Verdict
from bookings.i18n import lazy_gettext as _l

REASONS = {
    Reason.MATCHED: _l("The answer was counted."),
    Reason.DUPLICATE: _l("The same answer had come before; nothing changed."),
    Reason.OUTDATED: _l("A later answer of the same person had come before; nothing changed."),
    Reason.OLD_SEQUENCE: _l("This answers an earlier time of the visit. The host still owes an answer."),
    Reason.NEVER_SENT: _l("This answers a version of the invitation that we never sent."),
    Reason.VERSION_UNCLEAR: _l("It is not clear which version of the invitation this answers."),
    Reason.NO_ANSWER: _l("The calendar program sent no answer, only that it has the invitation."),
    Reason.UNPROVED: _l("We cannot be sure that this mail comes from the host. Ask before you count it."),
    Reason.ALIAS: _l("The answer came from another address. Is it the same person?"),
    Reason.NOT_INVITED: _l(
        "Somebody who was not invited has answered, perhaps a colleague it was passed on to."
    ),
    Reason.UID_UNKNOWN: _l("This answers an invitation that we do not know."),
    Reason.FOREIGN_METHOD: _l("This is an invitation or a cancellation from outside. It was not followed."),
    Reason.RECURRENCE: _l("This answers one day of a repeated event; ours has one day only."),
    Reason.TIMES_UNCLEAR: _l(
        "The time that is proposed cannot be used or understood. Read the mail and ask."
    ),
    Reason.DELEGATED: _l("The host wants somebody else to take over. Please talk to both."),
    Reason.REFRESH: _l("The calendar asked for the invitation again and got it."),
    Reason.NO_ATTENDEE: _l("The answer does not say who gives it."),
    Reason.REFRESH_LIMIT: _l("The calendar asked for the invitation again, too often; nothing was sent."),
    Reason.NOTHING_TO_SEND: _l("The calendar asked for an invitation that is off; nothing was sent."),
    Reason.SLOT_TAKEN: _l("The host said yes, but the time is taken meanwhile."),
    Reason.TOO_LATE: _l("The answer came after the last moment for changing it."),
    Reason.NOT_POSSIBLE: _l("As the visit stands now, this answer cannot be counted."),
    Reason.ENDED: _l("The host said no to a stop that is off anyway."),
    Reason.BOUNCED: _l("Mails to this address come back for good. Call the host or correct the address."),
    Reason.BOUNCE_UNCLEAR: _l("A mail server sent a mail back without saying why."),
    Reason.BOUNCE_UNTRACED: _l(
        "A mail to this address came back, and nothing in it says which. Read it, and look at the address."
    ),
    Reason.DELAYED: _l("A mail server is slow and goes on trying."),
    Reason.AUTOMATIC: _l("An automatic reply."),
    Reason.READ_RECEIPT: _l("A read receipt."),
    Reason.PERSON: _l("Somebody wrote to us."),
    Reason.STRANGER: _l("Not about any visit, from somebody we do not know."),
    Reason.WINMAIL: _l("The answer is locked in a winmail.dat that only Outlook can open. Ask the host."),
    Reason.SEALED: _l("The mail is encrypted and we have no key. Ask the host to write without."),
    Reason.UNREADABLE: _l("The calendar in this mail is broken, or the mail cannot be read."),
    Reason.OUT_OF_BOUNDS: _l("The mail is far too large or built to do harm. It was put aside unread."),
}

ANSWERS = {
    Partstat.ACCEPTED: _l("Accepted"),
    Partstat.DECLINED: _l("Declined"),
    Partstat.TENTATIVE: _l("Maybe"),
    Partstat.DELEGATED: _l("Passed on"),
    Partstat.NEEDS_ACTION: _l("No answer"),
}

RESOLUTIONS = {
    "count": _l("Counted"),
    "alias": _l("Counted, and the address is known from now on"),
    "deputy": _l("The colleague answers from now on"),
    "ignore": _l("Set aside"),
    "reply": _l("Replied"),
}

_NEVER_COUNTED = {Reason.TIMES_UNCLEAR, Reason.UID_UNKNOWN, Reason.FOREIGN_METHOD, Reason.NO_ATTENDEE}


def can_be_counted(finding: dict[str, object]) -> bool:
    """Is there an answer in it that staff may let count?"""
    return (
        finding.get("action") == Verdict.REVIEW
        and bool(finding.get("attendee_id"))
        and bool(finding.get("answer"))
        and finding.get("reason") not in _NEVER_COUNTED
        and finding.get("partstat") not in (None, Partstat.NEEDS_ACTION)
    )


def find_deputy(finding: dict[str, object]) -> str:
    """To whom the host passed the invitation on, if that is what the mail says."""
    is_passed_on = finding.get("action") == Verdict.RECORD_DELEGATION and finding.get("attendee_id")
    return str(finding.get("delegated_to") or "") if is_passed_on else ""


def may_be_alias(finding: dict[str, object]) -> bool:
    """Is it another address in answer to somebody's own invitation?"""
    return (
        can_be_counted(finding)
        and finding.get("reason") in (Reason.ALIAS, Reason.NOT_INVITED)
        and bool(finding.get("token_of"))
    )
