"""Groups of a delegation go separate ways at the same time; all of them are held by a stop of the whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bookings.db import database, read_session
from bookings.domain.errors import GroupNotUsableError, JourneyNotUsableError, SlotsOverlapError
from bookings.domain.planning import Journey
from bookings.models.directory import Site
from bookings.models.holds import Hold
from bookings.planner.solve import solve
from bookings.queries.planning import find_planned_slot, load_problem
from bookings.queries.planning.mending import find_next_best, find_room
from bookings.services.planning import (
    ChosenRepair,
    MovedSlot,
    apply_repair,
    save_journey,
    take_time_with_room,
)
from bookings.services.slots import accept_slot, add_slot, change_slot, decline_slot, propose_times
from bookings.services.visits import release_visit
from tests.planner.checker import Checker
from tests.support.builders import a_directory, a_visit
from tests.support.stories import STAFF, entry_row, holds_of, host_token, mails, plan, slot_row, visitor_token

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def reference(app_context) -> str:
    a_directory()
    return a_visit(parallel_groups=3).reference


def released(reference: str, *plans, now) -> list[int]:
    ids = [add_slot(reference, one, who=STAFF, now=now) for one in plans]
    release_visit(reference, who=STAFF, now=now)
    return ids


def test_two_groups_are_with_two_hosts_at_the_same_time(reference, now):
    one, other = released(reference, plan("stormossen", group=1), plan("westenergy", group=3), now=now)

    assert holds_of(one) == [("delegation", "hard"), ("host", "hard")]
    assert holds_of(other) == [("group_3", "hard"), ("host", "hard")]


def test_a_stop_of_all_takes_the_time_of_every_group(reference, now):
    [whole] = released(reference, plan("stormossen"), now=now)

    taken = ["delegation", "group_2", "group_3", "host"]
    assert holds_of(whole) == [(kind, "hard") for kind in taken]


@pytest.mark.parametrize(("first", "second"), [(2, 2), (None, 2), (2, None), (None, None)])
def test_nobody_is_in_two_places(reference, now, first, second):
    released(reference, plan("stormossen", 9, group=first), now=now)
    add_slot(reference, plan("westenergy", 9.5, group=second), who=STAFF, now=now)

    with pytest.raises(SlotsOverlapError):
        release_visit(reference, who=STAFF, now=now)


def test_the_database_itself_refuses_a_group_in_two_places(reference, now):
    one, other = released(reference, plan("stormossen", group=1), plan("westenergy", group=2), now=now)
    database.session.rollback()
    hold = database.session.scalars(
        select(Hold).where(Hold.slot_id == one).order_by(Hold.resource_id)
    ).first()

    with pytest.raises(IntegrityError):
        database.session.execute(
            text("UPDATE hold SET resource_id = :to WHERE slot_id = :slot"),
            {"to": hold.resource_id, "slot": other},
        )
    database.session.rollback()


def test_another_group_for_an_asked_stop_moves_its_holds_and_tells_the_host_at_once(reference, now):
    wish = plan("stormossen", group=1)
    [slot_id] = released(reference, wish, now=now)
    told = len(mails())

    other = plan("stormossen", group=2)
    change_slot(slot_id, other, version=slot_row(slot_id).version, who=STAFF, now=now)

    assert holds_of(slot_id) == [("group_2", "hard"), ("host", "hard")]
    [mail] = mails()[told:]
    assert (mail.kind, mail.sequence) == ("invitation_updated", 0)
    assert "Group 2 of 3, " in mail.text


def test_hosts_and_visitors_read_which_group_comes_and_how_many_people_it_has(reference, now):
    one, other = released(reference, plan("stormossen", group=1), plan("westenergy", group=3), now=now)
    size = slot_row(one).visit_id and mails()[0].text

    assert "Group 1 of 3, " in size
    assert "Group 3 of 3, " in entry_row(other).description
    for slot_id in (one, other):
        accept_slot(host_token(slot_id), now=now)
    programme = next(mail for mail in mails() if mail.kind == "programme_proposed")
    assert "Group 1 of 3, " in programme.text
    assert "Group 3 of 3, " in programme.text
    assert visitor_token(reference)


def test_a_group_that_is_not_there_is_refused(reference, now):
    for number in (0, 4):
        with pytest.raises(GroupNotUsableError):
            add_slot(reference, plan("stormossen", group=number), who=STAFF, now=now)


def test_more_groups_hold_the_stops_of_all_too_and_fewer_let_go(reference, now):
    [whole] = released(reference, plan("stormossen"), now=now)

    save_journey(reference, Journey(groups=4), who=STAFF, now=now)
    assert len(holds_of(whole)) == 5

    save_journey(reference, Journey(groups=1), who=STAFF, now=now)
    assert holds_of(whole) == [("delegation", "hard"), ("host", "hard")]


def test_groups_that_hosts_know_of_stay(reference, now):
    add_slot(reference, plan("stormossen", group=2), who=STAFF, now=now)
    with pytest.raises(JourneyNotUsableError):
        save_journey(reference, Journey(groups=1), who=STAFF, now=now)
    save_journey(reference, Journey(groups=2), who=STAFF, now=now)

    release_visit(reference, who=STAFF, now=now)

    with pytest.raises(JourneyNotUsableError):
        save_journey(reference, Journey(groups=3), who=STAFF, now=now)


def test_the_planner_keeps_a_stop_of_all_free_in_every_group(reference, now):
    released(reference, plan("stormossen"), plan("westenergy", 12, group=2), now=now)

    found = load_problem(database.session(), reference, now=now)
    best = solve(found.problem, steps=60).plans[0]

    assert [stop.group for stop in found.problem.fixed] == [None, 1]
    fixed = sorted((stop.host, stop.group) for stop in best.stops if stop.fixed_key)
    assert fixed == [("stormossen", 0), ("stormossen", 1), ("stormossen", 2), ("westenergy", 1)]
    assert Checker(found.problem).faults(best) == []


@pytest.mark.sqlite_only
def test_the_next_best_for_a_stop_of_all_is_for_all_and_becomes_one_stop(reference, now):
    other, here = (database.session.get(Site, plan(slug).site_id) for slug in ("vakin", "westenergy"))
    other.place_id, other.time_zone = here.place_id, here.time_zone
    database.session.commit()
    all_of_them, one_group = released(reference, plan("stormossen"), plan("westenergy", 12, group=2), now=now)
    decline_slot(host_token(all_of_them), reason="", now=now)
    read_session().rollback()

    found = find_next_best(read_session(), all_of_them, now=now)
    repair = ChosenRepair(basis=found.basis, stop=found.stop, groups=found.groups)
    new = apply_repair(all_of_them, repair, who=STAFF, now=now)

    assert (found.stop.host, found.groups, found.moves) == ("vakin", 1, ())
    assert slot_row(new).group_number is None
    assert slot_row(new).replaces_id == all_of_them
    times = [(slot_row(one).starts_at, slot_row(one).ends_at) for one in (new, one_group)]
    (_first, ends), (starts, _last) = sorted(times)
    assert ends <= starts


@pytest.mark.sqlite_only
def test_a_stop_of_all_moves_with_all_groups_for_the_other_time_of_a_group(reference, now):
    other, here = (database.session.get(Site, plan(slug).site_id) for slug in ("stormossen", "westenergy"))
    other.place_id, other.time_zone = here.place_id, here.time_zone
    database.session.commit()
    all_of_them, one_group = released(reference, plan("stormossen"), plan("westenergy", 12, group=2), now=now)
    start = slot_row(all_of_them).starts_at
    propose_times(host_token(one_group), times=[(start, start + timedelta(hours=1.5))], comment="", now=now)
    read_session().rollback()
    [offered] = find_planned_slot(read_session(), one_group).offered_times

    found = find_room(read_session(), one_group, offered.id, now=now)
    moves = tuple(MovedSlot(int(move.key), move.stop) for move in found.moves)
    repair = ChosenRepair(basis=found.basis, stop=found.stop, moves=moves, groups=found.groups)
    take_time_with_room(one_group, offered.id, repair, who=STAFF, now=now)

    [move] = found.moves
    assert (move.key, move.has_other_time, found.is_fewest) == (str(all_of_them), True, True)
    moved, taken = slot_row(all_of_them), slot_row(one_group)
    assert (moved.starts_at, moved.group_number) == (move.stop.starts_at, None)
    assert (taken.starts_at, taken.state) == (start, "accepted")
    assert len(holds_of(all_of_them)) == 4


@pytest.mark.sqlite_only
def test_the_next_best_for_a_stop_of_one_group_is_for_that_group(reference, now):
    other, here = (database.session.get(Site, plan(slug).site_id) for slug in ("vakin", "westenergy"))
    other.place_id, other.time_zone = here.place_id, here.time_zone
    database.session.commit()
    _whole, own = released(reference, plan("stormossen"), plan("westenergy", 12, group=3), now=now)
    decline_slot(host_token(own), reason="", now=now)
    read_session().rollback()

    found = find_next_best(read_session(), own, now=now)

    assert found.stop.group == 2
