"""What is known of hosts: staff's pages, the host's own page behind its link, what visitors read."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole
from bookings.models.audit import AuditEntry
from bookings.models.directory import Organisation
from bookings.models.offers import SlotOffer
from bookings.models.slots import Slot
from bookings.queries.directory import load_directory
from bookings.services.hosts import load_example_offers
from tests.support.browsing import read_forms
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.host_pages import fill_host
from tests.support.offers import first_contact
from tests.support.own_pages import a_link, at, everything_stored
from tests.support.staff import a_signed_in_client, csrf_of

STAFF_PAGE = "/staff/directory/stormossen"


@pytest.fixture
def host(app: Flask) -> Flask:
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        a_directory()
        fill_host()
    return app


@pytest.fixture
def staff(host: Flask) -> FlaskClient:
    return a_signed_in_client(host)


@pytest.fixture
def own_page(host: Flask) -> str:
    with host.app_context():
        query = select(Organisation).where(Organisation.slug == "stormossen")
        organisation = database.session.scalars(query).one()
        return f"/hosts/{a_link(LinkPurpose.HOST_PAGE, first_contact(organisation).id)}"


def send(client: FlaskClient, address: str, **changes):
    """Open the form of a page, change some fields, send it as a browser would."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    form = next(
        form for form in read_forms(page.text, address) if form.method == "post" and _is_of(form, address)
    )
    fields = [pair for pair in form.fields if pair[0] not in changes]
    for name, value in changes.items():
        fields += [(name, text) for text in (value if isinstance(value, list) else [value])]
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return client.post(address, data=data)


def _is_of(form, address: str) -> bool:
    return form.action.endswith(address) or form.action.endswith(address.partition("?")[0])


def offer_address(app: Flask, base: str = STAFF_PAGE) -> str:
    with app.app_context():
        [offer] = load_directory(database.session).companies["stormossen"].offers
        return f"{base}/offers/{offer.id}"


def the_offer(app: Flask):
    with app.app_context():
        database.session.rollback()
        [offer] = load_directory(database.session).companies["stormossen"].offers
        return offer


def test_staff_see_all_that_is_known_of_a_host(staff):
    page = staff.get(STAFF_PAGE).text

    for text in (
        "Biogas from kitchen waste",
        "Host of Stormossen",
        "Rebuilding",
        "Antarctica",
        "1 July 2027",
    ):
        assert text in page, text


def test_readers_may_only_read(host):
    reader = a_signed_in_client(host, StaffRole.READER)

    page = reader.get(STAFF_PAGE)

    assert page.status_code == 200
    assert f'action="{STAFF_PAGE}' not in page.text
    assert f'href="{STAFF_PAGE}/' not in page.text
    assert reader.get(offer_address(host)).status_code == 403


def test_an_offer_is_saved_as_it_was_shown_and_changes_nothing(host, staff):
    before = the_offer(host)

    answer = send(staff, offer_address(host))

    assert answer.status_code == 303
    assert the_offer(host) == before


def test_an_offer_is_changed_with_seasons_and_money(host, staff):
    answer = send(
        staff, offer_address(host), minutes="45", fee="1 250,50", fee_currency="SEK",
        **{"hours-0-from_day": "1.6.", "hours-0-to_day": "08-31", "hours-0-weekdays": ["6", "7"]},
        **{"hours-1-opens_at": "10:00", "hours-1-closes_at": "12:00", "hours-1-weekdays": ["1"]},
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    offer = the_offer(host)
    assert (offer.minutes, offer.fee_cents, offer.fee_currency) == (45, 125050, "SEK")
    assert [(one.from_day, one.to_day, one.weekdays, one.opens_at) for one in offer.hours] == [
        ("01-01", "12-31", "1", "10:00"),
        ("06-01", "08-31", "67", "09:00"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("minutes", "", "Type how many minutes it takes."),
        ("minutes", "abc", "Write a whole number."),
        ("minutes", "99999999999999999999", "Write a whole number."),
        ("minutes", "3", "Write a number between 15 and 720."),
        ("group_max", "0", "Write a number between 1 and 200."),
        ("fee", "12,345", "Write an amount like 120 or 120.50."),
        ("hours-0-from_day", "31.2.", "Write month and day, like 05-01."),
        ("hours-0-closes_at", "08:00", "The end has to be after the start."),
        ("hours-0-closes_at", "", "Fill in both times."),
        ("hours-0-weekdays", [], "Choose at least one day of the week."),
        ("title_en", "Bad\x07bell", "Remove the invisible control characters from this text."),
        ("photo_policy", "sometimes", "Choose one of the list."),
        ("topics", ["no/such"], "This cannot be used. Check what you typed."),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_what_was_typed_stays(
    host, staff, field, value, sentence
):
    answer = send(staff, offer_address(host), clothing="Rubber boots please", **{field: value})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Rubber boots please" in answer.text
    assert "There is a problem" in answer.text
    assert the_offer(host).clothing == "Closed shoes"


def test_a_second_save_sees_what_changed_loses_nothing_and_can_be_sent_again(host, staff):
    address = offer_address(host)
    first, second = (dict(_fields(staff, address)) for _ in range(2))
    staff.post(address, data={**first, "clothing": "Helmets"})

    answer = staff.post(address, data={**second, "minutes": "75"})

    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert "stored now: Helmets" in answer.text
    assert 'value="75"' in answer.text
    form = next(form for form in read_forms(answer.text, address) if form.action.endswith(address))
    again = staff.post(address, data=dict(form.fields))
    assert again.status_code == 303
    assert the_offer(host).minutes == 75


def _fields(client: FlaskClient, address: str):
    form = next(
        form for form in read_forms(client.get(address).text, address) if form.action.endswith(address)
    )
    return form.fields


def test_a_wrong_organisation_number_is_refused_and_a_right_one_spelled_our_way(host, staff):
    address = f"{STAFF_PAGE}/organisation/new"

    wrong = send(staff, address, organisation_number="0112038-8")
    right = send(staff, address, organisation_number="01120389")

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "not an organisation number" in wrong.text
    assert "0112038-9" in staff.get(STAFF_PAGE).text


def test_staff_add_a_contact_a_site_closed_days_and_take_them_off(host, staff):
    added = [
        send(staff, f"{STAFF_PAGE}/contacts/new", name="Stand In", email="Two@Stormossen.example"),
        send(staff, f"{STAFF_PAGE}/sites/new", name="Second plant", opens_at="09:00", closes_at="12:00"),
        send(staff, f"{STAFF_PAGE}/blackouts/new", first_on="2027-12-20"),
        send(staff, f"{STAFF_PAGE}/exclusions/new", about="organisation", organisation="Rival Oy"),
    ]
    page = staff.get(STAFF_PAGE).text

    assert [answer.status_code for answer in added] == [303] * 4
    for text in ("Stand In", "Second plant", "20 December 2027", "Rival Oy"):
        assert text in page, text
    for action in re.findall(r'action="([^"]+/(?:blackouts|exclusions|closures)/\d+/remove)"', page):
        assert staff.post(action, data={"csrf_token": csrf_of(page)}).status_code == 303
    after = staff.get(STAFF_PAGE).text
    assert "20 December 2027" not in after
    assert "Everybody is welcome." in after


def test_an_exclusion_needs_the_field_that_was_chosen(host, staff):
    answer = send(staff, f"{STAFF_PAGE}/exclusions/new", about="sector")

    assert answer.status_code == 422


def test_a_closure_in_the_hour_that_the_clocks_skip_is_refused(host, staff):
    with host.app_context():
        site = load_directory(database.session).companies["stormossen"].sites[0].id

    answer = send(staff, f"{STAFF_PAGE}/closures/{site}", starts_on="2027-03-28", starts_at="03:30")

    assert answer.status_code == 422
    assert "clocks are put forward" in answer.text


def test_looking_at_the_own_page_changes_nothing(host, own_page, client):
    with host.app_context():
        before = everything_stored()

    statuses = [client.get(own_page + more).status_code for more in ("", "/offers/new", "/terms/new")]

    with host.app_context():
        assert everything_stored() == before
    assert statuses == [200, 200, 200]


def test_a_host_keeps_by_its_link_whom_it_does_not_receive_and_how_one_comes_in(host, own_page, client):
    page = client.get(own_page).text
    assert "Antarctica" in page
    site = re.findall(r"/sites/(\d+)\"", page)[0]

    send(client, f"{own_page}/exclusions/new", about="organisation", organisation="Rival Oy")
    send(client, f"{own_page}/sites/{site}", access_rules="Ring at the northern gate.")

    page = client.get(own_page).text
    assert "Rival Oy" in page
    assert "Ring at the northern gate." in page
    public = client.get("/companies/stormossen").text
    assert "Ring at the northern gate." in public
    assert "Rival Oy" not in public
    first = re.findall(r'action="([^"]+/exclusions/\d+/remove)"', page)[0]
    client.post(first, data={"csrf_token": csrf_of(page)})
    assert "Antarctica" not in client.get(own_page).text


def test_nothing_that_only_staff_change_is_reached_by_a_hosts_link(own_page, client):
    assert client.get(f"{own_page}/organisation/new").status_code == 404
    assert client.get(f"{own_page}/closures/1").status_code == 404


def test_one_press_says_that_all_is_still_right(host, own_page, client):
    page = client.get(own_page).text

    answer = client.post(f"{own_page}/confirm", data={"csrf_token": csrf_of(page)}, follow_redirects=True)

    assert "We have noted that all of this is still right" in answer.text
    assert "counts as right" in answer.text


def test_a_host_edits_its_offer_and_staff_see_who_did_it(host, own_page, client):
    answer = send(client, offer_address(host, own_page), minutes="50")

    assert answer.status_code == 303
    assert the_offer(host).minutes == 50
    page = a_signed_in_client(host).get(STAFF_PAGE).text
    assert "Host of Stormossen: Changed an offer" in page
    with host.app_context():
        kinds = {
            entry.actor_kind for entry in database.session.query(AuditEntry) if "offer_c" in entry.action
        }
    assert kinds == {"host"}


def test_an_unknown_link_of_a_host_is_told_so(client, host):
    assert client.get(f"/hosts/{'x' * 43}").status_code == 404


def test_visitors_read_what_can_be_seen_and_nothing_private(host, client):
    page = client.get("/companies/stormossen").text

    for text in ("Biogas from kitchen waste", "90 minutes", "Closed shoes", "€90.00"):
        assert text in page, text
    for text in ("visits@stormossen.example", "Antarctica", "Host of Stormossen", "Rebuilding"):
        assert text not in page, text


def test_the_list_can_be_narrowed_to_what_can_be_visited(host, client):
    page = client.get("/companies?visits=yes").text

    assert "Stormossen" in page
    assert "Westenergy" not in page


def test_the_demo_s_offers_are_marked_as_examples_and_loaded_once(app, client):
    from_file = []
    with app.app_context():
        a_directory()
        from_file.append(load_example_offers(now=NOW))
        from_file.append(load_example_offers(now=NOW))

    page = client.get("/companies/stormossen").text

    assert from_file[0] > 0
    assert from_file[1] == 0
    assert "Example" in page


def test_staff_plan_with_an_offer_and_are_warned_of_an_exclusion(host, staff):
    with host.app_context():
        reference = a_visit(state="planning", country="AQ").reference
    address = f"/staff/visits/{reference}/slots/new?host=stormossen"

    page = staff.get(address).text
    answer = send(staff, address, day="2027-06-01", starts="10:00")

    assert "This host does not receive these visitors." in page
    assert 'value="Biogas from kitchen waste"' in page
    assert answer.status_code == 303
    with host.app_context():
        offers = database.session.scalars(select(SlotOffer.visit_offer_id)).all()
        [slot] = database.session.scalars(select(Slot)).all()
        assert (len(offers), slot.ends_at - slot.starts_at) == (1, timedelta(minutes=90))


@pytest.mark.parametrize("more", ["/blackouts/1/remove", "/contacts/99999/remove", "/offers/99999/show"])
def test_a_button_of_a_page_that_was_open_too_long_is_told_so_and_is_no_fault(host, own_page, client, more):
    answer = client.post(
        own_page + more, data={"csrf_token": "old"}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert 400 <= answer.status_code < 500


def test_a_stale_button_behind_an_unknown_link_is_no_fault(host, client):
    address = f"/hosts/{'x' * 43}/confirm"

    answer = client.post(address, data={"csrf_token": "old"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert 400 <= answer.status_code < 500
