"""The day of the meetings itself: who is here, who is late and for what, and what a request says."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.domain.meetings import MatchMode
from bookings.services.meetings import ask_for_meeting
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.meetings import a_guest, a_match_day, body_of, mails_about, meetings_of, row_of, slots_of
from tests.support.staff import a_signed_in_client
from tests.web.matching import a_solved_day, own

pytestmark = pytest.mark.sqlite_only


def clock(moment, minutes=0):
    """So many minutes later on the clocks of Vaasa, with their name."""
    return f"{moment.astimezone(ZoneInfo('Europe/Helsinki')) + timedelta(minutes=minutes):%H:%M %Z}"


def test_the_day_itself_here_late_fill_ins_and_the_rating(app, site):
    with app.app_context():
        event, people = a_solved_day()
        meeting = meetings_of(event)[0]
        starts_at, meeting_id, slug = meeting.starts_at, meeting.id, event.slug
        token = next(one for one in people if row_of(one).id == meeting.second_id)
        other = next(one for one in people if row_of(one).id == meeting.first_id)
    app.extensions["clock"] = lambda: starts_at + timedelta(minutes=5)
    staff = a_signed_in_client(app)

    submit(site, own(token, "/here"), {"late": "10"}, page=own(token))
    late = site.get(own(other)).text
    submit(site, own(token, "/here"), {}, page=own(token))
    board = staff.get(f"/staff/events/{slug}/meetings/board").text
    submit(site, own(token, f"/rate/{meeting_id}"), {f"m{meeting_id}-score": "5"}, page=own(token, "/rate"))

    assert "is late and comes by" in late
    assert "Here" in board
    assert "Free times, and who is free then too" in site.get(own(people[3])).text
    assert "You gave 5 of 5" in site.get(own(token, "/rate")).text
    assert "minutes left" in site.get(own(token, "/clock")).text


def test_late_is_counted_from_the_next_meeting_and_told_for_that_one_only(app, site):
    with app.app_context():
        event, people = a_solved_day()
        busy, tokens = people[0], {row_of(one).id: one for one in people}
        met = {
            one: tokens[other]
            for one in meetings_of(event)
            for other in {one.first_id, one.second_id} - {row_of(busy).id}
            if row_of(busy).id in (one.first_id, one.second_id)
        }
        first, *others = sorted(met, key=lambda one: one.starts_at)
        assert others
        starts_at, ends_at, slug = first.starts_at, first.ends_at, event.slug
    app.extensions["clock"] = lambda: starts_at - timedelta(minutes=40)
    staff = a_signed_in_client(app)

    submit(site, own(busy, "/here"), {"late": "10"}, page=own(busy))

    sentence = f"is late and comes by {clock(starts_at, 10)}"
    assert sentence in site.get(own(met[first])).text
    assert [sentence in site.get(own(met[one])).text for one in others] == [False] * len(others)
    assert f"see that you come by {clock(starts_at, 10)}" in site.get(own(busy)).text
    assert f"Late, until {clock(starts_at, 10)}" in staff.get(f"/staff/events/{slug}/meetings/board").text
    app.extensions["clock"] = lambda: ends_at
    assert sentence not in site.get(own(met[first])).text


def test_what_one_of_two_called_off_is_no_wish_that_could_not_be_met_and_no_one_to_ask_at_once(app, site):
    with app.app_context():
        event, people = a_solved_day()
        meeting = meetings_of(event)[0]
        sides = {row_of(one).id: (one, row_of(one).name) for one in people}
        token, other = sides[meeting.first_id], sides[meeting.second_id]
        starts_at, meeting_id = meeting.starts_at, meeting.id
    app.extensions["clock"] = lambda: starts_at - timedelta(minutes=40)

    submit(site, own(token[0], f"/{meeting_id}/cancel"), {}, page=own(token[0], f"/{meeting_id}/cancel"))

    left, is_left = site.get(own(people[0])).text, other if people[0] == token[0] else token
    unmet = left[left.index("Wishes that could not be met") :]
    reasons = dict(re.findall(r"<dt>(.+?), .*?</dt>\s*<dd>(.+?)</dd>", unmet, re.DOTALL))
    assert reasons[is_left[1]] == "The meeting was called off."
    asker_page, other_page = (site.get(own(one[0])).text for one in (token, other))
    assert "who is free then too" in asker_page + other_page
    assert other[1] not in asker_page.partition("who is free then too")[2]
    assert token[1] not in other_page.partition("who is free then too")[2]


def test_who_was_here_can_be_late_again_and_here_again(app, site):
    with app.app_context():
        event, people = a_solved_day()
        meeting = meetings_of(event)[0]
        token = next(one for one in people if row_of(one).id == meeting.first_id)
        starts_at, slug = meeting.starts_at, event.slug
    app.extensions["clock"] = lambda: starts_at
    staff, board = a_signed_in_client(app), f"/staff/events/{slug}/meetings/board"

    submit(site, own(token, "/here"), {}, page=own(token))
    submit(site, own(token, "/here"), {"late": "5"}, page=own(token))
    late = staff.get(board).text
    submit(site, own(token, "/here"), {}, page=own(token))

    assert f"Late, until {clock(starts_at, 5)}" in late
    assert "Late, until" not in staff.get(board).text
    assert "We know that you are here" in site.get(own(token)).text


def test_a_request_names_the_time_that_is_wished_on_both_clocks(app, site):
    with app.app_context():
        event = a_match_day(mode=MatchMode.ASK)
        asker, asked = a_guest(event), a_guest(event, "Bo Ek")
        slot_id, ends_at = slots_of(event)[0].id, slots_of(event)[0].ends_at
        ask_for_meeting(asker, row_of(asked).reference, slot_id=slot_id, now=NOW)
        mail = body_of(mails_about("meeting_request")[-1])

    times, own_times = re.search(r"Wished time: (.*)\r?\nOn your own clock: (.*)", mail).groups()
    assert clock(ends_at) in times
    assert f"{ends_at.astimezone(ZoneInfo('Europe/Stockholm')):%H:%M %Z}" in own_times
