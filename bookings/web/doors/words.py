"""What a door says about a scan: sentences for the page, and for the script that works without a network."""

from collections.abc import Callable

from bookings.domain.doors import Answer, ScanCode
from bookings.i18n import format_clock, zone_label
from bookings.i18n import gettext as _
from bookings.web.doors.scans import UNUSABLE

ANSWERS: dict[str, Callable[[], str]] = {
    ScanCode.IN: lambda: _("Is in"),
    ScanCode.ALREADY_IN: lambda: _("Was in already"),
    ScanCode.OUT: lambda: _("Taken back: is not in"),
    ScanCode.NOT_IN: lambda: _("Was not in"),
    ScanCode.UNKNOWN: lambda: _("No badge of this event"),
    ScanCode.CANCELLED: lambda: _("Has cancelled: no place any more"),
    ScanCode.WAITING: lambda: _("Has no place yet: waits for one"),
    ScanCode.NOT_CHOSEN: lambda: _("Has not chosen this part"),
    UNUSABLE: lambda: _("Could not be read"),
}
TONES = {
    ScanCode.IN: "success",
    ScanCode.ALREADY_IN: "warning",
    ScanCode.OUT: "success",
    ScanCode.NOT_IN: "warning",
}


def tell_answer(answer: Answer, time_zone: str) -> str:
    """One sentence: who, and what became of it."""
    told = ANSWERS[answer.code]()
    if answer.code is ScanCode.ALREADY_IN and answer.arrived_at:
        clock = f"{format_clock(answer.arrived_at, time_zone)} {zone_label(answer.arrived_at, time_zone)}"
        told = _("Was in already since %(clock)s", clock=clock)
    return f"{answer.name}: {told}" if answer.name else told


def script_words() -> dict[str, str]:
    """For the script: the answers, and what it says of itself."""
    return {
        **{code: sentence() for code, sentence in ANSWERS.items()},
        "inside": _("In"),
        "outside": _("Not in"),
        "let_in": _("Let in"),
        "undo": _("Undo"),
        "no_name": _("Name not given yet"),
        "unsent": _("not sent yet"),
        "online": _("Connected. Everything is sent."),
        "offline": _("No network. Scans are kept on this device and sent later."),
        "waiting": _("Scans that wait to be sent: {count}"),
        "counted": _("{inside} of {expected} are in"),
        "nobody": _("Nobody on the list has this name."),
        "more": _("There are more. Write more of the name."),
        "ended": _("This link has ended. The list of names has been removed from this device."),
        "lost": _(
            "Scans that could not be sent: {count}. Ask the coordinators for a new link, and open it here."
        ),
        "camera_on": _("Scan with the camera"),
        "camera_off": _("Stop the camera"),
        "camera_fault": _("The camera cannot be used. Type the code, or look for the name."),
        "no_list": _("The list is not on this device yet. Open this page once with a network."),
    }
