"""What participants say of their meetings: at once and half a year later, and who reads it."""

import csv
import io
import re
from datetime import timedelta

import pytest

from bookings.db import read_session
from bookings.domain.registrations import SurveyStage
from bookings.domain.staff import StaffRole
from bookings.domain.surveys import Opinion, SurveyOutcome
from bookings.queries.meetings.own import list_own_ratings
from bookings.services.meetings import rate_meeting
from tests.support.forms import submit
from tests.support.meetings import meetings_of, row_of
from tests.support.staff import a_signed_in_client
from tests.web.matching import a_solved_day, own

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def rated_day(app):
    """A day whose first meeting has begun: the event's slug, the meeting, and each side's token and name."""
    with app.app_context():
        event, people = a_solved_day()
        meeting = meetings_of(event)[0]
        sides = {row_of(one).id: (one, row_of(one).name) for one in people}
        found = (
            event.slug, meeting.id, sides[meeting.first_id], sides[meeting.second_id], event.ends_at,
        )  # fmt: skip
        starts_at = meeting.starts_at
    app.extensions["clock"] = lambda: starts_at + timedelta(minutes=5)
    return found


def rate(site, token, meeting_id, **said):
    fields = {f"m{meeting_id}-{name}": value for name, value in said.items()}
    return submit(site, own(token, f"/rate/{meeting_id}"), fields, page=own(token, "/rate"))


def test_the_organisers_read_marks_and_words_and_nobody_else_does(app, site, rated_day):
    slug, meeting_id, first, second, _ends_at = rated_day
    staff = a_signed_in_client(app, StaffRole.READER)
    address = f"/staff/events/{slug}/meetings/ratings"

    empty = staff.get(address).text
    rate(site, first[0], meeting_id, score="1", comment="Nobody came to the table")
    rate(site, second[0], meeting_id, score="4")
    page = staff.get(address).text

    assert "Nobody has rated a meeting yet" in empty
    assert "2 of 2 sides rated their meeting. On average: 2.5 of 5." in page
    assert "Nobody came to the table" in page
    assert page.index(f">{first[1]}") < page.index("Nobody came to the table")
    assert "Half a year later" not in page
    assert "Download as CSV" not in page
    for token in (first[0], second[0]):
        assert "Nobody came" not in site.get(own(token)).text
    assert "Nobody came" not in site.get(own(second[0], "/rate")).text


def test_who_says_it_again_finds_the_first_words_and_the_last_ones_count(app, site, rated_day):
    _slug, meeting_id, (token, _name), _second, _ends_at = rated_day
    rate(site, token, meeting_id, score="2", comment="Too short")

    page = site.get(own(token, "/rate")).text
    rate(site, token, meeting_id, score="3", comment="Too short")

    assert 'value="Too short"' in page
    assert "You gave 2 of 5" in page
    assert "What came of it" not in page
    assert "You gave 3 of 5" in site.get(own(token, "/rate")).text


def test_half_a_year_later_the_question_is_what_came_of_it_and_the_file_has_both(app, site, rated_day):
    slug, meeting_id, (token, name), _second, ends_at = rated_day
    rate(site, token, meeting_id, score="3", comment="=Who knows")
    app.extensions["clock"] = lambda: ends_at + timedelta(days=180)
    staff = a_signed_in_client(app)
    address = f"/staff/events/{slug}/meetings/ratings"

    page = site.get(own(token, "/rate")).text
    rate(site, token, meeting_id, score="5", outcomes=["offer", "deal"], comment="We sell there now")
    again = site.get(own(token, "/rate")).text
    shown = staff.get(address).text
    answer = submit(staff, f"{address}/export", {}, page=address)

    assert "What became of each meeting?" in page
    assert "You gave" not in page
    assert re.search(r'value="deal"[^>]* checked', again)
    assert "Half a year later" in shown
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [(row["stage"], row["score"], row["deal"], row["contact"]) for row in rows] == [
        ("day_1", "3", "no", "no"),
        ("day_180", "5", "yes", "no"),
    ]
    assert {row["name"] for row in rows} == {name}
    assert not rows[0]["comment"].startswith("=")


def test_a_mark_that_was_not_chosen_is_asked_for_beside_the_field(site, rated_day):
    _slug, meeting_id, (token, _name), _second, _ends_at = rated_day

    answer = rate(site, token, meeting_id, comment="Nice")

    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    assert 'value="Nice"' in answer.text


def test_outcomes_come_back_in_their_order(app, rated_day):
    _slug, meeting_id, (token, _name), _second, ends_at = rated_day
    later = ends_at + timedelta(days=200)
    said = Opinion(score=4, outcomes=(SurveyOutcome.DEAL, SurveyOutcome.CONTACT))

    with app.app_context():
        rate_meeting(token, meeting_id, said, now=later)
        kept = list_own_ratings(read_session(), row_of(token).id)

    assert kept[meeting_id, SurveyStage.DAY_180].outcomes == (SurveyOutcome.CONTACT, SurveyOutcome.DEAL)
