"""How fast invitations are built, and with how much memory: the calendar message and the mail around it."""

import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from bookings.adapters.ical.build import build_request
from bookings.adapters.mail.compose import CalendarPart, Mailbox, MailContent, build_mail
from tests.adapters.calendar_entries import an_entry

_SECONDS = 2.0
_TEXT = "Regional delegation from Tartu, Estonia (12 people)\n\nWelcome to the biogas plant.\n" * 12


def print_invitations() -> None:
    """One line: REQUEST mails a second on one core, their size, and the memory that one takes at its peak."""
    moment = datetime(2027, 3, 16, 8, tzinfo=UTC)
    begun, built, octets = time.perf_counter(), 0, 0
    while time.perf_counter() - begun < _SECONDS:
        octets += len(build_invitation(built, moment))
        built += 1
    per_second = built / (time.perf_counter() - begun)
    tracemalloc.start()
    build_invitation(0, moment)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"invitations: {per_second:.0f} REQUEST mails a second built on one core "
        f"({octets / built / 1024:.1f} KiB each, text and HTML given), at the peak {peak / 1024:.0f} KiB"
    )


def build_invitation(number: int, moment: datetime) -> bytes:
    """A whole mail as it would be queued; each one differs."""
    entry = an_entry(
        uid=f"{number}@kvarken.example", starts_at=moment, ends_at=moment + timedelta(minutes=90)
    )
    content = MailContent(
        sender=Mailbox(address="visits@kvarken.example", name="Kvarken Visits"),
        recipient=Mailbox(address=f"host-{number}@plant.example", name="Åsa Berg, Åbo"),
        subject="Visit from Tartu, 16 March",
        date=moment,
        message_id=f"<{number:032x}@kvarken.example>",
        text=_TEXT,
        html=f"<p>{_TEXT}</p>",
        reply_to=Mailbox(address="answer+b3zn8wyh5jtg6fae@kvarken.example", name="Kvarken Visits"),
        calendar=CalendarPart(method="REQUEST", content=build_request(entry)),
    )
    return build_mail(content)


if __name__ == "__main__":
    print_invitations()
