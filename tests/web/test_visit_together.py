"""One visit, several people: what was written, who saved what first, requests taken together, copies."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.errors import VisitsNotMergeableError
from bookings.domain.links import LinkPurpose
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import Agreement, VisitNote
from bookings.services.copying import copy_visit
from bookings.services.merging import merge_visits
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import add_note, release_visit, start_planning
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.own_pages import a_link
from tests.support.staff import a_signed_in_client, an_account, csrf_of, sign_in
from tests.support.stories import STAFF, host_token, plan, visit_row, visitor_token


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def colleague(app, staff):
    an_account(app, email="b@staff.example")
    client = app.test_client()
    sign_in(client, "b@staff.example")
    return client


def version_in(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


def sent(kind: str) -> list[OutboxMessage]:
    database.session.rollback()
    return list(database.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def a_planned_visit(**columns) -> str:
    reference = a_visit(**columns).reference
    start_planning(reference, who=STAFF, now=NOW)
    return reference


def test_the_second_of_two_who_decline_or_ask_sees_what_the_first_did_and_keeps_the_own_words(
    app, staff, colleague
):
    with app.app_context():
        reference = a_visit().reference
    ask, plan_it = f"/staff/visits/{reference}/ask", f"/staff/visits/{reference}/plan"
    form = staff.get(ask).text
    submit(colleague, plan_it, {"version": version_in(colleague.get(plan_it).text)})

    late = staff.post(
        ask, data={"csrf_token": csrf_of(form), "version": version_in(form), "text": "How many are you?"}
    )
    again = submit(staff, ask, {"version": version_in(late.text), "text": "How many are you?"})

    assert (late.status_code, again.status_code) == (409, 303)
    assert "Test Coordinator: Started planning" in late.text
    assert "How many are you?" in late.text
    with app.app_context():
        assert len(sent("question")) == 1


def test_two_owners_chosen_at_once_are_one_choice_and_a_message(app, staff, colleague):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"
    seen = version_in(staff.get(page).text)
    submit(colleague, f"{page}/owner", {"version": seen, "owner": "2"}, page=page)

    late = submit(staff, f"{page}/owner", {"version": seen, "owner": "1"}, page=page)
    with app.app_context():
        assert visit_row(reference).owner_id == 2
    again = submit(staff, f"{page}/owner", {"version": version_in(late.text), "owner": "1"}, page=page)

    assert (late.status_code, again.status_code) == (409, 303)
    assert "Chose who looks after the request" in late.text
    assert '<option value="1" selected>' in late.text
    with app.app_context():
        assert visit_row(reference).owner_id == 1


def test_a_note_is_kept_whatever_happened_meanwhile_and_its_writer_is_told(app, staff, colleague):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"
    seen = version_in(staff.get(page).text)
    submit(colleague, f"{page}/owner", {"version": seen, "owner": "2"}, page=page)

    kept = submit(staff, f"{page}/notes", {"version": seen, "text": "Call on Monday"}, page=page)

    assert kept.status_code == 303
    shown = staff.get(page).text
    assert "Call on Monday" in shown
    assert "In the meantime, Test Coordinator: Chose who looks after the request" in shown


def test_a_letter_leaves_once_and_stands_in_the_conversation_with_notes_and_mails(app, staff):
    with app.app_context():
        a_directory()
        reference = a_planned_visit()
        add_slot(reference, plan("vakin"), who=STAFF, now=NOW)
        add_note(reference, "They like trains", who=STAFF, now=NOW - timedelta(hours=1))
    page = f"/staff/visits/{reference}"
    form = staff.get(f"{page}/letters").text
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    words = {
        "csrf_token": csrf_of(form), "version": version_in(form), "key": key, "to": "visitor",
        "subject": "Your trains", "text": "Dear Kadri,\n\nthe 9 o'clock train it is.",
    }  # fmt: skip

    first, second = (staff.post(f"{page}/letters", data=words) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert "Vakin" not in form  # nobody hears of a draft by a letter
    with app.app_context():
        (mail,) = sent("letter")
        assert mail.subject == f"{reference}: Your trains"
        assert "9 o'clock train" in mail.raw.decode()
    shown = staff.get(page).text
    assert shown.index("9 o&#39;clock train") < shown.index("They like trains")
    read = re.search(rf"/staff/visits/{reference}/mails/\d+", shown)[0]
    assert "9 o&#39;clock train" in staff.get(read).text
    other = a_reference(app)
    assert staff.get(read.replace(reference, other)).status_code == 404


def a_reference(app) -> str:
    with app.app_context():
        return a_visit().reference


def test_labels_show_in_the_queue_and_filter_it(app, staff):
    with app.app_context():
        reference, other = a_visit(organisation="Riga").reference, a_visit(organisation="Gdynia").reference
    made = submit(staff, "/staff/labels", {"name": "VIP", "tone": "wait"})
    twice = submit(staff, "/staff/labels", {"name": "vip", "tone": "bad"})
    page = f"/staff/visits/{reference}/labels"
    submit(staff, page, {"labels": "1", "version": version_in(staff.get(page).text)})

    queue = staff.get("/staff/visits?label=1").text

    assert (made.status_code, twice.status_code) == (303, 422)
    assert "There is such a label already." in twice.text
    assert reference in queue
    assert other not in queue
    assert '<span class="tag tone-wait">VIP</span>' in queue
    assert '<span class="tag tone-wait">VIP</span>' in staff.get(f"/staff/visits/{reference}").text


def test_two_requests_become_one_with_notes_mails_and_drafts_and_its_link_leads_on(app, staff):
    with app.app_context():
        a_directory()
        gone, kept = (
            a_planned_visit(contact_email="k@v.example"),
            a_planned_visit(contact_email="K@v.example"),
        )
        slot = add_slot(gone, plan("vakin"), who=STAFF, now=NOW)
        add_note(gone, "They like trains", who=STAFF, now=NOW)
        token = visitor_link(gone)
    page = f"/staff/visits/{gone}/merge"
    both = staff.get(f"{page}?other={kept}")
    form = both.text.partition(f'/{gone}/merge"')[2]

    merged = submit(staff, page, {"into": kept, "version": version_in(form)}, page=f"/staff/visits/{gone}")

    assert (both.status_code, merged.status_code) == (200, 303)
    with app.app_context():
        assert (visit_row(gone).state, visit_row(kept).state) == ("cancelled", "planning")
        assert database.session.get(Slot, slot).visit_id == visit_row(kept).id
        notes = database.session.scalars(
            select(VisitNote.text).where(VisitNote.visit_id == visit_row(kept).id)
        ).all()
        assert "They like trains" in notes
        assert [mail.recipient for mail in sent("visit_merged")] == ["K@v.example"]
        assert sent("visit_cancelled") == []
    assert kept in app.test_client().get(f"/visits/{token}").text
    assert f'href="/staff/visits/{kept}"' in staff.get(f"/staff/visits/{gone}").text


def visitor_link(reference: str) -> str:
    return a_link(LinkPurpose.MANAGE_VISIT, visit_row(reference).id)


def test_another_persons_link_shows_its_own_closed_request_and_nothing_of_the_other(app, staff):
    with app.app_context():
        gone, kept = a_planned_visit(), a_planned_visit(purpose="The other purpose, not for everybody.")
        token = visitor_link(gone)
        merge_visits(gone, kept, who=STAFF, now=NOW)

    shown = app.test_client().get(f"/visits/{token}").text

    assert "It goes on together with your request" in shown
    assert "not for everybody" not in shown


def test_a_request_whose_hosts_were_asked_does_not_close_silently(app_context):
    a_directory()
    gone, kept = a_planned_visit(), a_planned_visit()
    slot = add_slot(gone, plan("vakin"), who=STAFF, now=NOW)
    release_visit(gone, who=STAFF, now=NOW)

    with pytest.raises(VisitsNotMergeableError) as refused:
        merge_visits(gone, kept, who=STAFF, now=NOW)

    assert (refused.value.code, len(refused.value.hosts)) == ("announced", 1)
    database.session.rollback()
    assert database.session.get(Slot, slot).visit_id == visit_row(gone).id
    merge_visits(kept, gone, who=STAFF, now=NOW)
    assert visit_row(kept).state == "cancelled"


def test_a_copy_has_the_hosts_as_drafts_at_the_same_hours_and_no_agreement(app_context):
    a_directory()
    reference = a_planned_visit()
    add_slot(reference, plan("vakin", 9), who=STAFF, now=NOW)
    before = database.session.scalars(select(OutboxMessage.id)).all()

    # The clocks go forward in between: ten in the morning stays ten in the morning.
    copied = copy_visit(reference, date(2027, 4, 20), who=STAFF, now=NOW)

    copy = visit_row(copied.reference)
    slot = database.session.scalars(select(Slot).where(Slot.visit_id == copy.id)).one()
    assert (copy.state, slot.state, copied.left_out) == ("planning", "draft", ())
    assert slot.starts_at.isoformat() == "2027-04-20T08:00:00+00:00"
    assert database.session.scalars(select(Agreement).where(Agreement.visit_id == copy.id)).all() == []
    assert database.session.scalars(select(OutboxMessage.id)).all() == before


def test_the_visitor_of_a_copy_agrees_to_the_costs_anew(app, staff):
    with app.app_context():
        a_directory()
        source = a_planned_visit()
        add_slot(source, plan("vakin", 9), who=STAFF, now=NOW)
        copied = copy_visit(source, date(2027, 4, 20), who=STAFF, now=NOW).reference
        release_visit(copied, who=STAFF, now=NOW)
        slot = database.session.scalars(select(Slot.id).where(Slot.visit_id == visit_row(copied).id)).one()
        accept_slot(host_token(slot), now=NOW)
        token = visitor_token(copied)
    own = app.test_client()
    page = f"/visits/{token}"
    clause = re.search(r'name="clause_version" value="([^"]+)"', own.get(page).text)[1]

    without = submit(own, f"{page}/accept", {"clause_version": clause}, page=page)
    agreed = submit(own, f"{page}/accept", {"clause_version": clause, "accepts_costs": "y"}, page=page)

    assert (without.status_code, agreed.status_code) == (422, 303)
    with app.app_context():
        assert visit_row(copied).state == "confirmed"
        kept = database.session.scalars(
            select(Agreement).where(Agreement.visit_id == visit_row(copied).id)
        ).one()
        assert (kept.version, kept.agreed_at) == (clause, NOW)


def test_everything_is_found_by_a_few_letters_with_and_without_the_palette(app, staff):
    with app.app_context():
        a_directory()
        reference = a_visit(organisation="City of Gdynia").reference

    page, answer = staff.get("/staff/find?q=gdy").text, staff.get("/staff/find.json?q=vak").json

    assert f'href="/staff/visits/{reference}"' in page
    assert [(one["kind"], one["url"]) for one in answer["results"]] == [
        ("Company", "/staff/directory/vakin")
    ]  # fmt: skip
    assert "Nothing fits" in staff.get("/staff/find?q=zzzz").text
    assert "Calendar" in staff.get("/staff/find").text


def test_a_request_of_an_unproved_address_is_neither_found_nor_has_a_history(app, staff):
    with app.app_context():
        unproved = a_visit(organisation="City of Gdynia", state="unverified", verified_at=None).reference

    page, answer = staff.get("/staff/find?q=gdynia").text, staff.get("/staff/find.json?q=gdynia").json

    assert unproved not in page
    assert answer["results"] == []
    assert staff.get(f"/staff/visits/{unproved}/history").status_code == 404
