"""The load of hosts: visits and hours that took place, answers, and how long they took."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.links import LinkPurpose
from bookings.models.audit import AuditEntry
from bookings.models.directory import HostContact, Organisation
from bookings.models.visits import VisitRequest
from bookings.queries.host_load import HostLoad, find_host_load, load_host_loads
from bookings.services.slots import accept_slot, change_slot
from tests.support.builders import a_directory, a_slot, a_visit, save
from tests.support.clock import NOW
from tests.support.own_pages import a_link
from tests.support.staff import a_signed_in_client
from tests.support.stages import confirmed
from tests.support.stories import STAFF, host_token, plan, slot_row

DAY = timedelta(days=1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="completed")
        an_asked_slot(visit, hosts["stormossen"], state="completed", days=9, release=40, accept=38)
        an_asked_slot(visit, hosts["stormossen"], state="declined", days=8, release=40, decline=38)
        an_asked_slot(visit, hosts["vakin"], state="expired", days=8, release=20, expire=10)
        a_slot(visit, hosts["westenergy"], starts_at=NOW + DAY)
        an_asked_slot(visit, hosts["vakin"], state="completed", days=400, release=500, accept=499)
    return a_signed_in_client(app)


def an_asked_slot(visit: VisitRequest, host: Organisation, *, state: str, days: int, **acts: int) -> None:
    """A stop so many days ago, with what was done with it and how many days ago."""
    last = NOW - max(acts.values()) * DAY
    slot = a_slot(visit, host, starts_at=NOW - days * DAY, state=state, asked_at=last)
    for action, ago in acts.items():
        save(
            AuditEntry(
                happened_at=NOW - ago * DAY, actor_kind="host", actor_name="", action=action, noun="slot",
                subject_id=slot.id, visit_id=visit.id, detail={},
            )
        )  # fmt: skip


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


def test_a_yes_stays_in_the_figures_when_the_stop_is_moved_and_the_host_asked_again(app_context):
    a_directory()
    reference = a_visit().reference
    first, _second = confirmed(reference, now=NOW)
    change_slot(first, plan("stormossen", 11), version=slot_row(first).version, who=STAFF, now=NOW)

    waiting = load("stormossen")
    accept_slot(host_token(first), now=NOW)
    accepted = load("stormossen")

    assert (waiting.asked, waiting.yes) == (2, 1)
    assert (accepted.asked, accepted.yes) == (2, 2)
    assert accepted == next(
        one for one in load_host_loads(read_session(), now=NOW).hosts if one.slug == "stormossen"
    )


def test_the_address_of_the_reports_leads_to_the_report(staff):
    assert staff.get("/staff/reports").location == "/staff/reports/hosts"


def test_a_host_reads_its_own_figures_behind_its_own_link(app, staff):
    with app.app_context():
        token = a_link(LinkPurpose.HOST_PAGE, a_contact("stormossen"))

    page = app.test_client().get(f"/hosts/{token}").text

    for text in ("What you gave in the last 12 months", "yes: 1, no: 1, none: 0", "48 h"):
        assert text in page


def load(slug: str) -> HostLoad:
    query = select(Organisation.id).where(Organisation.slug == slug)
    return find_host_load(read_session(), read_session().scalars(query).one(), now=NOW)


def a_contact(slug: str) -> int:
    query = select(HostContact.id).join(Organisation).where(Organisation.slug == slug)
    return database.session.scalars(query).one()
