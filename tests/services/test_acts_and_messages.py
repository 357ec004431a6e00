"""Each act sends exactly the messages it should: one for each person, and no others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.requests import Contact, RequestedVisit
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.outbox import OutboxMessage
from bookings.queries.visits import load_visit_file
from bookings.queries.visits.wishes import build_requested
from bookings.services.inbox import receive_mail
from bookings.services.slots import (
    accept_slot,
    add_slot,
    answer_maybe,
    change_slot,
    decline_slot,
    propose_times,
    refuse_proposal,
    remove_slot,
    reopen_slot,
    replace_slot,
    take_proposal,
    withdraw_slot,
)
from bookings.services.visits import (
    accept_programme,
    cancel_visit_by_staff,
    cancel_visit_by_visitor,
    change_contact,
    change_request,
    release_visit,
    reopen_visit,
    set_fitting_times,
)
from tests.adapters.foreign_libical import find_libical
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.inbox import answer, invited
from tests.support.stories import STAFF, host_token, plan, proposal_ids, slot_row, visit_row, visitor_token

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
HOSTS = {"visits@stormossen.example": "first", "visits@westenergy.example": "other"}
DAY = timedelta(days=1)


@dataclass
class Story:
    """A visit with two hosts who were asked."""

    reference: str
    first: int
    other: int

    def plan(self, **changes: object):
        row = slot_row(self.first)
        known = plan("stormossen", starts_at=row.starts_at, ends_at=row.ends_at)
        return replace(known, **{"title": row.title, **changes})

    def change(self, *, tells_host: bool = False, **changes: object) -> None:
        version = slot_row(self.first).version
        plan_ = self.plan(**changes)
        change_slot(self.first, plan_, version=version, tells_host=tells_host, who=STAFF, now=NOW)

    def both_say_yes(self) -> None:
        accept_slot(host_token(self.first), now=NOW)
        accept_slot(host_token(self.other), now=NOW)

    def confirm(self) -> None:
        self.both_say_yes()
        accept_programme(visitor_token(self.reference), now=NOW)

    def offer(self) -> None:
        row = slot_row(self.first)
        times = [(row.starts_at + DAY, row.ends_at + DAY)]
        propose_times(host_token(self.first), times=times, comment="", now=NOW)


def nothing(_story: Story) -> None:
    """The hosts were asked, and that is all."""


def other_site(story: Story) -> Site:
    row = slot_row(story.first)
    return database.session.scalars(
        select(Site).where(Site.organisation_id == row.organisation_id, Site.slug == "second")
    ).one()


def more_people(reference: str) -> RequestedVisit:
    file = load_visit_file(database.session, reference)
    return replace(build_requested(file.visit, file.wishes), group_size=14)


def second_contact() -> int:
    organisation = database.session.scalars(
        select(Organisation).where(Organisation.slug == "stormossen")
    ).one()
    row = HostContact(organisation_id=organisation.id, name="Second", email="second@stormossen.example")
    save(row)
    return row.id


def newcomer(**more: str) -> Contact:
    return Contact(**{"name": "Liis Mets", "email": "liis@visitor.example", **more})


def earlier_answer(story: Story, partstat: str, **more: object) -> None:
    receive_mail(answer(invited(story.first), partstat, **more), now=NOW)


Act = Callable[[Story], object]
A, B, V, S = "first", "other", "visitor", "staff"
REQUEST, CANCEL = "REQUEST", "CANCEL"

# Name of the act → what came before it, the act, and who gets which method with which SEQUENCE.
ACTS: dict[str, tuple[Act, Act, list[tuple[str, str | None, int | None]]]] = {
    "a move": (
        nothing,
        lambda s: s.change(
            starts_at=slot_row(s.first).starts_at + DAY, ends_at=slot_row(s.first).ends_at + DAY
        ),
        [(A, REQUEST, 1)],
    ),
    "a move of an accepted stop": (
        lambda s: accept_slot(host_token(s.first), now=NOW),
        lambda s: s.change(
            starts_at=slot_row(s.first).starts_at + DAY, ends_at=slot_row(s.first).ends_at + DAY
        ),
        [(A, REQUEST, 1)],
    ),
    "a later end": (
        nothing,
        lambda s: s.change(ends_at=slot_row(s.first).ends_at + DAY / 48),
        [(A, REQUEST, 1)],
    ),
    "a change of place": (nothing, lambda s: s.change(site_id=other_site(s).id), [(A, REQUEST, 1)]),
    "other words": (nothing, lambda s: s.change(title="New", message="Words"), []),
    "other words that staff want told": (
        nothing,
        lambda s: s.change(title="New", message="Words", tells_host=True),
        [(A, REQUEST, 0)],
    ),
    "other words to who said yes": (
        lambda s: accept_slot(host_token(s.first), now=NOW),
        lambda s: s.change(title="New", tells_host=True),
        [(A, REQUEST, 0)],
    ),
    "whether the visit needs the stop": (nothing, lambda s: s.change(is_required=False), []),
    "a new delegation contact": (
        nothing,
        lambda s: change_contact(s.reference, newcomer(), who=STAFF, now=NOW),
        [("contact", None, None), (V, None, None)],
    ),
    "more people": (
        nothing,
        lambda s: change_request(s.reference, more_people(s.reference), who=STAFF, now=NOW),
        [(A, REQUEST, 0), (B, REQUEST, 0), (V, None, None)],
    ),
    "the contact's telephone": (
        nothing,
        lambda s: change_contact(
            s.reference,
            Contact(name="Kadri Tamm", email=visit_row(s.reference).contact_email, phone="+37251234567"),
            who=STAFF,
            now=NOW,
        ),
        [],
    ),
    "a new contact of the host": (
        nothing,
        lambda s: replace_slot(s.first, s.plan(host_contact_id=second_contact()), who=STAFF, now=NOW),
        [(A, CANCEL, 1)],
    ),
    "a withdrawn host": (nothing, lambda s: withdraw_slot(s.first, who=STAFF, now=NOW), [(A, CANCEL, 1)]),
    "a host given up who said no": (
        lambda s: decline_slot(host_token(s.first), now=NOW),
        lambda s: withdraw_slot(s.first, who=STAFF, now=NOW),
        [],
    ),
    "a replaced host": (
        nothing,
        lambda s: replace_slot(s.first, plan("vakin", 16), who=STAFF, now=NOW),
        [(A, CANCEL, 1)],
    ),
    "a reopened stop": (
        lambda s: withdraw_slot(s.first, who=STAFF, now=NOW),
        lambda s: reopen_slot(s.first, who=STAFF, now=NOW),
        [(A, REQUEST, 2)],
    ),
    "a visit called off by staff": (
        nothing,
        lambda s: cancel_visit_by_staff(s.reference, "Snow", who=STAFF, now=NOW),
        [(A, CANCEL, 1), (B, CANCEL, 1), (V, None, None)],
    ),
    "a visit called off by the visitor": (
        nothing,
        lambda s: cancel_visit_by_visitor(visitor_token(s.reference), "Snow", now=NOW),
        [(A, CANCEL, 1), (B, CANCEL, 1), (S, None, None), (V, None, None)],
    ),
    "a visit called off after a no": (
        lambda s: decline_slot(host_token(s.first), now=NOW),
        lambda s: cancel_visit_by_staff(s.reference, "Snow", who=STAFF, now=NOW),
        [(B, CANCEL, 1), (V, None, None)],
    ),
    "a reopened visit": (
        lambda s: cancel_visit_by_staff(s.reference, "Snow", who=STAFF, now=NOW),
        lambda s: reopen_visit(s.reference, who=STAFF, now=NOW),
        [],
    ),
    "a stop of a reopened visit": (
        lambda s: (
            cancel_visit_by_staff(s.reference, "Snow", who=STAFF, now=NOW),
            reopen_visit(s.reference, who=STAFF, now=NOW),
        ),
        lambda s: reopen_slot(s.first, who=STAFF, now=NOW),
        [(A, REQUEST, 2)],
    ),
    "a yes": (nothing, lambda s: accept_slot(host_token(s.first), now=NOW), [(A, REQUEST, 0)]),
    "a yes by calendar": (nothing, lambda s: earlier_answer(s, "ACCEPTED"), [(A, REQUEST, 0)]),
    "a maybe": (nothing, lambda s: answer_maybe(host_token(s.first), now=NOW), []),
    "a maybe by calendar": (nothing, lambda s: earlier_answer(s, "TENTATIVE"), []),
    "a no": (
        nothing,
        lambda s: decline_slot(host_token(s.first), now=NOW),
        [(A, CANCEL, 1), (S, None, None)],
    ),
    "a no by calendar": (nothing, lambda s: earlier_answer(s, "DECLINED"), [(A, CANCEL, 1), (S, None, None)]),
    "a yes after a no": (
        lambda s: decline_slot(host_token(s.first), now=NOW),
        lambda s: accept_slot(host_token(s.first), now=NOW),
        [(A, REQUEST, 2)],
    ),
    "another time": (nothing, lambda s: s.offer(), [(S, None, None)]),
    "another time taken": (
        lambda s: s.offer(),
        lambda s: take_proposal(s.first, proposal_ids(s.first)[0], who=STAFF, now=NOW),
        [(A, REQUEST, 1)],
    ),
    "another time taken by rule": (
        lambda s: set_fitting_times(s.reference, takes=True, who=STAFF, now=NOW),
        lambda s: s.offer(),
        [(A, REQUEST, 1), (S, None, None)],
    ),
    "another time refused": (
        lambda s: s.offer(),
        lambda s: refuse_proposal(s.first, who=STAFF, now=NOW),
        [(A, "DECLINECOUNTER", 0)],
    ),
    "the last yes": (
        lambda s: accept_slot(host_token(s.first), now=NOW),
        lambda s: accept_slot(host_token(s.other), now=NOW),
        [(B, REQUEST, 0), (V, None, None)],
    ),
    "an accepted programme": (
        lambda s: s.both_say_yes(),
        lambda s: accept_programme(visitor_token(s.reference), now=NOW),
        [(A, REQUEST, 0), (B, REQUEST, 0), (V, None, None)],
    ),
    "a move in a confirmed visit": (
        lambda s: s.confirm(),
        lambda s: s.change(
            starts_at=slot_row(s.first).starts_at + DAY, ends_at=slot_row(s.first).ends_at + DAY
        ),
        [(A, REQUEST, 1), (V, None, None)],
    ),
    "a host out of a confirmed visit": (
        lambda s: s.confirm(),
        lambda s: withdraw_slot(s.first, who=STAFF, now=NOW),
        [(A, CANCEL, 1), (V, None, None)],
    ),
    "a confirmed visit called off": (
        lambda s: s.confirm(),
        lambda s: cancel_visit_by_staff(s.reference, "Snow", who=STAFF, now=NOW),
        [(A, CANCEL, 1), (B, CANCEL, 1), (V, None, None)],
    ),
    "a removed draft": (
        nothing,
        lambda s: remove_slot(
            add_slot(s.reference, plan("vakin", 17), who=STAFF, now=NOW), who=STAFF, now=NOW
        ),
        [],
    ),
    "a question by the calendar": (
        nothing,
        lambda s: earlier_answer(s, "NEEDS-ACTION", method="REFRESH"),
        [(A, REQUEST, 0)],
    ),
}


@pytest.fixture
def story(app_context) -> Story:
    directory = a_directory()
    place = directory["stormossen"].place_id
    save(
        Site(
            organisation_id=directory["stormossen"].id, slug="second", name="The back gate", address="Road 2",
            place_id=place, time_zone="Europe/Helsinki", group_min=2, group_max=25,
        )
    )  # fmt: skip
    reference = a_visit().reference
    first = add_slot(reference, plan("stormossen", 8), who=STAFF, now=NOW)
    other = add_slot(reference, plan("westenergy", 12), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return Story(reference, first, other)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_sends_exactly_its_messages_and_libical_takes_them_for_what_they_are(story, act):
    before, do, expected = ACTS[act]
    before(story)
    known = {row.id for row in rows()}
    visitor = visit_row(story.reference).contact_email

    do(story)

    new = [row for row in rows() if row.id not in known]
    assert sorted(_seen(row, visitor) for row in new) == sorted(expected, key=str)
    assert len({row.recipient for row in new}) == len(new)
    for email in HOSTS:
        _judge_by_libical(email)


def _judge_by_libical(email: str) -> None:
    """Beside the message before it, each one is new, an update, another time or the end; the first is old."""
    libical = find_libical()
    if libical is None:
        return  # tests/adapters say that it is missing
    contents = [calendar_of(row).encode() for row in rows() if row.recipient == email]
    sent = [content for content in contents if content]
    assert libical.classify(sent[0], None, user=email) == "REQUEST-NEW"
    for old, new in pairwise(sent):
        assert libical.classify(new, old, user=email) == _expected_kind(old, new)
        assert libical.find_errors(new) == [] or b"METHOD:DECLINECOUNTER" in new
    if len(sent) > 1 and b"METHOD:REQUEST" in sent[-1]:
        assert libical.classify(sent[0], sent[-1], user=email) == "OBSOLETE"


def _expected_kind(old: bytes, new: bytes) -> str:
    if b"METHOD:CANCEL" in new:
        return "CANCEL-EVENT"
    if b"METHOD:DECLINECOUNTER" in new:
        return "DECLINECOUNTER"
    return "REQUEST-RESCHEDULE" if _times(old) != _times(new) else "REQUEST-UPDATE"


def _times(content: bytes) -> list[bytes]:
    event = content.partition(b"BEGIN:VEVENT")[2]
    return [line for line in event.split(b"\r\n") if line.startswith((b"DTSTART", b"DTEND"))]


def _seen(row: OutboxMessage, visitor: str) -> tuple[str, str | None, int | None]:
    method = str(calendar_of(row).partition("METHOD:")[2].partition("\r\n")[0]) or None
    return _who(row, visitor), method, row.calendar_sequence


def _who(row: OutboxMessage, visitor: str) -> str:
    if row.recipient in HOSTS:
        return HOSTS[row.recipient]
    if row.kind.startswith("staff"):
        return S
    return V if row.recipient == visitor else "contact"


def rows() -> list[OutboxMessage]:
    database.session.rollback()
    return list(database.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def calendar_of(row: OutboxMessage) -> str:
    mail = message_from_bytes(row.raw, policy=policy.default)
    part = next((one for one in mail.walk() if one.get_content_type() == "text/calendar"), None)
    return part.get_payload(decode=True).decode() if part else ""
