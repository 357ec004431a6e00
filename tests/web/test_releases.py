"""The release page: every mail is read, reworded or held back there; what has changed meanwhile is said."""

import pytest

from bookings.services.slots import add_slot, plan_change
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, kinds, mails, plan, slot_row

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


def a_visit_with_plans(app, *hours: float) -> tuple[str, list[int]]:
    """Stops that hosts know of, each with a planned move."""
    with app.app_context():
        a_directory()
        reference = a_visit().reference
        ids = [add_slot(reference, plan("stormossen", hour), who=STAFF, now=NOW) for hour in hours]
        release_visit(reference, who=STAFF, now=NOW)
        for slot_id, hour in zip(ids, hours, strict=True):
            version = slot_row(slot_id).version
            plan_change(slot_id, plan("stormossen", hour + 48), version=version, who=STAFF, now=NOW)
    return reference, ids


def test_the_page_is_read_reworded_held_back_and_released(app, staff):
    reference, (first, second) = a_visit_with_plans(app, 7, 10)
    address = f"/staff/visits/{reference}/release"

    page = staff.get(address).text
    unknown = submit(staff, f"{address}/words/slot-{first}", {"words": "Dear {nobody}", "version": "0"})
    kept = submit(staff, f"{address}/words/slot-{first}", {"words": "Sorry, {host_name}!", "version": "0"})
    other = submit(staff, f"{address}/words/slot-{first}", {"words": "Mine", "version": "0"})
    held = submit(staff, f"{address}/slots/{second}/hold", page=address)
    left = staff.get(address).text
    seen_before = submit(staff, address, {"basis": "0" * 64})
    released = submit(staff, address)

    assert "1 host will get 2 mails" in page
    assert (unknown.status_code, kept.status_code, other.status_code) == (422, 303, 409)
    assert "Sorry, {host_name}!" in other.text
    assert "Mine" in other.text
    assert held.status_code == 303
    assert "Not in this release" in left
    assert seen_before.status_code == 409
    assert "nothing was sent" in seen_before.text
    assert released.status_code == 303
    with app.app_context():
        assert kinds() == ["invitation", "invitation", "invitation_changed"]
        assert "Sorry, " in mails()[-1].text
        assert "{host_name}" not in mails()[-1].text


def test_the_number_of_statements_is_the_same_for_one_change_and_for_four(app, staff):
    few, _ids = a_visit_with_plans(app, 7)
    with app.app_context():
        many = a_visit().reference
        ids = [add_slot(many, plan("westenergy", hour), who=STAFF, now=NOW) for hour in (7, 9, 11, 13)]
        release_visit(many, who=STAFF, now=NOW)
        for slot_id in ids:
            wish = plan("westenergy", 60 + 2 * slot_id)
            plan_change(slot_id, wish, version=slot_row(slot_id).version, who=STAFF, now=NOW)
    counts = []
    for reference in (few, few, many):
        with recorded_statements() as statements:
            assert staff.get(f"/staff/visits/{reference}/release").status_code == 200
        counts.append(len(statements))

    assert counts[1] == counts[2] <= 12, statements
