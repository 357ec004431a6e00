"""Booking an adviser's half hour by the pages, from the list to the cancellation, without JavaScript."""

import re

import pytest

from tests.support.advisers import a_booked_time, adviser, an_adviser, an_advisory_day, page_token
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.stories import mails

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def day(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        event = an_advisory_day()
        return event, an_adviser(event)


def filled(card, number=0, **more):
    return {
        "start": card.times[number].start.isoformat(), "name": "Aino", "email": "aino@visitor.example",
        "country": "FI", "organisation_name": "Aurinko Oy", "subject": "How do I hire?", "form_key": "one",
        **more,
    }  # fmt: skip


def link(app, kind, word):
    with app.app_context():
        text = next(mail.text for mail in reversed(mails()) if mail.kind == kind)
    found = re.search(rf"https?://[^/\s]+(\S*{word}\S*)", text)
    assert found, text
    return found[1]


def times_of(app, card):
    with app.app_context():
        return [(one.name, f"{one.interval.start:%H:%M}") for one in adviser(card.id).booked]


def test_from_the_list_to_a_booked_moved_and_cancelled_time(app, client, day):
    event, card = day
    listed = client.get(f"/events/{event.slug}/advice").text
    choose = f"/events/{event.slug}/advice/{card.id}"

    sent = submit(client, choose, filled(card))
    proved = submit(client, link(app, "advice_verify", "/advice/verify/"))
    own = link(app, "advice_visitor", "/registrations/")
    page = client.get(own).text
    moved = submit(
        client, f"{own.partition('?')[0]}/move", {"start": card.times[1].start.isoformat()}, page=own
    )
    after_move = times_of(app, card)
    cancelled = submit(client, f"{own.partition('?')[0]}/cancel", {"reason": "Ill"}, page=own)

    assert "10:00" in listed
    assert "EEST" in listed
    assert (sent.status_code, proved.status_code, moved.status_code, cancelled.status_code) == (
        200,
        303,
        303,
        303,
    )
    assert "aino@visitor.example" in sent.text
    assert "Karin Berg" in page
    assert after_move == [("Aino", "07:40")]
    assert times_of(app, card) == []


def test_each_fact_of_a_mail_stands_on_a_line_of_its_own_and_one_clock_is_told_once(app, client, day):
    event, card = day
    submit(client, f"/events/{event.slug}/advice/{card.id}", filled(card))
    submit(client, link(app, "advice_verify", "/advice/verify/"))

    page = client.get(link(app, "advice_visitor", "/registrations/")).text
    with app.app_context():
        texts = {mail.kind: mail.text.splitlines() for mail in mails()}

    assert "Vem som kommer: Aino, Aurinko Oy (Finland)" in texts["advice_adviser"]
    for kind, word in (("advice_adviser", "När: "), ("advice_visitor", "When: ")):
        assert sum(line.startswith(word) for line in texts[kind]) == 1
    assert "On your clock" not in page


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(client, day):
    event, card = day

    refused = submit(client, f"/events/{event.slug}/advice/{card.id}", filled(card, email="aino", start=""))

    assert refused.status_code == 422
    assert "Choose a time." in refused.text
    assert "name@example.org" in refused.text
    assert "How do I hire?" in refused.text


def test_a_time_that_somebody_else_took_meanwhile_is_said_with_the_others(app, client, day):
    event, card = day
    form = f"/events/{event.slug}/advice/{card.id}"
    client.get(form)
    with app.app_context():
        a_booked_time(event, card, who="bo")

    refused = submit(client, form, filled(card))

    assert refused.status_code in (409, 422)
    assert "How do I hire?" in refused.text


def test_looking_at_the_link_uses_nothing_up(app, client, day):
    event, card = day
    submit(client, f"/events/{event.slug}/advice/{card.id}", filled(card))
    address = link(app, "advice_verify", "/advice/verify/")

    pages = [client.get(address).status_code for _ in range(2)]

    assert pages == [200, 200]
    with app.app_context():
        assert adviser(card.id).booked[0].state == "provisional"


def test_an_adviser_sees_the_day_and_can_say_no(app, client, day):
    event, card = day
    with app.app_context():
        a_booked_time(event, card)
        token = page_token(card)
    page = client.get(f"/advisers/{token}").text
    [meeting] = re.findall(r"/meetings/(\d+)/cancel", page)

    answer = submit(
        client, f"/advisers/{token}/meetings/{meeting}/cancel", {"reason": "Ill"}, page=f"/advisers/{token}"
    )

    assert "How do I hire in Umeå?" in page
    assert answer.status_code == 303
    assert times_of(app, card) == []


def test_staff_add_change_and_clear_a_day(app, day):
    event, card = day
    staff = a_signed_in_client(app)
    address = f"/staff/events/{event.slug}/advisers"
    day_on = f"{event.starts_at:%Y-%m-%d}"
    new = {
        "name": "Per", "email": "per@advice.example", "language": "en", "time_zone": "Europe/Stockholm",
        "day": day_on, "starts": "10:00", "ends": "12:00", "slot_minutes": "30", "buffer_minutes": "0",
    }  # fmt: skip

    added = submit(staff, address, new)
    wrong = submit(staff, address, {**new, "email": "per2@advice.example", "starts": "03:00"})
    removed = submit(staff, f"{address}/{card.id}/remove", page=address)

    assert (added.status_code, wrong.status_code, removed.status_code) == (303, 422, 303)
    page = staff.get(address).text
    assert "Per" in page
    assert "Karin Berg" not in page


def test_someone_elses_link_opens_nothing(client, day):
    pages = [client.get(f"/{way}/{'x' * 43}").status_code for way in ("advisers", "advice/verify")]

    assert pages == [404, 404]
