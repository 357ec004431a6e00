"""Pages of meetings: what participants and staff see, and what nobody sees."""

import re
from datetime import time, timedelta

import pytest
from sqlalchemy import delete

from bookings.db import database
from bookings.domain.events import EventKind
from bookings.domain.meetings import MatchMode, Session, WishStrength
from bookings.domain.staff import StaffRole
from bookings.jobs.meetings import match_waiting
from bookings.models.meetings import MatchRun, Wish
from bookings.services.meetings import (
    apply_match,
    ask_for_schedule,
    move_meeting,
    release_final,
)
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event
from tests.support.forms import submit
from tests.support.meetings import (
    a_guest,
    a_match_day,
    guests,
    mails_about,
    meetings_of,
    row_of,
    slots_of,
    wish,
)
from tests.support.staff import a_signed_in_client
from tests.web.matching import a_solved_day, lay, own

pytestmark = pytest.mark.sqlite_only
OWN_PAGES = ("", "/profile", "/others", "/clock", "/rate", "/schedule.ics")


def test_a_participant_writes_a_profile_wishes_and_finds_the_others(app, site):
    with app.app_context():
        event = a_match_day()
        token = a_guest(event, with_profile=False)
        other = a_guest(event, "Bertil Öst", profile={"offers": "Heat pumps"})
        reference = row_of(other).reference

    assert "Write your profile first" in site.get(own(token)).text
    wrong = submit(site, own(token, "/profile"), {"half_day": "any", "version": "0"})
    answer = submit(
        site,
        own(token, "/profile"),
        {"needs": "Heat pumps", "languages": ["en", "fi"], "half_day": "morning", "version": "0"},
    )
    page = own(token, f"/others/{reference}")
    submit(site, f"{page}/wish", {"strength": "must"}, page=page)

    assert (wrong.status_code, answer.status_code) == (422, 303)
    assert "Write what you offer, what you look for, or both." in wrong.text
    assert "Bertil Öst" in site.get(own(token, "/others?q=heat")).text
    assert "Bertil Öst" not in site.get(own(token, "/others?q=nothing")).text
    assert re.search('value="must" checked', site.get(page).text)


def test_a_profile_that_was_changed_elsewhere_is_not_overwritten(app, site):
    with app.app_context():
        token = a_guest(a_match_day())

    answer = submit(
        site,
        own(token, "/profile"),
        {"needs": "Other things", "languages": "en", "half_day": "any", "version": "0"},
    )

    assert answer.status_code == 409
    assert "Other things" in answer.text


def test_participants_ask_and_answer_on_their_pages(app, site):
    with app.app_context():
        event = a_match_day(mode=MatchMode.ASK)
        asker, asked = guests(event, 2)
        reference = row_of(asked).reference
    page = own(asker, f"/others/{reference}")

    submit(site, f"{page}/ask", {"message": "Shall we talk?"}, page=page)
    request_id = re.search(r"/requests/(\d+)/accept", site.get(own(asked)).text)[1]
    submit(site, own(asked, f"/requests/{request_id}/accept"), {}, page=own(asked))
    again = submit(site, f"{page}/ask", {"message": "Again"}, page=page)

    assert "Agreed" in site.get(own(asker)).text
    assert again.status_code == 409
    with app.app_context():
        assert len(meetings_of(event)) == 1


def test_times_stand_in_the_zone_of_the_place_and_in_the_readers_own(app, site):
    with app.app_context():
        _event, people = a_solved_day(
            presence="online", online_url="https://meet.example/room", place_id=None
        )

    text = site.get(own(people[1])).text

    starts = re.search(r"<b>(\d\d):(\d\d)–\d\d:\d\d EEST</b>", text)
    own_starts = re.search(r"On your own clock: (\d\d):(\d\d)–\d\d:\d\d CEST", text)
    assert int(starts[1]) - int(own_starts[1]) == 1
    assert starts[2] == own_starts[2]


def test_a_provisional_schedule_names_its_day_and_offers_neither_an_empty_file_nor_a_rating(app, site):
    with app.app_context():
        event, people = a_solved_day(is_final=False)
        starts_at, slug = event.starts_at, event.slug

    before = site.get(own(people[0])).text
    with app.app_context():
        release_final(slug, who=STAFF, now=NOW)
    after = site.get(own(people[0])).text

    for text in (before, after):
        assert f"{starts_at:%A} {starts_at.day} {starts_at:%B %Y}" in text.partition("</h1>")[2][:400]
        assert "Rate your meetings" not in text
    assert "Calendar file" not in before
    assert "Calendar file" in after


def test_a_never_shows_on_no_page_in_no_mail_and_in_no_file_of_anybody_else(app, site):
    with app.app_context():
        event = a_match_day()
        people = guests(event, 4)
        plain = [a_guest(event, "Wisher One"), a_guest(event, "Wisher Two")]
        for one in plain:
            wish(one, people[1])
        wish(people[0], plain[0])
        wish(people[1], plain[0], WishStrength.NEVER)  # the only difference between the two
        wish(people[2], plain[1])
        run_id = ask_for_schedule(event.slug, seconds=1, who=STAFF, now=NOW)
        match_waiting(clock=lambda: NOW)
        apply_match(run_id, who=STAFF, now=NOW)
        release_final(event.slug, who=STAFF, now=NOW)
        slug, refused = event.slug, row_of(people[1]).reference
        ids = {row_of(people[1]).id, row_of(plain[0]).id}
        assert all({one.first_id, one.second_id} != ids for one in meetings_of(event))
        mails = b"".join(mail.raw for mail in mails_about("meeting_agreed") + mails_about("meetings_final"))
    staff = a_signed_in_client(app)

    seen = [site.get(own(plain[0], page)).text for page in OWN_PAGES]
    seen.append(site.get(own(plain[0], f"/others/{refused}")).text)
    of_staff = [
        staff.get(f"/staff/events/{slug}/meetings{page}").text
        for page in ("", "/people", "/tables", "/board")
    ]

    for text in [*seen, *of_staff]:
        bare = (
            text.replace('value="never"', "").replace('for="wish-never"', "").replace('id="wish-never"', "")
        )
        assert "never" not in re.sub("Never</label>|is never told|“Never” always", "", bare).lower()
    assert b"never" not in mails.lower()
    assert "It could not be placed beside the wishes and meetings of everybody." in seen[0]
    assert "checked" not in re.search("<input[^>]*wish-never[^>]*>", seen[-1])[0]


def test_a_schedule_of_an_earlier_version_without_tables_is_solved_anew_and_never_applied(app, site):
    with app.app_context():
        event = a_match_day()
        one, other = guests(event, 2)
        wish(one, other)
        run_id = ask_for_schedule(event.slug, seconds=1, who=STAFF, now=NOW)
        match_waiting(clock=lambda: NOW)
        run = database.session.get(MatchRun, run_id)
        run.result = run.result | {"meetings": [seated[:3] for seated in run.result["meetings"]]}
        database.session.commit()
        page = f"/staff/events/{event.slug}/meetings"
    staff = a_signed_in_client(app)

    shown = staff.get(page)
    applied = submit(staff, f"{page}/runs/{run_id}/apply", page=page)

    sentence = "An earlier version of this site found this schedule and chose no tables"
    assert sentence in shown.text
    assert "Apply this schedule" not in shown.text
    assert "Ask the solver" in shown.text
    assert sentence in staff.get(applied.location).text
    with app.app_context():
        assert not meetings_of(event)


def test_nobody_is_offered_as_free_when_no_table_is_left_and_the_page_says_so(app, site):
    with app.app_context():
        event = a_match_day(tables=1, sessions=[Session(time(10), time(11, 15))])
        people = guests(event, 8)
        for number in range(0, 2 * len(slots_of(event)), 2):
            wish(people[number], people[number + 1])
        lay(event, NOW)
        release_final(event.slug, who=STAFF, now=NOW)
        full = len(meetings_of(event)) == len(slots_of(event))
        last, starts_at = row_of(people[7]).reference, event.starts_at
        first_meeting = next(
            one.id for one in meetings_of(event) if row_of(people[0]).id in (one.first_id, one.second_id)
        )
    app.extensions["clock"] = lambda: starts_at

    before = site.get(own(people[6])).text, site.get(own(people[6], f"/others/{last}")).text
    submit(site, own(people[0], f"/{first_meeting}/cancel"), {}, page=own(people[0]))
    after = site.get(own(people[6])).text, site.get(own(people[6], f"/others/{last}")).text

    assert full
    assert "Free times, and who is free then too" not in before[0]
    assert "You cannot ask for a meeting now" in before[1]
    assert "Send the request" not in before[1]
    assert "Free times, and who is free then too" in after[0]
    assert "Send the request" in after[1]


def test_staff_set_up_solve_apply_and_release_on_their_pages(app, site):
    with app.app_context():
        event = a_match_day()
        people = guests(event, 3)
        for one in people[1:]:
            wish(people[0], one)
        slug = event.slug
    staff, base = a_signed_in_client(app), f"/staff/events/{slug}/meetings"

    submit(staff, f"{base}/solve", {"seconds": "1"}, page=base)
    waiting = staff.get(base)
    with app.app_context():
        match_waiting(clock=lambda: NOW)
    through = staff.get(base).text
    run_id = re.search(r"/runs/(\d+)/apply", through)[1]
    submit(staff, f"{base}/runs/{run_id}/apply", page=base)
    applied = staff.get(base).text
    submit(staff, f"{base}/release-provisional", page=base)
    submit(staff, f"{base}/release-final", page=base)

    assert waiting.headers["Refresh"] == "2"
    assert "The solver is through" in through
    assert "The meetings are those of this schedule." in applied
    assert "Apply this schedule" not in applied
    with app.app_context():
        assert {one.state for one in meetings_of(event)} == {"agreed"}
        meeting_id = meetings_of(event)[0].id
    assert "Both get a mail" in staff.get(f"{base}/{meeting_id}").text
    submit(staff, f"{base}/{meeting_id}/cancel", page=f"{base}/{meeting_id}")
    with app.app_context():
        assert len(mails_about("meeting_cancelled")) == 2


def test_readers_look_and_change_nothing(app, site):
    with app.app_context():
        event, _people = a_solved_day(is_final=False)
        slug = event.slug
    staff = a_signed_in_client(app, StaffRole.READER)

    pages = [staff.get(f"/staff/events/{slug}/meetings{one}") for one in ("", "/people", "/tables", "/board")]

    assert {page.status_code for page in pages} == {200}
    assert all("Release as" not in page.text and "Apply this" not in page.text for page in pages)
    assert staff.get(f"/staff/events/{slug}/meetings/setup").status_code == 403


def test_before_the_meetings_are_set_up_the_page_says_so(app, site):
    with app.app_context():
        event = an_event("Not set up", kind=EventKind.MATCHMAKING_DAY)
        token = a_guest(event, with_profile=False)

    answer = site.get(own(token))

    assert (answer.status_code, "No meeting yet" in answer.text) == (200, True)


def test_a_participant_names_a_colleague_and_the_page_keeps_a_name_that_is_refused(app, site):
    with app.app_context():
        event, people = a_solved_day(tables=4)
        asker = people[0]
        meeting = meetings_of(event)[0]
        own_house = row_of(asker)
        page = own(asker, f"/{meeting.id}/stand-in")
        other = meeting.second_id if meeting.first_id == own_house.id else meeting.first_id
        other_token = next(token for token in people if row_of(token).id == other)

    done = submit(site, page, {"name": "Cecilia Holm"})
    strange = submit(site, page, {"name": "Bell\u0007"})
    own_page, others_page = site.get(own(asker)).text, site.get(own(other_token)).text

    assert (done.status_code, strange.status_code) == (303, 422)
    assert "Cecilia Holm comes in your place." in own_page
    assert "Cecilia Holm, in the place of " in others_page
    submit(site, page, {"name": ""})
    assert "Cecilia Holm" not in site.get(own(other_token)).text
    with app.app_context():
        assert len(mails_about("meeting_stand_in")) == 2


def test_staff_read_the_trail_and_why_wishes_were_not_met_but_nobodys_wish(app, site):
    with app.app_context():
        event, people = a_solved_day(tables=4)
        full = a_guest(event, "Half Day Only", profile={"half_day": "morning"})
        late = a_guest(event, "After Noon", profile={"half_day": "afternoon"})
        wish(people[1], people[2], WishStrength.NEVER)
        pairs = [(row_of(one).id, row_of(other).id) for one, other in ((full, late), (people[2], people[1]))]
        database.session.add_all(Wish(wisher_id=a, wished_id=b, strength="must") for a, b in pairs)
        database.session.commit()
        meeting = meetings_of(event)[0].id
        move_meeting(event.slug, meeting, slots_of(event)[9].id, who=STAFF, now=NOW)
    staff = a_signed_in_client(app, StaffRole.READER)
    home = f"/staff/events/{event.slug}/meetings"

    overview, page = staff.get(home).text, staff.get(f"{home}/{meeting}").text
    person = staff.get(f"{home}/people/{row_id(app, people[2])}").text

    for words in ("Asked the solver for a schedule", "Made the meetings final", "No time in common"):
        assert words in overview
    assert "Gave the meeting another time" in page
    assert "Did: " not in overview + page
    assert "could not be met" not in person
    assert "After Noon" not in overview


def test_a_meeting_that_got_the_number_of_one_before_has_a_trail_of_its_own(app, site):
    with app.app_context():
        event = a_match_day()
        people = guests(event, 3)
        wish(people[0], people[1])
        lay(event, NOW)
        before = meetings_of(event)[0].id
        move_meeting(event.slug, before, slots_of(event)[9].id, who=STAFF, now=NOW)
        database.session.execute(delete(Wish))
        database.session.commit()
        wish(people[0], people[2])
        lay(event, NOW + timedelta(hours=1))
        after = meetings_of(event)[0].id
    staff = a_signed_in_client(app, StaffRole.READER)

    page = staff.get(f"/staff/events/{event.slug}/meetings/{after}").text

    assert before == after
    assert "Gave the meeting another time" not in page


def row_id(app, token: str) -> int:
    with app.app_context():
        return row_of(token).id
