"""Each change can be read, and taken back from the message that tells of it."""

import re

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.hosts import SitePlan
from bookings.domain.labels import LabelTone
from bookings.domain.staff import StaffRole
from bookings.models.directory import Organisation, Site
from bookings.models.visits import VisitNote
from bookings.services.hosts.doors import StaffDoor
from bookings.services.hosts.sites import change_site
from bookings.services.labels import add_label, set_labels
from bookings.services.settings.saving import save_deadlines, save_page_text
from bookings.services.slots import accept_slot, add_slot, change_slot, decline_slot, plan_change
from bookings.services.tasks import TaskWish, add_task, change_task
from bookings.services.visits import refuse_visit, release_visit, reopen_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, host_token, plan, slot_row

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def reference(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
        found = a_visit(state="submitted").reference
        add_slot(found, plan("vakin", 9), who=STAFF, now=NOW)
        return found


@pytest.fixture
def staff(app, reference):
    return a_signed_in_client(app)


def offered(page):
    """Where the button beside the message leads to."""
    messages = page.split('<div class="messages"')[1].split("</main>")[0]
    return re.search(r'action="(/staff/undo/\d+)"', messages)


def test_the_message_that_tells_of_an_act_offers_the_way_back(app, staff, reference):
    address = f"/staff/visits/{reference}"
    submit(staff, f"{address}/notes", {"text": "Call them"}, page=address)
    page = staff.get(address).text

    answer = staff.post(offered(page)[1], data={"csrf_token": csrf_of(page)}, follow_redirects=True)

    with app.app_context():
        assert database.session.scalars(select(VisitNote.text)).all() == []
    assert "Taken back: Wrote a note." in answer.text
    assert offered(staff.get(address).text) is None
    again = staff.post(offered(page)[1], data={"csrf_token": csrf_of(page)})
    assert (again.status_code, "taken back already" in again.text) == (409, True)


def test_the_history_says_who_when_what_old_and_new(app, staff, reference):
    with app.app_context():
        slot_id = add_slot(reference, plan("vakin", 9), who=STAFF, now=NOW)
        change_slot(slot_id, plan("vakin", 11), version=1, who=STAFF, now=NOW)

    page = staff.get(f"/staff/visits/{reference}/history").text

    assert "16 Mar 2027 10:00 CET → 16 Mar 2027 12:00 CET" in page
    assert "Anna Coordinator" in page
    assert len(re.findall(r'action="/staff/undo/\d+"', page)) == 3
    assert '<ul class="log">' not in staff.get(f"/staff/visits/{reference}/history?by=host").text


def test_the_history_of_announced_stops_labels_tasks_and_owners_says_old_and_new(app, staff, reference):
    with app.app_context():
        slot_id = add_slot(reference, plan("vakin", 12), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        plan_change(slot_id, plan("vakin", 14), version=slot_row(slot_id).version, who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        set_labels(reference, [add_label("Press", LabelTone.CALM, who=STAFF, now=NOW)], who=STAFF, now=NOW)
        task = add_task(reference, TaskWish(text="Call the bus"), who=STAFF, now=NOW)
        change_task(task, TaskWish(text="Call the bus", due_on=NOW.date()), version=1, who=STAFF, now=NOW)

    page = staff.get(f"/staff/visits/{reference}/history").text

    moved = "<strong>16 Mar 2027 13:00 CET → 16 Mar 2027 15:00 CET</strong>"
    assert f"Planned another time or place: {moved}" in page
    assert f"Moved to another time: {moved}" in page
    assert "Changed the labels: <strong>– → Press</strong>" in page
    assert re.search(r"Changed a task: Due <strong>– → [^<]*2027</strong>", page)
    assert page.count("· Call the bus") == 2


def whys(page):
    """What was done and why, the newest first, of the acts that have a reason."""
    acts = re.findall(r"<li><time.*?</li>", page, re.DOTALL)
    found = [re.search(r"<span>([^<:]+).*Why: ([^<]+)", act, re.DOTALL) for act in acts]
    return [(act[1].strip(), act[2]) for act in found if act]


def test_each_act_keeps_the_reason_that_was_given_for_it(app, staff, reference):
    with app.app_context():
        slot_id = add_slot(reference, plan("vakin", 12), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        wish = plan("vakin", 14, reason="The flight lands <late>")
        plan_change(slot_id, wish, version=slot_row(slot_id).version, who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        decline_slot(host_token(slot_id), reason="Inspection", now=NOW)
        decline_slot(host_token(slot_id), reason="The inspection takes all week", now=NOW)
        accept_slot(host_token(slot_id), now=NOW)
        decline_slot(host_token(slot_id), reason="Our guide is ill", now=NOW)
        refuse_visit(reference, "No host is left", who=STAFF, now=NOW)
        reopen_visit(reference, who=STAFF, now=NOW)

    page = staff.get(f"/staff/visits/{reference}/history").text

    assert whys(page) == [
        ("Declined the request", "No host is left"),
        ("The host took the yes back", "Our guide is ill"),
        ("Added words to the answer", "The inspection takes all week"),
        ("Declined", "Inspection"),
        ("Moved to another time", "The flight lands &lt;late&gt;"),
        ("Planned another time or place", "The flight lands &lt;late&gt;"),
    ]


def test_the_history_of_settings_shows_both_values_and_both_texts(app):
    with app.app_context():
        for number, days in enumerate((5, 6)):
            save_deadlines({"notice_days": days}, version=number, who=STAFF, now=NOW)
        save_page_text("sent_note", "en", "First.\n\n<b>Second</b>.", version=0, who=STAFF, now=NOW)

    page = a_signed_in_client(app, StaffRole.ADMIN).get("/staff/settings/history").text

    assert "request counts as urgent <strong>5 → 6</strong>" in page
    assert "request counts as urgent <strong>the standard → 5</strong>" in page
    assert '<dd class="pre">First.\n\n&lt;b&gt;Second&lt;/b&gt;.</dd>' in page


def test_the_history_of_a_host_tells_codes_and_only_names_words_of_people(app, staff, reference):
    with app.app_context():
        door = StaffDoor("vakin", STAFF)
        site = (
            read_session()
            .scalars(select(Site).join(Organisation).where(Organisation.slug == "vakin"))
            .first()
        )
        wish = SitePlan(name="The new name", time_zone=site.time_zone, group_max=12)
        change_site(door, site.id, wish, version=site.version, now=NOW)

    page = staff.get("/staff/directory/vakin/history").text

    assert re.search(r"Changed a site: .*Largest group <strong>[^<]* → 12</strong>", page)
    assert re.search(r"other words: .*Name", page)
    assert "The new name" not in page


def test_what_somebody_was_told_of_is_not_offered_to_be_taken_back(app, staff, reference):
    with app.app_context():
        slot_id = add_slot(reference, plan("vakin", 12), who=STAFF, now=NOW)
        change_slot(slot_id, plan("vakin", 13), version=1, who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        told = staff.get(f"/staff/visits/{reference}/history").text
        for hour in (14, 15):
            plan_change(slot_id, plan("vakin", hour), version=slot_row(slot_id).version, who=STAFF, now=NOW)
    planned = staff.get(f"/staff/visits/{reference}/history").text

    assert "Can be taken back" not in told
    assert len(re.findall(r'action="/staff/undo/\d+"', planned)) == 2


def test_readers_read_and_take_nothing_back(app, reference):
    reader = a_signed_in_client(app, StaffRole.READER)
    page = reader.get(f"/staff/visits/{reference}/history").text

    answer = reader.post("/staff/undo/1", data={"csrf_token": csrf_of(page)})

    assert "/staff/undo/" not in page
    assert answer.status_code == 403


def test_settings_are_taken_back_by_those_who_change_them(app, staff):
    with app.app_context():
        save_deadlines({"notice_days": 5}, version=0, who=STAFF, now=NOW)
    admin = a_signed_in_client(app, StaffRole.ADMIN)
    page = admin.get("/staff/settings/history").text
    address = re.search(r'action="(/staff/undo/\d+)"', page)[1]
    token = csrf_of(staff.get("/staff/settings").text)

    refused = staff.post(address, data={"csrf_token": token})
    answer = admin.post(address, data={"csrf_token": csrf_of(page)})

    assert (refused.status_code, answer.status_code) == (403, 303)
    assert answer.location == "/staff/settings/deadlines"
    assert 'name="notice_days" value=""' in admin.get("/staff/settings/deadlines").text


def test_a_long_history_costs_as_much_as_a_short_one(app, staff, reference):
    address = f"/staff/visits/{reference}/history"
    staff.get(address)
    with recorded_statements() as short:
        staff.get(address)
    with app.app_context():
        for hour in range(8, 16):
            add_slot(reference, plan("stormossen", hour), who=STAFF, now=NOW)

    with recorded_statements() as long:
        staff.get(address)

    assert len(long) == len(short) <= 12
