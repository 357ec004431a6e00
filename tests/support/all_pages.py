"""Every page that the site has, with its address in a site full of visits: in each state, for each reader."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from bookings.cli.demo_visits import add_example_visits
from bookings.db import database, read_session
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import SlotState
from bookings.domain.staff import StaffRole
from bookings.domain.visits import VisitState
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.models.directory import Organisation
from bookings.models.newsletter import NewsletterSubscription
from bookings.models.slots import ProposedTime, Slot
from bookings.models.visits import VisitRequest
from bookings.services.directory import load_demo_directory
from bookings.services.hosts import load_example_offers
from bookings.services.inbox import receive_mail
from tests.support import inbox
from tests.support.builders import a_slot, a_visit, save
from tests.support.clock import NOW
from tests.support.event_pages import EVENT_FILES, add_events, list_event_addresses
from tests.support.form_pages import list_form_pages
from tests.support.host_pages import list_empty_host_forms, list_host_addresses
from tests.support.imported import imported_files
from tests.support.own_pages import a_link
from tests.support.people_pages import OFF_UNLESS_WANTED, list_people_addresses
from tests.support.planned import list_planning_addresses
from tests.support.refused_pages import add_faults, fault_addresses
from tests.support.setting_pages import list_setting_addresses
from tests.support.shown import Shown
from tests.support.staff import an_account
from tests.support.workspace_pages import add_to_workspace, list_workspace_addresses

# Routes with GET that answer with a file or with data for machines, or that only lead on to a page.
NOT_PAGES = {
    "calendar.feed",
    "catalogue.show",
    "fault",
    "health.alive",
    "health.metrics",
    "health.ready",
    "logos.show",
    "mailbox.message_calendar",
    "printed.for_host",
    "printed.for_staff",
    "printed.for_visitor",
    "slots.entry",
    "staff.start",
    "staff_find.answer",
    "staff_calendar.add",
    *EVENT_FILES,
    *OFF_UNLESS_WANTED,
    "staff_planning.find_failed",
    "staff_reports.hosts_file",
    "staff_reports.start",
    "static",
    "visits.programme",
}


def page_endpoints(app: Flask) -> set[str]:
    """What a reader can open by an address, by the routes of the application."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if _is_page(rule)} - NOT_PAGES


def _is_page(rule: Rule) -> bool:
    # The ways of Flask-Security that are closed here answer with 404 and show the page for that.
    return "GET" in (rule.methods or ()) and not re.match(r"/staff/(tf-|mf-)", rule.rule)


def fill_site(app: Flask) -> None:
    """The demo's directory and visits, what the demo has none of, staff, and all mails in the mailbox."""
    app.extensions["clock"] = lambda: NOW
    add_faults(app)
    with app.app_context():
        load_demo_directory(now=NOW)
        load_example_offers(now=NOW)
        add_example_visits(now=NOW)
        _add_rare_visits()
        save(NewsletterSubscription(email="reader@town.example", language="en"))
        _receive_foreign_answer()
        add_to_workspace()
        add_events()
    for role in StaffRole:
        an_account(app, role)
    worker = Worker(app, schedule=Schedule(jobs=()), clock=lambda: NOW)
    while worker.work_once():
        pass


def _add_rare_visits() -> None:
    """Ended visits, one held back, and a slot in each state of its own visit."""
    for number, state in enumerate((VisitState.DECLINED, VisitState.CANCELLED, VisitState.EXPIRED)):
        a_visit(
            state=state, reference=f"KV-2026-{number:04d}", closed_reason="No host has room in those weeks."
        )
    a_visit(state="unverified", reference="KV-2026-0008", is_held_for_moderation=True)
    ended = a_visit(
        state="completed", reference="KV-2026-0009", organisation="Delegation with every kind of stop"
    )
    host = database.session.scalars(select(Organisation).where(Organisation.slug == "stormossen")).one()
    for number, slot_state in enumerate(SlotState):
        a_slot(ended, host, starts_at=NOW + timedelta(days=40 + number), state=slot_state)


def _receive_foreign_answer() -> None:
    """A colleague of a host answered: staff have to decide."""
    slot_id = database.session.scalars(select(Slot.id).where(Slot.state == "pending")).first()
    assert slot_id
    host = inbox.invited(slot_id)
    calendar = inbox.calendar(host, "ACCEPTED").replace(host.email, "colleague@elsewhere.example")
    receive_mail(inbox.mail(calendar, to=host.address, sender="colleague@elsewhere.example"), now=NOW)
    receive_mail(inbox.mail(to=host.address, sender=host.email, text="When do you come?"), now=NOW)


def list_pages(app: Flask, part: str) -> list[Shown]:
    """The pages for one part of the people, each page's first state before its others."""
    # Browsers stay outside the context: within, all of them would share one form token.
    found = [*list_form_pages(app), *_mailbox_pages(app)] if part == "everybody" else []
    with app.app_context():
        read_session().rollback()
        return found + [page for list_some in PARTS[part] for page in list_some()]


def _public_pages() -> Iterator[Shown]:
    yield Shown("pages.front", "/")
    yield Shown("pages.privacy", "/privacy")
    yield Shown("pages.accessibility", "/accessibility")
    for query in ("", "?text=waste&town=umea", "?text=nothing-like-this", "?page=3"):
        yield Shown("companies.index", f"/companies{query}")
    yield Shown("companies.show", "/companies/stormossen")
    yield Shown("plan.show", "/plan")
    yield Shown("plan.show", "/plan?hosts=stormossen,vakin,node-pole")
    yield Shown("security.login", "/staff/sign-in")
    yield Shown("security.two_factor_token_validation", "/staff/sign-in/code", "half-way")
    yield Shown("security.mf_recovery", "/staff/sign-in/recovery", "half-way")


def _proof_pages() -> Iterator[Shown]:
    """What the links of the first mail open, in each state of the request."""
    visits = {state: id_ for state, id_, _ in _visits()}
    for state in ("unverified", "submitted", "cancelled"):
        token = a_link(LinkPurpose.VERIFY_REQUEST, visits[state])
        yield Shown("book.verify", f"/book/verify/{token}")
        yield Shown("book.not_me", f"/book/not-me/{a_link(LinkPurpose.NOT_ME, visits[state])}")
    late = a_link(LinkPurpose.VERIFY_REQUEST, visits["unverified"], expires_at=NOW - timedelta(hours=1))
    yield Shown("book.verify", f"/book/verify/{late}", status=410)


def _newsletter_pages() -> Iterator[Shown]:
    person = database.session.scalars(select(NewsletterSubscription.id)).one()
    for name in ("confirm", "unsubscribe"):
        token = a_link(LinkPurpose(f"newsletter_{name}"), person)
        yield Shown(f"newsletter.{name}", f"/newsletter/{name}/{token}")


def _visits() -> list[tuple[str, int, str]]:
    """State, id and reference of all visits."""
    query = select(VisitRequest.state, VisitRequest.id, VisitRequest.reference).order_by(VisitRequest.id)
    return [(state, id_, reference) for state, id_, reference in database.session.execute(query)]


def _visitor_pages() -> Iterator[Shown]:
    seen = set()
    for state, id_, _reference in _visits():
        if state not in seen:
            own = f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, id_)}"
            seen.add(state)
            yield Shown("visits.show", own)
            if state == "confirmed":
                yield Shown("visits.ask_to_withdraw", f"{own}/withdraw")
    assert seen == set(VisitState)


def _slots() -> dict[str, list[int]]:
    """The slots of each state, those of the demo's visits first."""
    found: dict[str, list[int]] = {}
    for state, id_ in database.session.execute(select(Slot.state, Slot.id).order_by(Slot.id)):
        found.setdefault(str(state), []).append(id_)
    return found


def _host_pages() -> Iterator[Shown]:
    for state, slots in _slots().items():
        if state != "draft":
            yield Shown("slots.show", f"/slots/{a_link(LinkPurpose.ANSWER_SLOT, slots[0], sequence=0)}")
    for answer in ("propose", "decline"):
        token = a_link(LinkPurpose.ANSWER_SLOT, _slots()["pending"][0], sequence=0)
        yield Shown("slots.show", f"/slots/{token}?answer={answer}")
    yield Shown("slots.calendars", f"/slots/{token}/calendar")


def _staff_pages() -> Iterator[Shown]:
    for name in ("", "?state=all", "?text=nothing-like-this"):
        yield Shown("staff_visits.queue", f"/staff/visits{name}", "coordinator")
    for view in ("month", "week", "day", "list", "rows"):
        day = (NOW + timedelta(days=40)).date()
        yield Shown("staff_calendar.show", f"/staff/calendar?view={view}&day={day}&date={day}", "coordinator")
    planned = next(reference for state, _, reference in _visits() if state == "awaiting_hosts")
    yield Shown("staff_calendar.show", f"/staff/calendar?visit={planned}&date=2027-03-16", "coordinator")
    yield Shown("staff_directory.index", "/staff/directory", "coordinator")
    yield from _import_pages()
    yield from (Shown(*one) for one in list_setting_addresses(planned))
    yield Shown("staff_exports.start", "/staff/directory/export", "coordinator")
    yield Shown("staff_exports.start", "/staff/directory/export", "reader")
    yield Shown("staff_directory.calendars", "/staff/directory/stormossen/calendars", "coordinator")
    yield Shown("staff_closures.show", "/staff/directory/stormossen/close", "coordinator")
    yield Shown("inbox.index", "/staff/inbox", "coordinator")
    for row in inbox.inbox_rows():
        yield Shown("inbox.show", f"/staff/inbox/{row.id}", "coordinator")
    yield Shown("outbox.index", "/staff/outbox", "coordinator")
    yield Shown("outbox.index", "/staff/outbox?state=sent", "coordinator")
    yield from (Shown(*one) for one in list_people_addresses())


def _import_pages() -> Iterator[Shown]:
    """A file in each state on its way into the directory."""
    yield Shown("staff_imports.start", "/staff/directory/import", "coordinator", 422, sends="form[enctype]")
    for kept in imported_files():
        yield Shown("staff_imports.show", f"/staff/directory/import/{kept}", "coordinator")
        yield Shown("staff_imports.columns", f"/staff/directory/import/{kept}/columns", "coordinator")
    yield Shown("staff_imports.start", "/staff/directory/import", "coordinator")


def _staff_visit_pages() -> Iterator[Shown]:
    seen = {}
    for state, _id, reference in _visits():
        if state not in seen and state != "unverified":
            seen[state] = f"/staff/visits/{reference}"
            yield Shown("staff_visits.show", seen[state], "coordinator")
    yield Shown("staff_visits.show", seen["planning"], "reader")
    for name in ("let-pass", "plan", "propose", "answer-wish", "ask", "decline", "cancel", "reopen"):
        yield Shown("staff_visits.act", f"{seen['awaiting_hosts']}/{name}", "coordinator")
    for state in ("planning", "submitted"):
        yield Shown("staff_releases.show", f"{seen[state]}/release", "coordinator")
    yield _words_of_a_mail()
    for name, word in (("contact", "contact"), ("change", "request")):
        yield Shown(f"staff_visits.{name}", f"{seen['planning']}/{word}", "coordinator")
    yield Shown("staff_slots.choose", f"{seen['planning']}/hosts", "coordinator")
    yield Shown("staff_slots.choose", f"{seen['planning']}/hosts?text=bio", "coordinator")
    yield Shown("staff_slots.new", f"{seen['planning']}/slots/new?host=stormossen", "coordinator")


def _words_of_a_mail() -> Shown:
    """The covering words of the first draft's invitation."""
    draft = _slots()["draft"][0]
    reference = database.session.scalar(
        select(VisitRequest.reference).join(Slot, Slot.visit_id == VisitRequest.id).where(Slot.id == draft)
    )
    address = f"/staff/visits/{reference}/release/words/slot-{draft}"
    return Shown("staff_releases.words", address, "coordinator")


def _staff_slot_pages() -> Iterator[Shown]:
    slots = {state: f"/staff/slots/{ids[0]}" for state, ids in _slots().items()}
    for state in ("draft", "pending"):
        yield Shown("staff_slots.edit", f"{slots[state]}/edit", "coordinator")
        move = slots[state].replace("/staff/", "/staff/calendar/") + "/move"
        yield Shown("staff_calendar.move", move, "coordinator")
        for query, status in (("day=2027-03-18&starts=09:00", 200), ("day=2027-03-28&starts=02:30", 422)):
            address = f"{move}?{query}&zone=Europe/Stockholm"
            yield Shown("staff_calendar.move", address, "coordinator", status=status)
    yield Shown("staff_slots.replace", f"{slots['declined']}/replace", "coordinator")
    for state, name in (
        ("draft", "remove"),
        ("pending", "withdraw"),
        ("pending", "resend"),
        ("declined", "reopen"),
        ("countered", "refuse-proposal"),
    ):
        yield Shown("staff_slots.act", f"{slots[state]}/{name}", "coordinator")
    slot_id, time_id = database.session.execute(select(ProposedTime.slot_id, ProposedTime.id)).first() or (
        0,
        0,
    )
    yield Shown("staff_slots.take", f"/staff/slots/{slot_id}/proposals/{time_id}", "coordinator")


def _planning_pages() -> Iterator[Shown]:
    visits = {state: f"/staff/visits/{reference}" for state, _id, reference in reversed(_visits())}
    slot = f"/staff/slots/{_slots()['declined'][0]}"
    for endpoint, address, reader in list_planning_addresses(visits, slot):
        yield Shown(endpoint, address, reader)
    sailings = "form[action='/staff/sailings']"
    yield Shown("staff_sailings.index", "/staff/sailings", "coordinator", 422, sends=sailings)


def _mailbox_pages(app: Flask) -> Iterator[Shown]:
    client = app.test_client()
    yield Shown("mailbox.index", "/mailbox")
    for reader in ("mari@delegation.example", "visits@vakin.example"):
        yield Shown("mailbox.box", f"/mailbox/{reader}")
        key = re.findall(r'/mailbox/message/([^"/]+)"', client.get(f"/mailbox/{reader}").text)[0]
        yield Shown("mailbox.message", f"/mailbox/message/{key}")
        yield Shown("mailbox.message_html", f"/mailbox/message/{key}/html", is_sandboxed=True)


def _error_pages() -> Iterator[Shown]:
    visit = _visits()[0]
    expired: datetime = NOW - timedelta(days=1)
    yield Shown("404", "/no/such/page", status=404)
    yield Shown("404", "/visits/no-such-link", status=404)
    yield Shown("403", f"/staff/visits/{visit[2]}/plan", "reader", status=403)
    yield Shown("405", "/plan/use", status=405)
    yield Shown(
        "410", f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, visit[1], expires_at=expired)}", status=410
    )
    for name, address, status in fault_addresses():
        yield Shown(name, address, status=status)


def _empty_forms() -> Iterator[Shown]:
    """Forms of visitors and hosts that were sent with nothing in them."""
    asked = next(id_ for state, id_, _ in _visits() if state == "needs_info")
    own = f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, asked)}"
    host = f"/slots/{a_link(LinkPurpose.ANSWER_SLOT, _slots()['pending'][0], sequence=0)}"
    for name, address, form in (
        ("book.start", "/book", "main form"),
        ("visits.show", own, "#question form"),
        ("slots.show", f"{host}?answer=propose", "form#propose"),
    ):
        yield Shown(name, address, status=422, sends=form)


def _empty_staff_forms() -> Iterator[Shown]:
    """Forms of staff that were sent with nothing in them."""
    planning = next(reference for state, _, reference in _visits() if state == "planning")
    for name, address in (
        ("staff_slots.new", f"/staff/visits/{planning}/slots/new?host=stormossen"),
        ("staff_visits.act", f"/staff/visits/{planning}/ask"),
        ("staff_visits.contact", f"/staff/visits/{planning}/contact"),
        ("staff_visits.change", f"/staff/visits/{planning}/request"),
        ("staff.account", "/staff/account"),
        ("staff.change_password", "/staff/account/password"),
    ):
        yield Shown(name, address, "coordinator", status=422, sends="main form[novalidate]")


def _pages_of_a_host() -> Iterator[Shown]:
    for page in (*list_host_addresses(), *list_empty_host_forms()):
        yield Shown(page.endpoint, page.address, page.reader, page.status, sends=page.sends)


def _workspace_pages() -> Iterator[Shown]:
    for endpoint, address, reader in list_workspace_addresses():
        yield Shown(endpoint, address, reader)


def _event_pages() -> Iterator[Shown]:
    for endpoint, address, reader in list_event_addresses():
        yield Shown(endpoint, address, reader)


PARTS = {
    "everybody": (_public_pages, _proof_pages, _newsletter_pages),
    "visitors and hosts": (_visitor_pages, _host_pages, _error_pages, _empty_forms),
    "what is known of hosts": (_pages_of_a_host,),
    "staff": (_staff_pages, _staff_visit_pages, _staff_slot_pages, _empty_staff_forms),
    "the planner": (_planning_pages,),
    "the day of the staff": (_workspace_pages,),
    "events": (_event_pages,),
}
