"""Moving stops on staff's calendar: by form, as it is without scripts."""

import html
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from bookings.db import database
from bookings.domain.staff import StaffRole
from bookings.models.directory import Interest, Organisation
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.services.slots import accept_slot
from tests.support.browsing import read_forms
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.moves import WEEK, an_announced_stop, reference_of, time_of, told, words_of
from tests.support.staff import a_signed_in_client, an_account
from tests.support.stories import host_token

TUESDAY = datetime(2027, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app, StaffRole.COORDINATOR)


def a_stop(app, *, state: str = "draft", host: str = "vakin", starts_at: datetime = TUESDAY, **more) -> int:
    with app.app_context():
        hosts = a_directory()
        biogas = database.session.scalars(select(Interest).where(Interest.slug == "bioeconomy/biogas")).all()
        visit = a_visit(state="planning" if state == "draft" else "confirmed", interests=biogas)
        return a_slot(visit, hosts[host], starts_at=starts_at, state=state, **more).id


def press(staff, address: str, **typed: str):
    """Open the page, and press the button of its form as it stands, with what else is typed there."""
    forms = read_forms(staff.get(address).text, address)
    form = next(one for one in forms if one.method == "post" and urlsplit(one.action).path.endswith("/move"))
    return staff.post(form.action, data={**dict(form.fields), **typed})


def test_a_move_shows_first_what_it_would_do_and_is_done_by_a_second_press(app, staff):
    slot_id = a_stop(app)
    before = time_of(app, slot_id)
    link = re.search(rf'href="(/staff/calendar/slots/{slot_id}/move[^"]*)"', staff.get(WEEK).text)[1]

    form = staff.get(html.unescape(link)).text
    address = (
        f"{urlsplit(html.unescape(link)).path}?day=2027-03-17&starts=06:00&minutes=60&zone=Europe/Helsinki"
    )
    back = parse_qs(urlsplit(html.unescape(link)).query)["back"][0]
    preview = staff.get(address)
    untouched = time_of(app, slot_id)
    done = press(staff, f"{address}&back={back.replace('&', '%26')}")
    arrived = staff.get(done.headers["Location"])

    words = words_of(preview.text)
    assert 'name="starts"' in form
    assert untouched == before
    assert "Tuesday 16 March 2027 09:00–10:30 CET Tuesday 16 March 2027 10:00–11:30 EET" in words
    assert "Wednesday 17 March 2027 05:00–06:00 CET Wednesday 17 March 2027 06:00–07:00 EET" in words
    assert "05:00–06:00 is outside the hours" in words
    assert "Nobody: it is a draft" in words
    assert (
        done.headers["Location"]
        == f"/staff/calendar?view=week&date=2027-03-17&moved={slot_id}#slot-{slot_id}"
    )
    assert f'id="slot-{slot_id}"' in arrived.text
    assert "Moved: Vakin on Wednesday 17 March 2027, 05:00–06:00 CET." in words_of(arrived.text)
    assert time_of(app, slot_id) == (
        datetime(2027, 3, 17, 4, tzinfo=UTC), datetime(2027, 3, 17, 5, tzinfo=UTC),
    )  # fmt: skip


def test_the_move_of_an_announced_stop_is_planned_and_told_by_one_release(app, staff):
    slot_id = an_announced_stop(app)
    before, reference = time_of(app, slot_id), reference_of(app, slot_id)
    address = f"/staff/calendar/slots/{slot_id}/move?day=2027-03-16&starts=13:00"

    preview = words_of(staff.get(address).text)
    press(staff, address)
    page = words_of(staff.get(WEEK).text)
    planned, told_by_then = time_of(app, slot_id), told(app, slot_id)
    released = submit(staff, f"/staff/visits/{reference}/release")

    assert "Nobody now. At the next release: Host of Vakin <visits@vakin.example>: is asked again" in preview
    assert planned == before
    assert "Planned: 16 Mar 13:00 CET" in page
    assert told_by_then == [("REQUEST", 0)]
    assert released.status_code == 303
    assert told(app, slot_id) == [("REQUEST", 0), ("REQUEST", 1)]
    assert time_of(app, slot_id)[0] == datetime(2027, 3, 16, 12, tzinfo=UTC)


def test_why_a_stop_moves_stands_in_the_hosts_mail_as_it_was_foreseen(app, staff):
    slot_id = an_announced_stop(app)
    address = f"/staff/calendar/slots/{slot_id}/move?day=2027-03-16&starts=13:00"
    release = f"/staff/visits/{reference_of(app, slot_id)}/release"
    why = "The ferry sails later. {{ 7 * 7 }} <b>{host_name}</b>"

    unclean = press(staff, address, reason="a\x07b")
    press(staff, address, reason=why)
    kept, foreseen = staff.get(address).text, words_of(staff.get(release).text)
    submit(staff, release)

    with app.app_context():
        raw = database.session.scalars(select(OutboxMessage.raw).order_by(OutboxMessage.id.desc())).first()
    mail = message_from_bytes(raw, policy=policy.default)
    text, page = (" ".join(mail.get_body((kind,)).get_content().split()) for kind in ("plain", "html"))
    assert (unclean.status_code, "Why it changes" in unclean.text) == (422, True)
    assert html.escape(why, quote=False) in kept
    assert f"Why: {why}" in foreseen
    assert f"Why: {why}" in text
    assert "The ferry sails later. {{ 7 * 7 }} &lt;b&gt;{host_name}&lt;/b&gt;" in page


def test_own_words_for_the_mail_leave_the_reason_in_it(app, staff):
    slot_id = an_announced_stop(app)
    release = f"/staff/visits/{reference_of(app, slot_id)}/release"
    address = f"/staff/calendar/slots/{slot_id}/move?day=2027-03-16&starts=13:00"
    press(staff, address, reason="The ferry sails later.")

    submit(staff, f"{release}/words/slot-{slot_id}", {"words": "Dear all, once more."})
    foreseen = words_of(staff.get(release).text)

    assert "Dear all, once more. Why: The ferry sails later." in foreseen


def test_a_move_says_when_the_visitor_hears_of_it(app, staff):
    slot_id = an_announced_stop(app)
    address = f"/staff/calendar/slots/{slot_id}/move?day=2027-03-16&starts=13:00"
    with app.app_context():
        accept_slot(host_token(slot_id), now=NOW)

    preview = words_of(staff.get(address).text)

    assert "gets the new one when the hosts have answered" in preview
    assert "gets a mail about the change" not in preview


@pytest.mark.sqlite_only
def test_who_only_reads_a_visit_is_offered_no_move_and_the_visit_leads_to_its_calendar(app):
    app.extensions["clock"] = lambda: NOW
    other = an_account(app, email="umea@staff.example")
    staff = a_signed_in_client(app)
    with app.app_context():
        hosts = a_directory()
        ours, theirs = a_visit(places=("vaasa",)), a_visit(places=("umea",), owner_id=other)
        ids = [
            a_slot(visit, hosts[host], starts_at=TUESDAY).id
            for visit, host in ((ours, "stormossen"), (theirs, "vakin"))
        ]
        visit = f"/staff/visits/{theirs.reference}"
        for name, town in (("umea", "umea"), ("coordinator", "vaasa")):
            whose = StaffUser.email == f"{name}@staff.example"
            database.session.execute(update(StaffUser).where(whose).values(towns=[town]))
        database.session.commit()

    offered = {
        view: re.findall(r"/slots/(\d+)/move", staff.get(f"/staff/calendar?view={view}&date=2027-03-16").text)
        for view in ("month", "week", "day", "list", "rows")
    }
    link = re.search(r'href="(/staff/calendar[^"]*visit=[^"]*)"', staff.get(visit).text)[1]
    calendar = staff.get(html.unescape(link)).text

    assert {view: set(found) - {"0"} for view, found in offered.items()} == {
        view: {str(ids[0])} for view in offered
    }
    assert f'id="slot-{ids[1]}"' in calendar
    assert 'id="suggested"' not in calendar


def test_conflicts_of_a_move_are_named_before_it_is_done(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="confirmed")
        slot_id = a_slot(visit, hosts["vakin"], starts_at=TUESDAY).id
        a_slot(visit, hosts["stormossen"], starts_at=TUESDAY + timedelta(hours=4), state="accepted")

    words = words_of(staff.get(f"/staff/calendar/slots/{slot_id}/move?day=2027-03-16&starts=12:00").text)

    assert "From Umeå to Vaasa takes" in words
    assert "Two stops overlap" in words


def test_who_comes_second_sees_what_changed_and_keeps_the_chosen_time(app, staff):
    slot_id = a_stop(app)
    path = f"/staff/calendar/slots/{slot_id}/move"
    first, second = (f"{path}?day=2027-03-{day}&starts=10:00" for day in (17, 18))
    stale = staff.get(second).text
    press(staff, first)

    token = re.search(r'name="csrf_token" value="([^"]+)"', stale)[1]
    sent = {
        "day": "2027-03-18",
        "starts": "10:00",
        "minutes": "90",
        "zone": "Europe/Stockholm",
        "version": "1",
    }
    lost = staff.post(path, data={**sent, "csrf_token": token})
    again = re.search(r'name="version" value="(\d+)"', lost.text)[1]
    won = staff.post(path, data={**sent, "version": again, "csrf_token": token})

    assert lost.status_code == 409
    assert "Somebody else has changed this stop meanwhile" in lost.text
    assert "Wednesday 17 March 2027 10:00–11:30 CET" in words_of(lost.text)
    assert "Thursday 18 March 2027 10:00–11:30 CET" in words_of(lost.text)
    assert won.status_code == 303
    assert time_of(app, slot_id)[0] == datetime(2027, 3, 18, 9, tzinfo=UTC)


@pytest.mark.sqlite_only
def test_times_in_the_nights_when_the_clocks_change_are_asked_for_or_refused(app, staff):
    slot_id = a_stop(app)
    path = f"/staff/calendar/slots/{slot_id}/move?zone=Europe/Stockholm"

    gap = staff.get(f"{path}&day=2027-03-28&starts=02:30")
    twice = staff.get(f"{path}&day=2027-10-31&starts=02:30")
    earlier, later = (
        words_of(staff.get(f"{path}&day=2027-10-31&starts=02:30&minutes=60&fold={fold}").text)
        for fold in "01"
    )
    dragged = staff.get(f"{path}&day=2027-03-28&starts=01:00&until=2027-03-28T04:00").text

    assert (gap.status_code, twice.status_code) == (422, 422)
    assert 'value="02:30"' in gap.text
    assert 'name="fold"' in twice.text
    assert "Sunday 31 October 2027 02:30–02:30 CEST" in earlier
    assert "Sunday 31 October 2027 02:30–03:30 CET" in later
    assert 'name="minutes" value="120"' in dragged


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "query",
    ["day=2027-13-45&starts=x", "day=2027-03-17&starts=09:00&zone=Mars", "day=9999-12-31&starts=23:00",
     "day=2027-03-17&starts=09:00&minutes=0", "day=2027-03-17&starts=09:00&until=2027-03-17T08:00",
     "day=2020-01-01&starts=09:00"],
)  # fmt: skip
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_offered(app, staff, query):
    slot_id = a_stop(app)

    answer = staff.get(f"/staff/calendar/slots/{slot_id}/move?{query}")

    assert answer.status_code == 422
    assert "What the move would do" not in answer.text


@pytest.mark.sqlite_only
def test_an_ended_stop_is_not_moved_and_the_way_back_leads_nowhere_else(app, staff):
    ended = a_stop(app, state="declined")
    with app.app_context():
        stop = database.session.get(Slot, ended)
        draft = a_slot(
            a_visit(), database.session.get(Organisation, stop.organisation_id), starts_at=TUESDAY
        ).id

    odd = staff.get(
        f"/staff/calendar/slots/{draft}/move?back=//evil.example&day=2027-03-17&starts=09:00&until=x"
    )

    assert staff.get(f"/staff/calendar/slots/{ended}/move").status_code == 404
    assert staff.get(f"/staff/calendar/slots/{draft + 100}/move").status_code == 404
    assert re.findall(r'href="([^"]*)"[^>]*>Leave it as it is', odd.text) == ["/staff/calendar"]
    assert 'name="minutes" value="90"' in odd.text


@pytest.mark.sqlite_only
def test_a_suggested_host_is_added_on_a_day_at_its_first_free_time(app, staff):
    with app.app_context():
        hosts = a_directory()
        biogas = database.session.scalars(select(Interest).where(Interest.slug == "bioeconomy/biogas")).all()
        visit = a_visit(interests=biogas)
        reference = visit.reference
        a_slot(visit, hosts["vakin"], starts_at=TUESDAY)
    page = staff.get(f"/staff/calendar?visit={reference}&date=2027-03-16").text
    add = f"/staff/calendar/visits/{reference}/add"

    free = staff.get(f"{add}?host=stormossen&day=2027-03-17")
    dropped = staff.get(f"{add}?host=stormossen&day=2027-03-17&at=13:10&zone=Europe/Stockholm")
    sunday = staff.get(f"{add}?host=stormossen&day=2027-03-21")
    odd = staff.get(f"{add}?host=stormossen&day=nonsense")
    form = staff.get(free.headers["Location"])

    new = f"/staff/visits/{reference}/slots/new?host=stormossen"
    assert 'data-host="stormossen"' in page
    assert 'data-host="vakin"' not in page
    assert free.headers["Location"] == f"{new}&starts=2027-03-17T06%3A00%3A00%2B00%3A00"
    assert re.match(r".*starts=2027-03-17T1[23]%3A", dropped.headers["Location"])
    assert "starts=2027-03-21T" in sunday.headers["Location"]
    assert odd.headers["Location"] == new
    assert 'value="2027-03-17"' in form.text
