"""Staff: who registered for an event, who waits and why, what can be done; lists of people in and out."""

import csv
import io
import re

import pytest
from sqlalchemy import select, text

from bookings.db import read_session
from bookings.domain.registrations import Application, Person
from bookings.domain.staff import StaffRole
from bookings.domain.text import build_slug
from bookings.models.registrations import Registration, RegistrationNote
from bookings.queries.registrations.lists import PER_PAGE, ListFilter, list_ids
from bookings.services.registrations import add_registration, register, verify_registration
from tests.bench.registrations import store_registrations
from tests.support.clock import NOW
from tests.support.events import STAFF, a_part, a_ticket, again, an_event, pool_of
from tests.support.forms import submit
from tests.support.importing import carry_out, send_file
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.statements import recorded_statements


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


@pytest.fixture
def staff(app):
    return a_signed_in_client(app)


def make(app, **columns):
    with app.app_context():
        event = an_event(**columns)
        return event.slug, event.tickets[0].id, [part.id for part in event.parts]


def come(app, slug, ticket, name, *, organisation="", by_staff=True, **more):
    """Somebody registers; the reference."""
    email = f"{build_slug(name)}@town.example"
    person = Person(
        name=name, email=email, organisation_name=organisation, language="en", time_zone="UTC",
        part_ids=more.pop("part_ids", ()),
    )  # fmt: skip
    application = Application(
        event_slug=slug, ticket_id=ticket, leader=person, form_key=f"{slug}{name}", **more
    )
    with app.app_context():
        if by_staff:
            return add_registration(application, who=STAFF, now=NOW).reference
        outcome = register(application, now=NOW)
        return verify_registration(outcome.token, now=NOW).reference


def people(app):
    with app.app_context():
        read_session().rollback()
        return list(read_session().scalars(select(Registration).order_by(Registration.id)))


def names_in(page):
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)


def test_the_list_is_searched_and_narrowed(app, staff):
    slug, ticket, (wind,) = make(app, parts=[a_part("Wind")])
    come(app, slug, ticket, "Åsa Öst", organisation="Umeå kommun", part_ids=(wind,))
    reference = come(app, slug, ticket, "Bo Ek", organisation="Vasa stad")
    page = f"/staff/events/{slug}/registrations"

    assert names_in(staff.get(page).text) == ["Bo Ek", "Åsa Öst"]
    assert names_in(staff.get(f"{page}?text=umea+OST").text) == ["Åsa Öst"]
    assert names_in(staff.get(f"{page}?text={reference.lower()}").text) == ["Bo Ek"]
    assert names_in(staff.get(f"{page}?part={wind}").text) == ["Åsa Öst"]
    assert "Nobody fits" in staff.get(f"{page}?state=waiting").text
    assert names_in(staff.get(f"{page}?page=99&ticket=77&state=nonsense&text=%07").text) == [
        "Bo Ek",
        "Åsa Öst",
    ]


def test_the_list_asks_as_little_with_many_as_with_few(app, staff):
    slug, ticket, _parts = make(app)
    page = f"/staff/events/{slug}/registrations"
    come(app, slug, ticket, "First One")
    staff.get(page)

    with recorded_statements() as few:
        staff.get(page)
    for number in range(5):
        come(app, slug, ticket, f"Guest{number} Some")
    with recorded_statements() as many:
        staff.get(page)

    assert len(many) == len(few)
    assert len([one for one in many if not one.startswith(("BEGIN", "PRAGMA", "ROLLBACK"))]) <= 12


def test_each_person_stands_on_one_page_of_the_list_whatever_the_page(app, staff):
    slug, ticket, _parts = make(app)
    with app.app_context():
        event = again(slug)
        store_registrations(event.id, ticket, pool_of(event).id, count=2 * PER_PAGE + 7)
    page = f"/staff/events/{slug}/registrations"

    pages = [names_in(staff.get(f"{page}?page={number}").text) for number in (1, 2, 3)]

    assert [len(names) for names in pages] == [PER_PAGE, PER_PAGE, 7]
    newest_first = [f"Guest Number {number}" for number in reversed(range(2 * PER_PAGE + 7))]
    assert [name for names in pages for name in names] == newest_first
    assert f'href="/staff/events/{slug}/registrations?page=2"' in staff.get(f"{page}?page=3").text


@pytest.mark.sqlite_only
def test_the_people_of_earlier_pages_are_neither_read_nor_sorted(app, staff):
    slug, _ticket, _parts = make(app)
    with app.app_context():
        ids = list_ids(again(slug).id, ListFilter()).limit(PER_PAGE).offset(7_450)
        words = ids.compile(read_session().get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in read_session().execute(text(f"EXPLAIN QUERY PLAN {words}"))]

    assert len(plan) == 1
    assert "COVERING INDEX" in plan[0]


def test_the_queue_says_why_each_stands_there(app, staff):
    slug, ticket, _parts = make(app, capacity=1)
    come(app, slug, ticket, "First One")
    come(app, slug, ticket, "Second Two", joins_waiting_list=True)

    page = staff.get(f"/staff/events/{slug}/registrations/queue").text

    assert names_in(page) == ["Second Two"]
    assert "All places in the event are taken." in page


def test_staff_approve_decline_and_cancel(app, staff):
    slug, ticket, _parts = make(app, needs_approval=True)
    yes, no = (come(app, slug, ticket, name, by_staff=False) for name in ("Anna Berg", "Bo Ek"))
    base = f"/staff/events/{slug}/registrations"

    submit(staff, f"{base}/{yes}/approve")
    submit(staff, f"{base}/{no}/refuse", {"text": "Only towns this time."})
    states = [one.state for one in people(app)]
    submit(staff, f"{base}/{yes}/cancel", {"text": "Called us."})
    again = staff.get(f"{base}/{yes}/approve")

    assert states == ["registered", "refused"]
    assert [one.state for one in people(app)] == ["cancelled", "refused"]
    assert again.status_code == 409
    assert "Only towns this time." in staff.get(f"{base}/{no}").text


def test_staff_add_somebody_put_right_what_is_wrong_and_write_a_note(app, staff):
    slug, _ticket, (wind,) = make(app, parts=[a_part("Wind")])
    base = f"/staff/events/{slug}/registrations"
    new = staff.get(f"{base}/new").text
    fields = {"csrf_token": csrf_of(new), "name": "Anna Berg", "email": "anna@town.example"}
    ticket = re.search(r'name="ticket" value="(\d+)"', new)[1]

    wrong = staff.post(f"{base}/new", data={**fields, "name": "", "ticket": ticket})
    added = staff.post(f"{base}/new", data={**fields, "ticket": ticket, "parts": [wind]})
    twice = staff.post(f"{base}/new", data={**fields, "ticket": ticket})
    own = added.headers["Location"]
    change = staff.get(f"{own}/change").text
    version = re.search(r'name="version" value="(\d+)"', change)[1]
    right = {**fields, "name": "Anna Bergh", "version": version}
    changed = staff.post(f"{own}/change", data=right)
    outdated = staff.post(f"{own}/change", data=right)
    noted = staff.post(f"{own}/notes", data={"csrf_token": fields["csrf_token"], "text": "Comes by bus."})

    assert [one.status_code for one in (wrong, added, twice)] == [422, 303, 422]
    assert [one.status_code for one in (changed, outdated, noted)] == [303, 409, 303]
    assert [one.name for one in people(app)] == ["Anna Bergh"]
    with app.app_context():
        assert read_session().scalars(select(RegistrationNote.text)).all() == ["Comes by bus."]
    assert "Comes by bus." in staff.get(own).text


FILE = "Namn;E-post;Organisation;Land;Delar\r\n"


def test_staff_give_another_ticket_and_read_why_not(app, staff):
    slug, ticket, _parts = make(app, tickets=[a_ticket(), a_ticket("Dinner", capacity=1)])
    first, second = (come(app, slug, ticket, name) for name in ("Anna Berg", "Bo Ek"))
    dinner = people(app)[0].ticket_id + 1
    pages = [f"/staff/events/{slug}/registrations/{one}" for one in (first, second)]

    asked = staff.get(f"{pages[0]}/ticket").text
    nothing = submit(staff, f"{pages[0]}/ticket")
    stale = submit(staff, f"{pages[0]}/ticket", {"ticket": dinner, "version": 0})
    wanted = {"ticket": dinner, "version": people(app)[0].version}
    given, full = (submit(staff, f"{one}/ticket", wanted) for one in pages)

    assert "1 place left" in asked
    assert nothing.status_code == 422
    assert stale.status_code == 409
    assert given.status_code == 303
    assert "Gave another kind of ticket" in staff.get(pages[0]).text
    assert full.status_code == 409
    assert "Dinner: the places are taken" in full.text
    assert [one.ticket_id for one in people(app)] == [dinner, ticket]


def test_a_list_of_people_comes_in_once_and_what_changed_is_put_right(app, staff):
    slug, _ticket, _parts = make(app, parts=[a_part("Wind")])
    rows = "Anna Berg;anna@town.example;Umeå;SE;Wind\r\nBo Ek;bo@town.example;Vasa;FI;\r\n"

    kept, look = send_file(staff, slug, FILE + rows)
    before = people(app)
    done = carry_out(staff, kept)
    _again, nothing = send_file(staff, slug, FILE + rows)
    third, change = send_file(staff, slug, FILE + rows.replace("Bo Ek", "Bo Eriksson"))
    carry_out(staff, third)

    assert (before, "anna@town.example" in look) == ([], True)
    assert "The file is imported" in done
    assert "Nothing would change" in nothing
    assert "Bo Eriksson" in change
    assert [(one.name, one.state) for one in people(app)] == [
        ("Anna Berg", "registered"),
        ("Bo Eriksson", "registered"),
    ]


def test_with_one_mistake_nobody_of_a_list_is_registered(app, staff):
    slug, _ticket, _parts = make(app, parts=[a_part("Wind")], capacity=1)
    right = "Anna Berg;anna@town.example;;;\r\n"

    _kept, wrong = send_file(staff, slug, f"{FILE}{right}Bo;nowhere;;XX;Sun\r\nAnna;Anna@town.example;;;\r\n")
    _kept, full = send_file(staff, slug, f"{FILE}{right}Bo Ek;bo@town.example;;;\r\n")

    for words in ("This is no e-mail address", "The country is not one", "has no such part", "says the same"):
        assert words in wrong
    assert "All places are taken" in full
    assert people(app) == []


def test_a_file_of_one_event_is_not_found_at_another(app, staff):
    slug, _ticket, _parts = make(app)
    other, _ticket, _parts = make(app, title="Another seminar")
    kept, _page = send_file(staff, slug, f"{FILE}Anna Berg;anna@town.example;;;\r\n")

    assert staff.get(kept.replace(slug, other)).status_code == 404
    assert staff.get(f"/staff/directory/import/{kept.rpartition('/')[2]}").status_code == 404


def test_a_list_goes_out_without_formulas_and_for_readers_without_addresses(app, staff):
    slug, ticket, _parts = make(app)
    come(app, slug, ticket, "=cmd|' /C calc'!A0", organisation="Umeå kommun")
    address = f"/staff/events/{slug}/registrations/export"
    reader = a_signed_in_client(app, StaffRole.READER)

    full = submit(staff, address, {"form": "csv"}).data.decode("utf-8-sig")
    bare = submit(reader, address, {"form": "csv"}).data.decode("utf-8-sig")

    [row] = csv.DictReader(io.StringIO(full))
    assert row["person_name"].startswith("'=cmd")
    assert row["person_email"].endswith("@town.example")
    assert "town.example" not in bare
    assert "Umeå kommun" in bare
