"""Closing a site by page: the closing, what becomes of each stop, one release; nothing twice."""

import re

import pytest

from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, host_token, kinds, plan, slot_row

pytestmark = pytest.mark.sqlite_only
HERE = "/staff/directory/westenergy/close"


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


def a_visit_there(hour: float) -> int:
    reference = a_visit().reference
    slot_id = add_slot(reference, plan("westenergy", hour), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    accept_slot(host_token(slot_id), now=NOW)
    return slot_id


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="((?:version|move|other)-\d+)" value="([^"]*)"', page))


def test_a_site_is_closed_its_stops_are_decided_on_and_everybody_is_told_once(app, staff):
    with app.app_context():
        a_directory()
        ids = [a_visit_there(hour) for hour in (7, 10, 13)]
        site = plan("westenergy").site_id
        before = len(kinds())
    closing = {"site": str(site), "starts_on": "2027-03-01", "starts_at": "07:00", "reason": "Fire"}

    wrong = submit(staff, HERE, {**closing, "starts_on": ""})
    closed = submit(staff, HERE, closing)
    staff.get(HERE)  # the closing makes every process read the directory anew, once
    with recorded_statements() as statements:
        page = staff.get(HERE).text
    chosen = {f"choice-{ids[0]}": "other", f"choice-{ids[1]}": "cancel", f"choice-{ids[2]}": "leave"}
    planned = submit(staff, f"{HERE}/stops", {**hidden(page), **chosen}, page=HERE)
    with app.app_context():
        assert len(kinds()) == before
    told = submit(staff, f"{HERE}/release", page=HERE)
    again = submit(staff, f"{HERE}/release", page=HERE)
    left = staff.get(HERE).text

    assert (wrong.status_code, closed.status_code, planned.status_code) == (422, 303, 303)
    assert "3 stops to decide on" in page
    assert "Ask Stormossen for the same time" in page
    assert len(statements) <= 12, [one[:90] for one in statements]
    assert (told.status_code, again.status_code) == (303, 303)
    assert "1 stop to decide on" in left
    with app.app_context():
        news = [kind for kind in kinds()[before:] if kind.startswith("invitation")]
        assert sorted(news) == ["invitation", "invitation_cancelled", "invitation_cancelled"]
        assert [slot_row(one).state for one in ids] == ["withdrawn", "withdrawn", "accepted"]


def test_each_stop_of_a_closed_site_leads_to_the_planner_s_next_best_host(app, staff):
    with app.app_context():
        a_directory()
        ids = [a_visit_there(hour) for hour in (7, 13)]
        site = plan("westenergy").site_id
    submit(
        staff, HERE, {"site": str(site), "starts_on": "2027-03-01", "starts_at": "07:00", "reason": "Fire"}
    )

    links = re.findall(r'href="(/staff/slots/(\d+)/next-best)"', staff.get(HERE).text)
    pages = [staff.get(link).text for link, _id in links]

    assert [int(slot_id) for _link, slot_id in links] == ids
    for page in pages:
        assert "In the place of Westenergy" in page
        host = re.search(r"<p>(.+) becomes a draft and is asked when you release it\.", page)[1]
        assert host in ("Stormossen", "Vakin", "Skellefteå Kraft")
        assert "Westenergy still has the invitation and gets a cancellation by mail." in page
        assert "Take the next best" in page
