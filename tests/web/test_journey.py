"""Staff tell the planner how a delegation comes and goes."""

import re
from datetime import UTC, datetime

import pytest

from bookings.db import read_session
from bookings.domain.planning import Journey, JourneyEnd
from bookings.domain.staff import StaffRole
from bookings.queries.planning.journeys import read_journey
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client
from tests.support.stories import visit_row

TOLD = {
    "arrival_place": "vaasa", "arrival_day": "2027-03-15", "arrival_clock": "09:30",
    "departure_place": "umea", "departure_day": "2027-03-17", "departure_clock": "15:00", "groups": "2",
}  # fmt: skip


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def visit(app, staff):
    with app.app_context():
        a_directory()
        return a_visit().reference


def send(client, reference: str, fields: dict[str, str]):
    """The form of the page, with its token and the version that it was made from."""
    page = f"/staff/visits/{reference}/programmes"
    text = client.get(page).text
    form = re.search(r'<form[^>]*action="[^"]*/journey".*?</form>', text, re.DOTALL)
    # Whoever has no such form sends it all the same, with the token of another one.
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0] if form else text)
    return client.post(f"{page}/journey", data={**dict(hidden), **fields})


def stored(app, reference: str) -> Journey:
    with app.app_context():
        read_session().rollback()
        return read_journey(visit_row(reference))


def test_the_journey_is_saved_by_the_clocks_of_the_places_and_shown_again(app, staff, visit):
    page = f"/staff/visits/{visit}/programmes"

    answer = send(staff, visit, TOLD)

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert stored(app, visit) == Journey(
        JourneyEnd("vaasa", datetime(2027, 3, 15, 7, 30, tzinfo=UTC)),
        JourneyEnd("umea", datetime(2027, 3, 17, 14, tzinfo=UTC)),
        2,
    )
    shown = staff.get(page).text
    for text in (
        'value="09:30"',
        'value="2027-03-17"',
        "Vaasa · Finnish time",
        "Arrival, departure and groups",
    ):
        assert text in shown, text


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"arrival_clock": ""}, "arrival_clock", "Fill in the place, the day and the time"),
        ({"departure_place": ""}, "departure_place", "Fill in the place, the day and the time"),
        ({"arrival_place": "atlantis"}, "arrival_place", "Choose one of the list."),
        ({"arrival_day": "2027-02-31"}, "arrival_day", "Write a day that exists"),
        ({"arrival_clock": "25:00"}, "arrival_clock", "Write a time of the day"),
        ({"departure_day": "2027-03-28", "departure_clock": "02:30"}, "departure_clock", "does not exist"),
        ({"departure_day": "2027-10-31", "departure_clock": "02:30"}, "departure_fold", "comes twice"),
        ({"groups": ""}, "groups", "Write a whole number."),
        ({"groups": "7"}, "groups", "Write a whole number between 1 and 6."),
        ({"departure_day": "2027-03-14"}, "departure_day", "The departure has to be after the arrival."),
        ({"departure_day": "2027-03-21"}, "departure_day", "too far from the wished days"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    app, staff, visit, changed, field, sentence
):
    answer = send(staff, visit, {**TOLD, **changed})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert sentence in answer.text.partition(f'id="{field}-error"')[2][:400]
    assert '<details class="disclosure" open>' in answer.text
    for name, value in {**TOLD, **changed}.items():
        assert not value or f'value="{value}"' in answer.text or value == "atlantis", name
    assert stored(app, visit) == Journey()


def test_of_two_equal_times_the_reader_chooses_one(app, staff):
    with app.app_context():
        a_directory()
        reference = a_visit(first_day=datetime(2027, 10, 29, tzinfo=UTC).date()).reference
    night = {**TOLD, "arrival_day": "2027-10-29", "departure_day": "2027-10-31", "departure_clock": "02:30"}

    send(staff, reference, {**night, "departure_fold": "1"})

    departure = stored(app, reference).departure
    assert departure == JourneyEnd("umea", datetime(2027, 10, 31, 1, 30, tzinfo=UTC))


def test_a_page_that_is_older_than_the_visit_saves_nothing(app, staff, visit):
    send(staff, visit, {**TOLD, "version": "1"})

    answer = send(staff, visit, {"arrival_place": "",
                        "departure_place": "", "groups": "1", "version": "1"})  # fmt: skip

    assert answer.status_code == 409
    assert stored(app, visit).departure is not None


def test_readers_neither_see_the_form_nor_save(app, visit):
    reader = a_signed_in_client(app, StaffRole.READER)

    answer = send(reader, visit, TOLD)

    assert answer.status_code == 403
    assert "Save the journey" not in reader.get(f"/staff/visits/{visit}/programmes").text
