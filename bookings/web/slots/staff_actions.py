"""What staff can do with a slot by one button: its words, and the use case behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from bookings.i18n import lazy_gettext as _l
from bookings.services.slots import (
    refuse_proposal,
    remove_slot,
    reopen_slot,
    resend_invitation,
    withdraw_slot,
)


@dataclass(frozen=True, kw_only=True)
class SlotButton:
    """One act with its confirmation page."""

    name: str
    button: str
    title: str
    lede: str
    done: str
    run: Callable[..., None]
    kind: str = "primary"


_ALL = (
    SlotButton(
        name="remove",
        button=_l("Remove the draft"),
        title=_l("Remove this draft?"),
        lede=_l("The host was never told of it, so nobody gets a mail."),
        done=_l("The draft was removed."),
        run=remove_slot,
        kind="danger",
    ),
    SlotButton(
        name="withdraw",
        button=_l("Withdraw the stop"),
        title=_l("Withdraw this stop?"),
        lede=_l(
            "If the host still has the invitation, the host gets one mail that takes it back, and the entry "
            "goes from the calendar."
        ),
        done=_l("The stop was withdrawn."),
        run=withdraw_slot,
        kind="danger",
    ),
    SlotButton(
        name="reopen",
        button=_l("Ask this host again"),
        title=_l("Ask this host again?"),
        lede=_l("The host gets a new invitation for the same time."),
        done=_l("The host is asked again."),
        run=reopen_slot,
    ),
    SlotButton(
        name="resend",
        button=_l("Send the invitation again"),
        title=_l("Send the invitation again?"),
        lede=_l("The host gets the invitation once more, at the address that stands below."),
        done=_l("The invitation is sent again."),
        run=resend_invitation,
    ),
    SlotButton(
        name="refuse-proposal",
        button=_l("Keep the first time"),
        title=_l("Refuse the other times?"),
        lede=_l("The host gets one mail: the other times do not fit, and the first time is asked for again."),
        done=_l("The host is asked for the first time again."),
        run=refuse_proposal,
    ),
)

SLOT_BUTTONS = {button.name: button for button in _ALL}
