"""Staff and the planner: programmes side by side, why not another host, the next best, the timetable."""

import io
import re

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.staff import StaffRole
from bookings.jobs.planning import plan_waiting
from bookings.models.planning import PlannerWeights, PlanningRun, Sailing
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.planning import find_planned_slot
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.services.planning import apply_plan, lock_slot
from bookings.services.slots import add_slot, decline_slot, propose_times
from bookings.services.visits import release_visit
from tests.support.clock import NOW
from tests.support.planned import a_request, planned
from tests.support.staff import a_signed_in_client
from tests.support.stories import STAFF, host_token, plan, slot_row


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def visit(app, staff):
    with app.app_context():
        return a_request()


def a_run(app, reference: str) -> int:
    with app.app_context():
        return planned(reference).id


def submit(client, page: str, address: str, **fields):
    """Press the button of the first form of a page that leads to the address, with its hidden fields."""
    forms = re.findall(r'<form method="post"([^>]*)>(.*?)</form>', client.get(page).text, re.DOTALL)
    actions = [(re.search(r'action="([^"]*)"', head), body) for head, body in forms]
    body = next(body for action, body in actions if (action[1] if action else page) == address)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body))
    return client.post(address, data={**hidden, **fields})


def words(page: str) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_programme_is_asked_for_on_the_visit_page_and_comes_without_a_script(app, staff, visit):
    asked = submit(staff, f"/staff/visits/{visit}", f"/staff/visits/{visit}/programmes")
    waiting = staff.get(asked.headers["Location"])
    with app.app_context():
        plan_waiting(clock=lambda: NOW)
    through = staff.get(asked.headers["Location"])

    assert (asked.status_code, waiting.headers["Refresh"], "Refresh" in through.headers) == (303, "2", False)
    assert "The planner begins in a moment" in waiting.text
    for text in ("Programme 1", "Stormossen", "Ferry", "The clocks there are 1 h", "Apply as drafts"):
        assert text in words(through.text), text
    assert "style=" not in through.text.split("<main")[1]


def test_a_programme_becomes_drafts_by_one_button(app, staff, visit):
    run_id = a_run(app, visit)

    answer = submit(
        staff, f"/staff/visits/{visit}/programmes", f"/staff/visits/{visit}/programmes/{run_id}/apply"
    )

    with app.app_context():
        states = set(database.session.scalars(select(Slot.state)))
    assert (answer.status_code, states) == (303, {"draft"})
    assert "drafts were added" in staff.get(answer.headers["Location"]).text


def test_a_programme_of_a_visit_that_changed_is_refused_with_a_sentence(app, staff, visit):
    run_id = a_run(app, visit)
    with app.app_context():
        add_slot(visit, plan("westenergy", 10), who=STAFF, now=NOW)

    answer = submit(
        staff, f"/staff/visits/{visit}/programmes", f"/staff/visits/{visit}/programmes/{run_id}/apply"
    )

    assert (answer.status_code, "The visit changed in the meantime" in answer.text) == (409, True)


def test_the_times_of_stops_are_told_on_both_shores(app, staff, visit):
    a_run(app, visit)

    page = words(staff.get(f"/staff/visits/{visit}/programmes").text)

    stops = re.findall(r"(\d\d):(\d\d)–\S+ \S+(?: \(\S+\))? \((E|C)ES?T\) (\d\d):(\d\d)–\S+ (E|C)ES?T", page)
    assert stops
    for hour, minute, zone, other_hour, other_minute, other_zone in stops:
        assert (zone, other_zone) in {("E", "C"), ("C", "E")}
        assert int(other_hour) - int(hour) == (1 if zone == "C" else -1)
        assert minute == other_minute


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("host=stormossen", "This host is in the programme."),
        ("q=skellefte%C3%A5", "Skellefteå Kraft"),
        ("q=nobody-like-this", "No organisation fits"),
    ],
)
def test_why_not_another_host_is_answered_in_words(app, staff, visit, query, sentence):
    run_id = a_run(app, visit)

    page = staff.get(f"/staff/visits/{visit}/programmes/{run_id}/why?number=1&{query}")

    assert (page.status_code, sentence in page.text) == (200, True)


def test_a_request_that_cannot_be_met_says_what_to_drop(app, staff):
    with app.app_context():
        reference = a_request(with_ferry=False, wanted=("vakin", "stormossen"))
        planned(reference, needs_wanted=True)

    page = words(staff.get(f"/staff/visits/{reference}/programmes").text)

    assert "These do not go together: a visit to Stormossen and a visit to Vakin" in page
    assert "Drop one of these, and the rest fits: a visit to Stormossen a visit to Vakin" in page
    assert "0 sailings" not in page
    assert "a timetable without a sailing on these days" in page
    assert "Add them, then propose again." in page


def test_a_request_that_nothing_fits_names_what_keeps_hosts_out(app, staff):
    with app.app_context():
        reference = a_request(first_day=NOW.date().replace(year=2020))
        planned(reference)

    page = words(staff.get(f"/staff/visits/{reference}/programmes").text)

    assert "There is no programme for this request as it stands" in page


def weights(**changes) -> dict[str, str]:
    return {**dict.fromkeys(WEIGHT_NAMES, "10"), **changes}


def test_weights_are_tried_on_one_visit_and_kept_for_all_when_staff_say_so(app, staff, visit):
    here = f"/staff/visits/{visit}/programmes"
    a_run(app, visit)

    submit(staff, here, here, **weights())
    with app.app_context():
        tried = database.session.scalars(select(PlanningRun).order_by(PlanningRun.id.desc())).first()
        kept = database.session.scalars(select(PlannerWeights)).all()
        assert (tried.points["area"], kept) == (10, [])
    submit(staff, here, here, **weights(keep="y"))

    with app.app_context():
        assert database.session.scalars(select(PlannerWeights)).one().points["area"] == 10


def test_a_weight_that_is_no_number_is_said_beside_the_field(app, staff, visit):
    here = f"/staff/visits/{visit}/programmes"

    answer = submit(staff, here, here, **weights(area="many"))

    assert (answer.status_code, "between 0 and 1000" in answer.text) == (422, True)


def test_a_locked_stop_says_so_and_is_unlocked_by_the_same_button(app, staff, visit):
    with app.app_context():
        slot_id = add_slot(visit, plan("westenergy", 10), who=STAFF, now=NOW)

    submit(staff, f"/staff/visits/{visit}", f"/staff/slots/{slot_id}/lock")

    assert "Locked" in words(staff.get(f"/staff/visits/{visit}").text)
    submit(staff, f"/staff/visits/{visit}", f"/staff/slots/{slot_id}/lock")
    with app.app_context():
        assert database.session.get(Slot, slot_id).is_locked is False


def test_a_host_that_said_no_is_replaced_by_the_next_best_at_a_nod(app, staff, visit):
    with app.app_context():
        slot_id = add_slot(visit, plan("stormossen", 10), who=STAFF, now=NOW)
        release_visit(visit, who=STAFF, now=NOW)
        decline_slot(host_token(slot_id), reason="Stocktaking", now=NOW)

    queue = staff.get("/staff/visits").text
    page = staff.get(f"/staff/visits/{visit}/next-best", follow_redirects=True)
    answer = submit(staff, f"/staff/slots/{slot_id}/next-best", f"/staff/slots/{slot_id}/next-best")

    with app.app_context():
        new = database.session.scalars(select(Slot).where(Slot.replaces_id == slot_id)).one()
        assert (new.state, new.organisation_id) != ("declined", None)
    assert f"/staff/visits/{visit}/next-best" in queue
    assert "Nothing else has to move." in page.text
    assert answer.status_code == 303


def test_an_offered_time_that_meets_another_stop_shows_what_moves_and_is_taken_at_a_nod(app, staff, visit):
    with app.app_context():
        first = add_slot(visit, plan("stormossen", 10), who=STAFF, now=NOW)
        second = add_slot(visit, plan("westenergy", 13), who=STAFF, now=NOW)
        release_visit(visit, who=STAFF, now=NOW)
        times = [(slot_row(second).starts_at, slot_row(second).ends_at)]
        propose_times(host_token(first), times=times, comment="", now=NOW)
        time_id = find_planned_slot(read_session(), first).offered_times[0].id
    here = f"/staff/slots/{first}/next-best?time={time_id}"

    asked = staff.get(f"/staff/slots/{first}/proposals/{time_id}")
    page = staff.get(here)
    answer = submit(staff, here, here)

    assert here in asked.text
    assert "What would have to move" in page.text
    assert "These are the fewest that can move" in page.text
    assert answer.status_code == 303, words(answer.text)
    with app.app_context():
        assert (slot_row(first).state, slot_row(first).starts_at) == ("accepted", times[0][0])


def test_hosts_wait_or_are_asked_at_once_as_staff_say(app, staff, visit):
    here = f"/staff/visits/{visit}/programmes"

    submit(staff, here, f"{here}/release-rule")

    with app.app_context():
        assert database.session.scalars(select(VisitRequest.releases_by_itself)).one() is True


def test_readers_look_and_cannot_act(app, staff, visit):
    a_run(app, visit)
    reader = a_signed_in_client(app, StaffRole.READER)

    page = reader.get(f"/staff/visits/{visit}/programmes")

    assert (page.status_code, "Apply as drafts" in page.text) == (200, False)


def test_a_departure_is_added_seen_and_taken_away(app, staff, visit):
    answer = submit(
        staff,
        "/staff/sailings",
        "/staff/sailings",
        origin="vaasa",
        target="umea",
        departs_at="20:15",
        minutes="240",
        weekdays=["1", "5"],
    )

    with app.app_context():
        row = database.session.scalars(select(Sailing).where(Sailing.departs_at == "20:15")).one()
    assert (answer.status_code, row.weekdays) == (303, "15")
    assert "20:15" in staff.get("/staff/sailings").text
    submit(staff, "/staff/sailings", f"/staff/sailings/{row.id}/remove")
    assert "20:15" not in staff.get("/staff/sailings").text


HEADER = "from,to,departs,minutes,weekdays,from_date,to_date,check_in_minutes,note"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("vaasa,umea,25:00,240,12,,,,", "departs"),
        ("vaasa,nowhere,09:00,240,12,,,,", "to"),
        ("vaasa,umea,09:00,0,12,,,,", "minutes"),
        ("vaasa,umea,09:00,240,21,,,,", "weekdays"),
        ("vaasa,umea,09:00,240,12,2027-05-01,2027-04-01,,", "to_date"),
    ],
)
def test_a_broken_timetable_is_refused_whole_with_line_and_column(app, staff, visit, line, column):
    content = f"{HEADER}\nvaasa,umea,07:00,240,12,,,,\n{line}\n".encode()

    answer = submit(
        staff, "/staff/sailings", "/staff/sailings/import", file=(io.BytesIO(content), "sailings.csv")
    )

    with app.app_context():
        clocks = database.session.scalars(select(Sailing.departs_at)).all()
    assert (answer.status_code, "07:00" in clocks) == (422, False)
    assert f"3 {column} " in words(answer.text)


def test_what_a_run_found_stays_readable_after_it_was_applied(app, staff, visit):
    run_id = a_run(app, visit)
    with app.app_context():
        apply_plan(run_id, 1, who=STAFF, now=NOW)
        slot = database.session.scalars(select(Slot)).first()
        lock_slot(slot.id, is_locked=True, who=STAFF, now=NOW)
        read_session().rollback()

    assert staff.get(f"/staff/visits/{visit}/programmes").status_code == 200
