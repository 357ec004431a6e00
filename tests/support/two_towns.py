"""Two of everything: a visit of Vaasa and one of Umeå, with a host, a visitor and a coordinator each."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from bookings.db import database
from bookings.domain.audit import SYSTEM
from bookings.domain.feeds import FeedKind
from bookings.domain.links import LinkPurpose, build_feed_token
from bookings.domain.staff import StaffRole
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.inbox import InboxMessage
from bookings.models.outbox import OutboxMessage
from bookings.models.planning import PlanningRun
from bookings.models.slots import ProposedTime
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitDraft
from bookings.queries.links import hash_token
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.services.feeds import create_host_feed
from bookings.services.slots import add_slot, propose_times
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.own_pages import a_link
from tests.support.staff import an_account, sign_in
from tests.support.stories import plan

STAFF = ("reader", "coordinator_vaasa", "coordinator_umea", "admin")
OTHERS = ("nobody", "host_vaasa", "host_umea", "visitor_vaasa", "visitor_umea")
OBJECTS = ("vaasa", "umea")
_ROLES = {"reader": StaffRole.READER, "admin": StaffRole.ADMIN}
_HOSTS = {"vaasa": "stormossen", "umea": "vakin"}
_MONTH = timedelta(days=40)


@dataclass
class TwoTowns:
    """What is there: values of addresses by town, tokens by actor, cookies of staff, names that tell."""

    values: dict[str, dict[str, object]] = field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


def build_two_towns(app: Flask) -> TwoTowns:
    """Fill the site. Signs staff in by the page, once."""
    world = TwoTowns()
    people = {actor: an_account(app, _role(actor), email=f"{actor}@staff.example") for actor in STAFF}
    with app.app_context():
        hosts = a_directory()
        for town in OBJECTS:
            person = database.session.get_one(StaffUser, people[f"coordinator_{town}"])
            person.towns = [town]
            _build_town(world, town, hosts[_HOSTS[town]], person.id)
    for actor in STAFF:
        client = app.test_client()
        sign_in(client, f"{actor}@staff.example")
        cookie = client.get_cookie("session")
        assert cookie is not None
        world.cookies[actor] = cookie.value
    return world


def _role(actor: str) -> StaffRole:
    return _ROLES.get(actor, StaffRole.COORDINATOR)


def _build_town(world: TwoTowns, town: str, host: Organisation, owner_id: int) -> None:
    number = OBJECTS.index(town) + 1
    name, contact_name = f"Delegation towards {town}", f"Contact towards {town}"
    visit = a_visit(
        state="planning", reference=f"KV-2026-000{number}", organisation=name, places=(town,),
        contact_name=contact_name, contact_email=f"contact@to-{town}.example", owner_id=owner_id,
    )  # fmt: skip
    slot_id = add_slot(visit.reference, plan(host.slug, number), who=SYSTEM, now=NOW)
    release_visit(visit.reference, who=SYSTEM, now=NOW)
    answer = a_link(LinkPurpose.ANSWER_SLOT, slot_id, sequence=0)
    start = NOW + _MONTH
    propose_times(answer, times=[(start, start + timedelta(hours=1))], comment="", now=NOW)
    time_id = database.session.scalars(select(ProposedTime.id).where(ProposedTime.slot_id == slot_id)).one()
    contact = database.session.scalars(
        select(HostContact).where(HostContact.organisation_id == host.id)
    ).one()
    site = database.session.scalars(select(Site.id).where(Site.organisation_id == host.id)).one()
    run = PlanningRun(
        visit_id=visit.id, state="failed", points=dict.fromkeys(WEIGHT_NAMES, 1), basis="0" * 64, asked_by="",
        asked_at=NOW, result={},
    )  # fmt: skip
    mail, letter = _a_mail(visit.id, slot_id, number), _a_letter(visit.id, slot_id, number)
    save(run, mail, letter)
    world.values[town] = {
        "reference": visit.reference, "slot_id": slot_id, "time_id": time_id, "slug": host.slug,
        "contact_id": contact.id, "run_id": run.id, "mail_id": mail.id, "message_id": letter.id,
        "row_id": {"contacts": contact.id, "sites": site, "organisation": host.id, "terms": host.id},
        "person_id": owner_id,
    }  # fmt: skip
    world.names[town] = (name, contact_name, f"contact@to-{town}.example", contact.email)
    _give_tokens(world, town, visit.id, answer, contact.id)


def _give_tokens(world: TwoTowns, town: str, visit_id: int, answer: str, contact_id: int) -> None:
    draft = f"draft-of-{town}-" + "x" * 30
    page = a_link(LinkPurpose.MANAGE_VISIT, visit_id)
    save(
        VisitDraft(
            token_hash=hash_token(draft), language="en", answers={}, created_at=NOW, expires_at=NOW + _MONTH
        )
    )
    world.tokens[f"visitor_{town}"] = {
        LinkPurpose.MANAGE_VISIT: page,
        LinkPurpose.VISIT_FEED: build_feed_token(page),
        LinkPurpose.VERIFY_REQUEST: a_link(LinkPurpose.VERIFY_REQUEST, visit_id),
        LinkPurpose.NOT_ME: a_link(LinkPurpose.NOT_ME, visit_id),
        LinkPurpose.RESUME_DRAFT: draft,
    }
    world.tokens[f"host_{town}"] = {
        LinkPurpose.ANSWER_SLOT: answer,
        LinkPurpose.HOST_PAGE: a_link(LinkPurpose.HOST_PAGE, contact_id),
        LinkPurpose.CALENDAR_FEED: create_host_feed(contact_id, FeedKind.HOST, who=SYSTEM, now=NOW),
    }


def _a_mail(visit_id: int, slot_id: int, number: int) -> OutboxMessage:
    return OutboxMessage(
        message_id=f"<{number}@visits.example>", cause=f"cause:{number}", kind="invitation",
        recipient=f"someone{number}@host.example", sender="visits@kvarken.example", language="en",
        subject="Visit", raw=b"Subject: Visit\r\n\r\nHello\r\n", visit_id=visit_id, slot_id=slot_id,
        state="failed", queued_at=NOW, next_attempt_at=NOW,
    )  # fmt: skip


def _a_letter(visit_id: int, slot_id: int, number: int) -> InboxMessage:
    return InboxMessage(
        message_id=f"<in{number}@host.example>", content_hash=str(number) * 64, door="pipe", received_at=NOW,
        sender=f"someone{number}@host.example", sender_name="", is_authenticated=False, subject="Re: Visit",
        kind="person", verdict="staff", reason="person", findings=[], text="Hello", raw=b"", state="open",
        visit_id=visit_id, slot_id=slot_id,
    )  # fmt: skip
