"""The directory for staff: search with sites and contacts."""

import pytest
from flask import Flask

from bookings.domain.staff import StaffRole
from tests.support.builders import a_directory
from tests.support.staff import a_signed_in_client
from tests.web.directory_pages import add_organisations, statements_of, text_of


@pytest.fixture
def some(app: Flask) -> Flask:
    with app.app_context():
        a_directory()
    return app


def test_staff_find_sites_and_contacts(some, client):
    staff = a_signed_in_client(some, StaffRole.READER)

    html = text_of(staff, "/staff/directory?q=storm")

    assert "Stormossen visitor centre, Vaasa (EET)" in html
    assert 'href="mailto:visits@stormossen.example"' in html
    assert "Vakin" not in html
    assert "Import a file" not in html


def test_the_staff_page_costs_the_same_for_one_for_three_and_for_300(app):
    staff = a_signed_in_client(app)
    counts = []
    for total in (1, 3, 300):
        with app.app_context():
            add_organisations(total)
        counts.append((statements_of(staff, "/staff/directory"), statements_of(staff, "/staff/directory")))

    assert counts[0] == counts[1] == counts[2]
