"""Staff judge the times that hosts offer, switch the visit's rule, send new words, and change the contact."""

import re
from datetime import timedelta

import pytest

from bookings.services.inbox import receive_mail
from bookings.services.slots import accept_slot, propose_times
from bookings.services.slots import add_slot as add
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.inbox import answer, inbox_rows, invited
from tests.support.staff import a_signed_in_client
from tests.support.stories import (
    STAFF,
    host_token,
    kinds,
    mails,
    plan,
    proposal_ids,
    slot_row,
    visit_row,
    visitor_token,
)

pytestmark = pytest.mark.sqlite_only
DAY = timedelta(days=1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def asked(app, staff):
    """The visit and its one stop, of which the host was asked."""
    with app.app_context():
        a_directory()
        reference = a_visit().reference
        slot_id = add(reference, plan("stormossen", 9), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
    return reference, slot_id


def offer(slot_id, days, *, minutes=0):
    row = slot_row(slot_id)
    times = [(row.starts_at + days * DAY, row.ends_at + days * DAY + timedelta(minutes=minutes))]
    propose_times(host_token(slot_id), times=times, comment="", now=NOW)


def test_each_offered_time_says_whether_it_fits(app, staff, asked):
    reference, slot_id = asked
    with app.app_context():
        offer(slot_id, 1)
        fits = staff.get(f"/staff/visits/{reference}").text
        offer(slot_id, 2, minutes=30)
        lasts_longer = staff.get(f"/staff/visits/{reference}").text
        (time_id,) = proposal_ids(slot_id)
    take = staff.get(f"/staff/slots/{slot_id}/proposals/{time_id}").text

    assert "Fits: host, delegation, ways and opening hours." in fits
    assert "Lasts 2 h instead of 1 h 30 min." in lasts_longer
    assert "Lasts 2 h instead of 1 h 30 min." in take


def test_the_rule_is_switched_on_and_off_on_the_visit_page(app, staff, asked):
    reference, _ = asked
    address = f"/staff/visits/{reference}"

    switched = submit(staff, f"{address}/rule", {"takes": "y"}, page=address)
    page = staff.get(address).text
    submit(staff, f"{address}/rule", {"takes": "n"}, page=address)

    assert switched.status_code == 303
    assert "Leave other times to me" in page
    assert "Other times that fit are taken without staff from now on" in page
    with app.app_context():
        assert visit_row(reference).takes_fitting_times is False


def test_a_switch_that_somebody_else_turned_meanwhile_is_not_turned_again(app, staff, asked):
    reference, _ = asked
    address = f"/staff/visits/{reference}"
    version = re.search(r'name="version" value="(\d+)"', staff.get(address).text)[1]
    submit(staff, f"{address}/rule", {"takes": "y", "version": version}, page=address)

    later = submit(staff, f"{address}/rule", {"takes": "n", "version": version}, page=address)
    releases = {"releases": "y", "version": version}
    first = submit(staff, f"{address}/programmes/release-rule", releases, page=address)
    second = submit(staff, f"{address}/programmes/release-rule", releases, page=address)

    assert (later.status_code, first.status_code, second.status_code) == (409, 303, 409)
    assert "Somebody else changed this visit in the meantime" in later.text
    assert "In the meantime, " in second.text
    with app.app_context():
        assert visit_row(reference).takes_fitting_times is True


@pytest.mark.parametrize("has_accepted", [False, True], ids=["asked", "accepted"])
@pytest.mark.parametrize("tells", [False, True], ids=["silently", "told"])
def test_other_words_are_sent_when_staff_ask_for_it(app, staff, asked, tells, has_accepted):
    reference, slot_id = asked
    with app.app_context():
        if has_accepted:
            accept_slot(host_token(slot_id), now=NOW)
        before, row = kinds(), slot_row(slot_id)
        fields = {
            "site": row.site_id, "contact": row.host_contact_id, "title": "The new digester",
            "day": "2027-03-16", "starts": "11:00", "minutes": "90", "message": "Bring boots",
            "is_required": "y", "version": row.version,
        }  # fmt: skip

    answered = submit(
        staff,
        f"/staff/slots/{slot_id}/edit",
        {**fields, **({"tells_host": "y", "tell": "now"} if tells else {})},
    )

    assert answered.status_code == 303
    with app.app_context():
        assert kinds()[len(before) :] == (["invitation_updated"] if tells else [])
        if tells:
            text = mails()[-1].text
            assert "What: How biogas is made → The new digester" in text
            assert ("Your answer stays as it is." in text) is has_accepted
            assert ("answer=accept" in text) is not has_accepted
            assert "Bring boots" in text
            assert mails()[-1].sequence == 0
            assert slot_row(slot_id).state == ("accepted" if has_accepted else "pending")
    assert reference


def test_another_person_answers_for_the_delegation(app, staff, asked):
    reference, _ = asked
    address = f"/staff/visits/{reference}/contact"
    person = {"name": "Liis Mets", "role": "Assistant", "email": "liis@visitor.example", "phone": ""}

    wrong = submit(staff, address, {**person, "email": "nobody"})
    right = submit(staff, address, person)

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "Write it like name@example.org." in wrong.text
    with app.app_context():
        assert [(one.kind, one.recipient) for one in mails()][-2:][0] == (
            "contact_new",
            "liis@visitor.example",
        )
        assert kinds()[-1] == "contact_left"
        assert "Somebody else answers for the delegation" in staff.get(f"/staff/visits/{reference}").text


def test_links_of_an_earlier_contact_open_nothing(app, client, staff, asked):
    reference, _ = asked
    with app.app_context():
        token = visitor_token(reference)
    assert client.get(f"/visits/{token}").status_code == 200

    submit(staff, f"/staff/visits/{reference}/contact", {"name": "Liis", "email": "liis@visitor.example"})

    assert client.get(f"/visits/{token}").status_code == 404


def test_a_colleague_to_whom_it_was_passed_on_answers_after_one_click(app, staff, asked):
    _, slot_id = asked
    with app.app_context():
        host = invited(slot_id)
        receive_mail(
            answer(host, "DELEGATED", parameters=';DELEGATED-TO="mailto:colleague@else.example"'), now=NOW
        )
        (row,) = inbox_rows()
    page = f"/staff/inbox/{row.id}"
    assert "colleague@else.example answers for the host from now on" in staff.get(page).text

    submit(staff, f"{page}/deputy", page=page)

    with app.app_context():
        later = NOW + timedelta(hours=2)
        both = f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:colleague@else.example":mailto:{host.email}'
        raw = answer(host, "ACCEPTED", attendee="colleague@else.example", at=later, more=both)
        assert receive_mail(raw, now=later).verdict == "record-response"
        assert slot_row(slot_id).state == "accepted"
