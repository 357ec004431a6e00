"""The booking journey as one visitor makes it: front page, form, sent, address proved."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Queue

from tests.bench.client import Fields, Visitor
from tests.support.booking import Answers, answers
from tests.support.mailbox import Received


@dataclass
class Tally:
    """What journeys took: seconds each, seconds from submit to the mail in the sink, requests and bytes."""

    seconds: list[float] = field(default_factory=list)
    mail_seconds: list[float] = field(default_factory=list)
    requests: int = 0
    bytes_received: int = 0


@dataclass
class Mailboxes:
    """Hands each arriving mail to the visitor who waits for it."""

    waiting: dict[str, Queue[tuple[float, Received]]] = field(default_factory=dict)

    def arrive(self, mail: Received) -> None:
        """Called by the sink's thread."""
        if mailbox := self.waiting.get(mail.recipients[0]):
            mailbox.put((time.perf_counter(), mail))

    def open(self, address: str) -> Queue[tuple[float, Received]]:
        """A mailbox for a new visitor."""
        return self.waiting.setdefault(address, Queue())


def book(port: int, number: int, *, mailboxes: Mailboxes, tally: Tally) -> None:
    """One journey, from the first view to the mail that says "we have your request"."""
    address = f"visitor-{number}@delegation-{number}.example"
    mailbox = mailboxes.open(address)
    visitor = Visitor(port)
    begun = time.perf_counter()
    visitor.get("/")
    page = visitor.get("/book")
    sent = begun
    for step in _fields_of_steps(address):
        sent = time.perf_counter()
        page = visitor.submit(page, step)
    arrived, mail = mailbox.get(timeout=30)
    page = visitor.get(link_in(mail.text, "/book/verify/"))
    visitor.submit(page, [])
    tally.seconds.append(time.perf_counter() - begun)
    mailbox.get(timeout=30)
    tally.mail_seconds.append(max(arrived - sent, 0.0))
    tally.requests += visitor.requests
    tally.bytes_received += visitor.bytes_received
    visitor.close()


def read_floor(port: int, number: int, *, mailboxes: Mailboxes, tally: Tally) -> None:
    """The floor's journey: form, submit, thanks."""
    visitor = Visitor(port)
    begun = time.perf_counter()
    page = visitor.get("/")
    visitor.submit(
        page,
        [
            ("name", f"Visitor {number}"),
            ("email", f"visitor-{number}@floor.example"),
            ("purpose", "See biogas"),
        ],
    )
    tally.seconds.append(time.perf_counter() - begun)
    tally.requests += visitor.requests
    tally.bytes_received += visitor.bytes_received
    visitor.close()


Journey = Callable[..., None]


def link_in(text: str, start: str) -> str:
    """Path of the first link that begins with `start`."""
    begin = text.index(start)
    return text[begin:].split(maxsplit=1)[0].rstrip(".>)")


def steps_of(address: str) -> Answers:
    """The answers of the visitor with this address, by step."""
    first = datetime.now(UTC).date() + timedelta(days=120)
    return answers(
        email=address,
        organisation=f"Towns of {address}",
        **{
            "first-earliest_on": first.isoformat(),
            "first-latest_on": (first + timedelta(days=4)).isoformat(),
        },
    )


def _fields_of_steps(address: str) -> list[Fields]:
    return [
        [
            (name, text)
            for name, value in fields.items()
            for text in (value if isinstance(value, list) else [value])
        ]
        for fields in steps_of(address).values()
    ]
