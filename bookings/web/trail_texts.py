"""The audit trail in words."""

from bookings.domain.audit import RULE
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l

AUDIT: dict[str, str] = {
    "accept": _l("Accepted"),
    "add": _l("Added a draft"),
    "add_note": _l("Wrote a note"),
    "add_task": _l("Added a task"),
    "agree_costs": _l("Agreed about the costs"),
    "answer": _l("Answered the question"),
    "apply_programme": _l("Applied a programme of the planner"),
    "ask": _l("Asked the visitor"),
    "ask_planner": _l("Asked the planner for programmes"),
    "assign_owner": _l("Chose who looks after the request"),
    "cancel": _l("Cancelled"),
    "change": _l("Changed a stop"),
    "change_contact": _l("Somebody else answers for the delegation"),
    "change_task": _l("Changed a task"),
    "copy": _l("Copied the visit"),
    "complete": _l("Completed"),
    "decline": _l("Declined"),
    "expire": _l("The time to answer ran out"),
    "go_without": _l("Went on without this host"),
    "host_cancel": _l("The host took the yes back"),
    "label": _l("Changed the labels"),
    "let_pass": _l("Let the request pass"),
    "lock": _l("Locked a stop where it is"),
    "maybe": _l("Answered maybe"),
    "merge": _l("Took two requests together"),
    "miss": _l("Did not take place"),
    "move": _l("Moved to another time"),
    "not_me": _l("The owner of the address said: this was not me"),
    "plan": _l("Started planning"),
    "propose": _l("Proposed the programme"),
    "propose_time": _l("Proposed other times"),
    "reask": _l("Hosts are asked again"),
    "refuse": _l("Declined the request"),
    "refuse_proposal": _l("Kept the first time"),
    "release": _l("Released: asked the host"),
    "remind": _l("Sent a reminder"),
    "remove": _l("Removed a draft"),
    "remove_task": _l("Removed a task"),
    "reopen": _l("Reopened"),
    "reopen_task": _l("Opened a task again"),
    "replan": _l("Back to planning"),
    "resend": _l("Sent the invitation again"),
    "resend_verification": _l("Sent the first mail again"),
    "set_release_off": _l("Hosts wait for staff before they are asked"),
    "save_journey": _l("Told the planner of arrival, departure and groups"),
    "set_release_on": _l("Hosts that wish it are asked as soon as a programme is applied"),
    "set_rule_off": _l("Other times of hosts wait for staff from now on"),
    "set_rule_on": _l("Other times that fit are taken without staff from now on"),
    "set_time_zone": _l("Chose another time zone"),
    "submit": _l("Sent the request"),
    "take_proposal": _l("Took another time"),
    "tick_task": _l("Ticked a task"),
    "unlock": _l("Unlocked a stop"),
    "verify": _l("Confirmed the e-mail address"),
    "wish": _l("Wished a change"),
    "withdraw": _l("Withdrew a stop"),
    "write_letter": _l("Wrote a mail"),
}


def audit_sentence(action: str, actor_name: str = "") -> str:
    """What somebody did, or a rule of the visit."""
    if (action, actor_name) == ("take_proposal", RULE.name):
        return _("Took another time by the rule of this visit")
    return str(AUDIT[action]) if action in AUDIT else _("Did: %(action)s", action=action.replace("_", " "))
