"""What the visitor is told of a programme, and what changed in it; what calendars say meanwhile."""

from datetime import timedelta

import pytest

from bookings.db import read_session
from bookings.domain.programme import PlannedStop, build_legs
from bookings.domain.time import Interval
from bookings.queries.feeds import find_slot_stop
from bookings.services.feeds import build_host_file
from bookings.services.programme import describe_leg
from bookings.services.slots import accept_slot, change_slot, replace_slot, withdraw_slot
from bookings.services.visits import (
    accept_programme,
    propose_programme,
    refuse_visit,
    release_visit,
    wish_change,
)
from tests.domain.demo_files import load_travel
from tests.support.stages import confirmed, proposed, release
from tests.support.stories import (
    STAFF,
    MailSeen,
    entry_row,
    host_token,
    kinds,
    mails,
    plan,
    slot_row,
    visit_row,
    visitor_token,
)

pytestmark = pytest.mark.usefixtures("app_context")


def move(slot_id: int, new_plan, *, now) -> None:
    change_slot(slot_id, new_plan, version=slot_row(slot_id).version, who=STAFF, now=now)


def newest(kind: str) -> MailSeen:
    return [mail for mail in mails() if mail.kind == kind][-1]


def test_the_first_programme_has_nothing_to_compare_with(reference, now):
    proposed(reference, now=now)

    text = newest("programme_proposed").text

    assert "What has changed" not in text
    assert "All hosts in your programme have said yes" in text


def test_a_programme_offered_again_says_what_moved_who_is_new_and_what_fell_out(reference, now):
    first, second = proposed(reference, now=now)
    wish_change(visitor_token(reference), "Another day, and something about water", now=now)
    later = now + timedelta(days=1)
    move(first, plan("stormossen", 7), now=later)
    stand_in = replace_slot(second, plan("vakin", 14), who=STAFF, now=later)
    release_visit(reference, who=STAFF, now=later)
    for slot_id in (first, stand_in):
        accept_slot(host_token(slot_id), now=later)

    mail = newest("programme_proposed")

    assert "We have changed the programme of your visit" in mail.text
    assert "changed programme" in mail.subject
    assert (
        "- Stormossen, another time. Before: Tuesday 16 March 2027, 11:00–12:30 EET. "
        "Now: Tuesday 16 March 2027, 09:00–10:30 EET." in mail.text
    )
    assert "- Another host. Before: Westenergy. Now: Vakin." in mail.text


def test_a_stop_that_fell_out_or_came_in_is_named(reference, now):
    _first, second = proposed(reference, now=now)
    wish_change(visitor_token(reference), "Shorter", now=now)
    withdraw_slot(second, who=STAFF, now=now)
    (new,) = release(reference, plan("vakin", 16), now=now)
    accept_slot(host_token(new), now=now)

    text = newest("programme_proposed").text

    assert "- No longer in the programme: Westenergy, Tuesday 16 March 2027, 15:00–16:30 EET." in text
    assert "- New in the programme: Vakin, Tuesday 16 March 2027, 17:00–18:30 CET." in text
    assert "Stormossen, another" not in text


def test_the_same_programme_offered_again_says_so(reference, now):
    proposed(reference, now=now)
    wish_change(visitor_token(reference), "Is there anything in the evening?", now=now)
    propose_programme(reference, who=STAFF, now=now + timedelta(days=1))

    text = newest("programme_proposed").text

    assert "This is the same programme as in our mail of" in text
    assert "What has changed" not in text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("origin", "target", "title"),
    [
        ("vaasa", "umea", "By ferry to there"),
        ("vaasa", "ornskoldsvik", "By ferry and road to there"),
        ("ornskoldsvik", "vaasa", "By road and ferry to there"),
        ("ornskoldsvik", "kokkola", "By ferry and road to there"),
        ("umea", "ornskoldsvik", "By road to there"),
    ],
)
def test_a_way_says_what_one_travels_by(origin, target, title, now):
    stops = [
        PlannedStop(
            key=place, place=place, country="SE", time_zone="Europe/Stockholm",
            interval=Interval(now + timedelta(hours=hours), now + timedelta(hours=hours + 1)),
        )
        for place, hours in ((origin, 0), (target, 12))
    ]  # fmt: skip

    (leg,) = build_legs(stops, load_travel())

    assert describe_leg(leg, origin="here", target="there").title == title


def test_only_the_last_two_programmes_are_kept(reference, now):
    first, _second = confirmed(reference, now=now)
    for hour in (7, 8):
        move(first, plan("stormossen", hour), now=now)
        accept_slot(host_token(first), now=now)
        accept_programme(visitor_token(reference), now=now)

    told = visit_row(reference).told_programmes

    assert len(told) == 2
    assert {stop["starts_at"][11:16] for programme in told for stop in programme["stops"]} == {
        "08:00",
        "13:00",
    }


def test_the_mail_says_the_way_between_the_stops_with_the_ferry_and_both_zones(reference, now):
    slots = release(reference, plan("stormossen", 6), plan("vakin", 15), now=now)
    for slot_id in slots:
        accept_slot(host_token(slot_id), now=now)

    text = newest("programme_proposed").text

    assert " · Vaasa → Umeå (EET → CET) · By ferry to Umeå" in text
    assert "Check-in is included. Put your watch back: in Umeå it is 1 hour earlier." in text


def test_when_a_settled_programme_is_planned_anew_the_visitor_hears_what_changes(reference, now):
    first, _second = confirmed(reference, now=now)

    move(first, plan("stormossen", 7), now=now)

    text = newest("programme_reopened").text
    assert "Stormossen, another time. Before: Tuesday 16 March 2027, 11:00–12:30 EET." in text


def test_a_host_whose_stop_stays_gets_no_mail_and_keeps_a_firm_entry_while_another_stop_moves(reference, now):
    first, second = confirmed(reference, now=now)
    before = [mail for mail in mails() if mail.recipient == "visits@westenergy.example"]

    move(first, plan("stormossen", 7), now=now)
    assert visit_row(reference).state == "awaiting_hosts"
    accept_slot(host_token(first), now=now)
    accept_programme(visitor_token(reference), now=now)

    after = [mail for mail in mails() if mail.recipient == "visits@westenergy.example"]
    assert (after, entry_row(second).status, entry_row(second).sequence) == (before, "CONFIRMED", 0)
    assert kinds().count("invitation_confirmed") == 3


def test_files_say_what_the_hosts_calendar_was_told(reference, now):
    first, second = confirmed(reference, now=now)

    move(first, plan("stormossen", 7), now=now)

    files = [build_host_file(find_slot_stop(read_session(), slot)).decode() for slot in (first, second)]
    assert ["STATUS:CONFIRMED" in file for file in files] == [False, True]
    assert ["STATUS:TENTATIVE" in file for file in files] == [True, False]


def test_what_staff_write_when_they_decline_is_for_the_visitor_alone(reference, now):
    proposed(reference, now=now)
    wish_change(visitor_token(reference), "In another month", now=now)
    refuse_visit(reference, "You wrote to us on the telephone", who=STAFF, now=now)

    to_hosts = [mail.text for mail in mails() if mail.kind == "invitation_cancelled"]

    assert len(to_hosts) == 2
    assert [text for text in to_hosts if "on the telephone" in text] == []
    assert "on the telephone" in mails()[-1].text


def test_a_title_that_names_the_host_is_not_said_twice(reference, now):
    slots = release(reference, plan("stormossen", 9, title="Stormossen: biogas"), now=now)
    accept_slot(host_token(slots[0]), now=now)

    assert "Stormossen: Stormossen" not in newest("programme_proposed").text
