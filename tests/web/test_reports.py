"""The load of hosts: visits and hours that took place, answers, and how long they took."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.models.directory import HostContact, Organisation
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.own_pages import a_link
from tests.support.staff import a_signed_in_client

DAY = timedelta(days=1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="completed")
        asked = {"asked_at": NOW - 40 * DAY, "answered_at": NOW - 38 * DAY}
        a_slot(visit, hosts["stormossen"], starts_at=NOW - 9 * DAY, state="completed", **asked)
        a_slot(visit, hosts["stormossen"], starts_at=NOW - 8 * DAY, state="declined", **asked)
        a_slot(visit, hosts["vakin"], starts_at=NOW - 8 * DAY, state="expired", asked_at=NOW - 20 * DAY)
        a_slot(visit, hosts["westenergy"], starts_at=NOW + DAY)
        old = {"asked_at": NOW - 500 * DAY, "answered_at": NOW - 499 * DAY}
        a_slot(visit, hosts["vakin"], starts_at=NOW - 400 * DAY, state="completed", **old)
    return a_signed_in_client(app)


def test_the_file_counts_the_last_twelve_months_and_only_what_was_asked(staff):
    lines = staff.get("/staff/reports/hosts.csv").text.removeprefix("\ufeff").split()

    assert [line.split(",") for line in lines[1:]] == [
        ["stormossen", "Stormossen", "vaasa", "1", "1.5", "2", "1", "1", "0", "48.0"],
        ["vakin", "Vakin", "umea", "0", "0.0", "1", "0", "0", "1", ""],
    ]


def test_the_page_has_the_figures_by_town_and_by_host(staff):
    page = staff.get("/staff/reports/hosts").text

    for text in ("By town", "Vaasa", "Stormossen", "48 h", "No answer yet"):
        assert text in page


def test_the_address_of_the_reports_leads_to_the_report(staff):
    assert staff.get("/staff/reports").location == "/staff/reports/hosts"


def test_a_host_reads_its_own_figures_behind_its_own_link(app, staff):
    with app.app_context():
        token = a_link(LinkPurpose.HOST_PAGE, a_contact("stormossen"))

    page = app.test_client().get(f"/hosts/{token}").text

    for text in ("What you gave in the last 12 months", "yes: 1, no: 1, none: 0", "48 h"):
        assert text in page


def a_contact(slug: str) -> int:
    query = select(HostContact.id).join(Organisation).where(Organisation.slug == slug)
    return database.session.scalars(query).one()
