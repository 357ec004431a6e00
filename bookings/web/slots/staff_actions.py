"""What staff can do with a slot by one button: its words, and the use case behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import request

from bookings.domain.audit import Who
from bookings.domain.slots import HOLDING_STATES
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.planning import PlannedSlot
from bookings.services.slots import (
    plan_withdrawal,
    refuse_proposal,
    remove_slot,
    reopen_slot,
    resend_invitation,
    withdraw_slot,
)
from bookings.services.visits import change_now
from bookings.web.forms import whole_number


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
    lede_of_told: str = ""
    """What stands there instead where the host knows of the stop: it is planned, and told later."""

    def act(self, slot: PlannedSlot, *, reason: str, who: Who, now: datetime) -> str:
        """Do it; returns what was done. What a host knows of is taken out by plan, unless it is urgent."""
        if not (self.lede_of_told and slot.state in HOLDING_STATES):
            self.run(slot.id, who=who, now=now)
            return str(self.done)
        version = request.form.get("version", slot.version, type=whole_number)
        if request.form.get("tell") == "now":
            change_now(slot.id, None, version=version, reason=reason, who=who, now=now)
            return str(self.done)
        plan_withdrawal(slot.id, version=version, reason=reason, who=who, now=now)
        return _("It is planned to take the stop out. The host is told when you release it.")


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
        lede_of_told=_l(
            "The host gets one mail that takes the invitation back: with the next release, or at once where "
            "it is urgent."
        ),
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
