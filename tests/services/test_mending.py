"""A repair at staff's nod: the next best comes in and the others make room, all at once or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.errors import NotFoundError, PlanOutdatedError, SlotTakenError
from bookings.models.directory import Site
from bookings.models.slots import Slot
from bookings.planner.plan import PlannedStop
from bookings.queries.planning import find_basis, find_planned_slot
from bookings.queries.planning.mending import find_room
from bookings.services.planning import ChosenRepair, MovedSlot, apply_repair, take_time_with_room
from bookings.services.slots import accept_slot, add_slot, decline_slot, propose_times
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.own_pages import everything_stored
from tests.support.stories import DAY, STAFF, host_token, mails, plan, slot_row

pytestmark = pytest.mark.usefixtures("app_context")


def released(reference: str, *plans, now) -> list[int]:
    ids = [add_slot(reference, one, who=STAFF, now=now) for one in plans]
    release_visit(reference, who=STAFF, now=now)
    return ids


@pytest.fixture
def broken(app_context, now) -> tuple[str, list[int]]:
    """One host said no, one said yes, one has not answered."""
    a_directory()
    reference = a_visit().reference
    ids = released(reference, plan("vakin", 33), plan("stormossen", 9), plan("westenergy", 12), now=now)
    decline_slot(host_token(ids[0]), now=now)
    accept_slot(host_token(ids[1]), now=now)
    return reference, ids


def a_stop(host: str, hour: float) -> PlannedStop:
    site = database.session.scalars(select(Site.id).where(Site.organisation.has(slug=host))).first()
    start = DAY + timedelta(hours=hour)
    return PlannedStop(f"site-{site}", host, "", "UTC", start, start + timedelta(hours=1.5), start.date())


def basis(reference: str) -> str:
    read_session().rollback()
    return find_basis(read_session(), reference)


def test_two_stops_change_places_and_the_next_best_comes_in(broken, now):
    reference, [lost, yes, asked] = broken
    told = len(mails())
    moves = (MovedSlot(yes, a_stop("stormossen", 12)), MovedSlot(asked, a_stop("westenergy", 9)))
    repair = ChosenRepair(basis=basis(reference), stop=a_stop("skelleftea-kraft", 33), moves=moves)

    new_id = apply_repair(lost, repair, who=STAFF, now=now)

    assert (slot_row(new_id).state, slot_row(new_id).replaces_id) == ("draft", lost)
    assert [slot_row(one).starts_at.hour for one in (yes, asked)] == [12, 9]
    assert [slot_row(one).state for one in (yes, asked)] == ["pending", "pending"]
    changed = [mail for mail in mails()[told:] if mail.kind == "invitation_changed"]
    assert [mail.sequence for mail in changed] == [1, 1]


def test_a_slot_that_has_no_place_any_more_is_taken_back_in_the_same_go(broken, now):
    reference, [lost, yes, asked] = broken
    repair = ChosenRepair(
        basis=basis(reference), stop=a_stop("skelleftea-kraft", 33), moves=(MovedSlot(asked, None),)
    )

    apply_repair(lost, repair, who=STAFF, now=now)

    assert slot_row(asked).state == "withdrawn"
    assert slot_row(yes).state == "accepted"
    assert mails()[-1].method == "CANCEL"


def test_where_one_part_cannot_be_nothing_is_done(broken, now):
    reference, [lost, yes, asked] = broken
    released(a_visit().reference, plan("stormossen", 14), now=now)
    moves = (MovedSlot(asked, a_stop("westenergy", 9)), MovedSlot(yes, a_stop("stormossen", 14)))
    before = everything_stored()

    with pytest.raises(SlotTakenError):
        apply_repair(
            lost,
            ChosenRepair(basis=basis(reference), stop=a_stop("skelleftea-kraft", 33), moves=moves),
            who=STAFF,
            now=now,
        )

    assert everything_stored() == before


def test_a_second_press_or_another_visit_changes_nothing(broken, now):
    reference, [lost, _yes, asked] = broken
    seen = basis(reference)
    repair = ChosenRepair(basis=seen, stop=a_stop("skelleftea-kraft", 33))
    apply_repair(lost, repair, who=STAFF, now=now)
    count = len(database.session.scalars(select(Slot)).all())

    with pytest.raises(PlanOutdatedError):
        apply_repair(lost, repair, who=STAFF, now=now)
    [other] = released(a_visit().reference, plan("vakin", 57), now=now)
    wrong = ChosenRepair(basis=seen, stop=a_stop("skelleftea-kraft", 33), moves=(MovedSlot(other, None),))
    with pytest.raises(NotFoundError):
        apply_repair(asked, wrong, who=STAFF, now=now)

    assert len(database.session.scalars(select(Slot)).all()) == count + 1


@pytest.fixture
def offered(app_context, now) -> tuple[str, int, int, int]:
    """A host offers the time at which another one was asked."""
    a_directory()
    reference = a_visit().reference
    first, second = released(reference, plan("vakin", 33), plan("stormossen", 9), now=now)
    start = slot_row(second).starts_at
    propose_times(host_token(first), times=[(start, start + timedelta(hours=1.5))], comment="", now=now)
    read_session().rollback()
    [time] = find_planned_slot(read_session(), first).offered_times
    return reference, first, second, time.id


def as_chosen(found) -> ChosenRepair:
    moves = tuple(MovedSlot(int(move.key), move.stop) for move in found.moves)
    return ChosenRepair(basis=found.basis, stop=found.stop, moves=moves, groups=found.groups)


def test_an_offered_time_at_which_another_stop_stands_shows_what_moves_and_takes_it_at_a_nod(offered, now):
    _reference, first, second, time_id = offered
    read_session().rollback()

    found = find_room(read_session(), first, time_id, now=now)
    before = slot_row(second).starts_at
    take_time_with_room(first, time_id, as_chosen(found), who=STAFF, now=now)

    assert [move.key for move in found.moves] == [str(second)]
    assert (slot_row(first).state, slot_row(first).starts_at) == ("accepted", before)
    assert slot_row(second).state in ("pending", "withdrawn")
    assert slot_row(second).state == "withdrawn" or slot_row(second).starts_at != before


def test_room_is_made_once_and_only_for_a_time_that_is_offered(offered, now):
    reference, first, second, time_id = offered
    read_session().rollback()
    found = find_room(read_session(), first, time_id, now=now)

    with pytest.raises(NotFoundError):
        find_room(read_session(), second, time_id, now=now)
    with pytest.raises(NotFoundError):
        take_time_with_room(first, time_id + 99, as_chosen(found), who=STAFF, now=now)
    assert slot_row(second).state == "pending"
    take_time_with_room(first, time_id, as_chosen(found), who=STAFF, now=now)
    with pytest.raises(PlanOutdatedError):
        take_time_with_room(first, time_id, as_chosen(found), who=STAFF, now=now)
    assert basis(reference) != found.basis
