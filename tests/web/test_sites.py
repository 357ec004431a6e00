"""Most sites are called what their host is called: what names both names it once."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from bookings.db import read_session, transaction
from bookings.domain.staff import StaffRole
from bookings.models.directory import Organisation, Site
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.events import an_event
from tests.support.staff import a_signed_in_client
from tests.support.stages import confirmed
from tests.support.stories import mails, visitor_token

pytestmark = pytest.mark.sqlite_only


def read(html: str) -> str:
    """Its words, a blank between any two."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


@pytest.fixture
def reference(app: Flask) -> str:
    """A confirmed visit to hosts whose sites have no names of their own."""
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
        with transaction() as session:
            host = select(Organisation.name).where(Organisation.id == Site.organisation_id)
            session.execute(update(Site).values(name=host.scalar_subquery()))
        visit = a_visit()
        confirmed(visit.reference, now=NOW)
        return visit.reference


def test_the_programme_names_host_and_address(app: Flask, reference: str) -> None:
    with app.app_context():
        mail = next(mail.text for mail in mails() if "Your programme" in mail.text)
        token = visitor_token(reference)

    page = read(app.test_client().get(f"/visits/{token}").text)

    assert re.search(r"· Stormossen: How biogas is made\s+Road 1\s+15:00", mail), mail
    assert "Where: Road 1" in page


def test_the_day_of_staff_names_host_and_town(app: Flask, reference: str) -> None:
    staff = a_signed_in_client(app, StaffRole.READER)

    page = read(staff.get("/staff/calendar?view=day&date=2027-03-16").text)

    assert "Stormossen Vaasa" in page


def test_an_event_names_host_and_address(app: Flask, reference: str) -> None:
    with app.app_context():
        site = read_session().scalars(
            select(Site.id).join(Organisation).where(Organisation.slug == "stormossen")
        )
        event = an_event(site_ids=(site.one(),))

    page = read(app.test_client().get(f"/events/{event.slug}").text)

    assert "Stormossen · Road 1" in page
