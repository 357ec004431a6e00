"""Acts of the trail in words: reading, exports, people. Acts about visits have theirs on their pages."""

from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.audit import TrailRow

_ACTS = {
    "list_read": _l("Looked at a list"),
    "export": _l("Took out a file"),
    "directory.exported": _l("Took out a file"),
    "registrations.exported": _l("Took out a file"),
    "restore_backup": _l("Restored a backup"),
    "feed_read": _l("A calendar program fetched the feed"),
    "create_feed": _l("Made a calendar address"),
    "revoke_feed": _l("Ended a calendar address"),
    "sign_in": _l("Signed in"),
    "invite": _l("Invited somebody"),
    "resend_invitation": _l("Sent the invitation again"),
    "withdraw_invitation": _l("Withdrew the invitation"),
    "accept_invitation": _l("Opened the account"),
    "change_duties": _l("Changed role or towns"),
    "deactivate": _l("Closed an account"),
    "reactivate": _l("Opened an account again"),
    "end_sign_ins": _l("Signed somebody out everywhere"),
    "change_profile": _l("Changed their own profile"),
    "change_password": _l("Changed the password"),
    "replace_password": _l("Gave a new password"),
    "second_factor_on": _l("Connected an app"),
    "second_factor_off": _l("Signs in without an app"),
    "renew_recovery_codes": _l("Made new recovery codes"),
    "add_passkey": _l("Added a passkey"),
    "rename_passkey": _l("Renamed a passkey"),
    "remove_passkey": _l("Removed a passkey"),
    "erase": _l("Erased a person's data"),
    "set_hold": _l("Kept something as evidence"),
    "lift_hold": _l("Ended the keeping of evidence"),
    "ask_sign_in_link": _l("Asked for a link to sign in"),
}
WHAT = {
    "visits": _l("Visits"),
    "today": _l("Today"),
    "calendar": _l("Calendar"),
    "inbox": _l("Mails received"),
    "outbox": _l("Mails sent"),
    "people": _l("Colleagues"),
    "audit": _l("The trail"),
    "host_load": _l("Load of the hosts"),
    "organisations": _l("Companies"),
    "offers": _l("Visit offers"),
    "registrations": _l("Registrations"),
    "registration": _l("Registrations"),
    "participants": _l("Participants"),
    "ratings": _l("Ratings of the meetings"),
    "contacts": _l("Contacts of hosts"),
    "database": _l("All data"),
    "found": _l("Requests that were looked for"),
    "calendar_feed": _l("Calendar"),
    "staff_user": _l("Calendar"),
    "host_contact": _l("Calendar of a host"),
    "person": _l("One person"),
}


def act_words(row: TrailRow) -> str:
    """What was done."""
    if row.action in _ACTS:
        return str(_ACTS[row.action])
    return _("Did: %(action)s", action=row.action.replace("_", " "))


def subject_words(row: TrailRow) -> str:
    """What it was done to: a kind of list, or the number of an object."""
    if row.noun in WHAT:
        return str(WHAT[row.noun])
    return _("%(noun)s %(number)s", noun=row.noun.replace("_", " "), number=row.subject_id)


def detail_words(row: TrailRow) -> str:
    """Codes and values that the entry keeps, without the number of rows."""
    return ", ".join(f"{key}: {value}" for key, value in row.detail.items() if key != "rows" and value != "")
