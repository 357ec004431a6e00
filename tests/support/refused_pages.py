"""What people see when something is refused: each error page, and forms that were sent empty."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, abort

from bookings.domain.errors import SlotTakenError, TooManyAttemptsError
from bookings.web.security import public
from tests.support.clock import NOW

# Statuses that no address leads to by itself.
FAULTS = (400, 409, 413, 429, 500, 503)
# Empties a form and sends it past the browser's own checks, as an old browser would.
SEND_EMPTY = """selector => {
  const form = document.querySelector(selector)
  for (const one of form.elements) {
    if (one.type === 'hidden' || one.type === 'submit') continue
    if (one.type === 'checkbox' || one.type === 'radio') one.checked = false
    else one.value = ''
  }
  form.submit()
}"""


def add_faults(app: Flask) -> None:
    """Addresses that answer with each of the faults; before the first request."""

    @public
    def fault(status: int) -> str:
        if status == 409:
            free = (NOW + timedelta(days=40), NOW + timedelta(days=41))
            raise SlotTakenError("host:1", NOW, NOW, "Europe/Helsinki", "Stormossen", free)
        if status == 429:
            raise TooManyAttemptsError(15)
        if status == 500:
            raise ArithmeticError
        abort(status)

    app.add_url_rule("/faults/<int:status>", "fault", fault)


def fault_addresses() -> Iterator[tuple[str, str, int]]:
    """Name, address and status of each fault."""
    for status in FAULTS:
        yield str(status), f"/faults/{status}", status
