"""Who is there: scans of several doors, sent late, twice and in any order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from threading import Barrier

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.doors import ScanCode
from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.registrations import CheckInKind
from bookings.models.audit import AuditEntry
from bookings.models.registrations import Attendance, CheckIn
from bookings.queries.doors import (
    count_doors,
    find_door_event,
    find_door_people,
    list_door_people,
    list_doors,
)
from bookings.services.doors import close_door, open_door, record_check_ins, record_door_scans
from tests.support.doors import a_door_event, a_registration, a_scan, part_of
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF

pytestmark = pytest.mark.usefixtures("app_context")
UNDO = {"kind": CheckInKind.UNDO}


def send(event, *scans, now, minutes=60):
    """Send scans an hour later; the codes of the answers."""
    read_session().rollback()
    answers = record_check_ins(event.slug, scans, who=STAFF, now=now + timedelta(minutes=minutes))
    return [answer.code for answer in answers]


def attendances():
    read_session().rollback()
    rows = read_session().execute(select(Attendance.registration_id, Attendance.part_id))
    return sorted((row.registration_id, row.part_id or 0) for row in rows)


def test_each_person_is_in_once_however_often_and_at_however_many_doors(now):
    event = a_door_event()
    person = a_registration(event)
    first, second = a_scan(person, minutes=1), a_scan(person, minutes=2, door="Side door")

    codes = [send(event, second, now=now), send(event, first, now=now), send(event, first, second, now=now)]

    assert codes == [["in"], ["in"], ["in", "already_in"]]
    assert attendances() == [(person.id, 0)]
    row = read_session().scalars(select(Attendance)).one()
    assert (row.arrived_at, row.door, row.signature) == (first.happened_at, "Main door", "qr")


@pytest.mark.sqlite_only
def test_what_happened_counts_and_not_which_message_came_first(now):
    story = [(1, {}), (2, UNDO), (3, {"door": "Side door"}), (4, UNDO), (5, {})]
    ends = set()

    for order in list(permutations(range(5)))[::7]:
        event = a_door_event()
        person = a_registration(event)
        scans = [a_scan(person, minutes=minutes, **more) for minutes, more in story]
        for number in order:
            send(event, scans[number], now=now)
        row = read_session().scalars(select(Attendance).where(Attendance.registration_id == person.id)).one()
        ends.add(row.arrived_at)

    assert ends == {now + timedelta(minutes=5)}


def test_undo_takes_back_and_says_when_there_was_nothing(now):
    event = a_door_event()
    person, other = a_registration(event), a_registration(event)

    codes = send(
        event, a_scan(person), a_scan(person, minutes=1, **UNDO), a_scan(other, minutes=2, **UNDO), now=now
    )

    assert codes == ["in", "out", "not_in"]
    assert attendances() == []
    assert len(read_session().scalars(select(CheckIn)).all()) == 3


def test_each_scan_hears_why_somebody_is_not_let_in(now):
    event, elsewhere = a_door_event(), a_door_event()
    states = ["cancelled", "refused", "expired", "waiting", "pending", "unverified", "offered"]
    respond = {"respond_by": now}
    people = [a_registration(event, state=state, **respond) for state in states]
    strange = [a_scan(a_registration(elsewhere)), a_scan("no-such-badge"), a_scan("x" * 40)]

    codes = send(event, *(a_scan(one) for one in people), *strange, now=now)

    assert codes == ["cancelled"] * 3 + ["waiting"] * 4 + ["unknown"] * 3
    assert attendances() == []


@pytest.mark.sqlite_only
def test_a_part_has_a_door_of_its_own_for_those_who_chose_it(now):
    event = a_door_event(parts=["Grid", "Hydrogen"])
    part = part_of(event)
    chose, other = a_registration(event, parts=[part]), a_registration(event)

    codes = send(event, a_scan(chose, part_id=part.id), a_scan(other, part_id=part.id), now=now)

    assert codes == ["in", "not_chosen"]
    assert attendances() == [(chose.id, 0), (chose.id, part.id)]
    counts = count_doors(read_session(), find_door_event(read_session(), slug=event.slug))
    assert (counts.expected, counts.inside) == (2, 1)
    assert [(one.expected, one.inside) for one in counts.parts] == [(1, 1), (0, 0)]
    assert send(event, a_scan(chose, part_id=part.id, minutes=2, **UNDO), now=now) == ["out"]
    assert attendances() == []


@pytest.mark.sqlite_only
def test_a_clock_that_is_fast_says_nothing_of_the_future(now):
    event = a_door_event()
    person = a_registration(event)

    send(event, a_scan(person, minutes=600), now=now, minutes=5)

    assert read_session().scalars(select(Attendance.arrived_at)).one() == now + timedelta(minutes=5)


def test_eight_doors_with_the_same_people_at_once_let_each_in_once(app, now):
    event = a_door_event()
    slug, codes = event.slug, [a_registration(event).badge_code for _ in range(20)]
    database.session.close()
    start = Barrier(8)

    def door(number: int) -> list[str]:
        with app.app_context():
            order = codes if number % 2 else list(reversed(codes))
            scans = [a_scan(code, minutes=number, door=f"Door {number}") for code in order]
            start.wait()
            return [str(one.code) for one in record_check_ins(slug, scans, who=SYSTEM, now=now)]

    with ThreadPoolExecutor(8) as pool:
        answers = [code for said in pool.map(door, range(8)) for code in said]

    assert set(answers) <= {"in", "already_in"}
    assert len(attendances()) == 20
    assert len(read_session().scalars(select(CheckIn)).all()) == 160


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(now):
    event = a_door_event()
    people = [a_registration(event) for _ in range(40)]
    counts = []

    for part in (people[:2], people[2:]):
        scans = [a_scan(person) for person in part]
        with recorded_statements() as statements:
            record_check_ins(event.slug, scans, who=STAFF, now=now)
        counts.append(len(statements))

    assert counts[0] == counts[1]
    assert counts[1] <= 12


@pytest.mark.sqlite_only
def test_a_volunteer_holds_a_link_until_staff_end_it_or_the_event_is_over(now):
    event = a_door_event()
    person = a_registration(event)
    token, second = (open_door(event.slug, who=STAFF, now=now) for _ in range(2))

    [answer] = record_door_scans(second, [a_scan(person)], now=now)
    doors = list_doors(read_session(), event.id, now=now)
    read_session().rollback()
    close_door(event.slug, doors[1].id, who=STAFF, now=now)

    assert answer.code is ScanCode.IN
    assert [door.number for door in doors] == [1, 2]
    with pytest.raises(LinkNotFoundError):
        record_door_scans(second, [a_scan(person)], now=now)
    assert record_door_scans(token, [a_scan(person)], now=event.ends_at + timedelta(hours=11))
    with pytest.raises(LinkExpiredError):
        record_door_scans(token, [a_scan(person)], now=event.ends_at + timedelta(hours=13))
    actors = read_session().execute(
        select(AuditEntry.actor_name).where(AuditEntry.action == "check_in").order_by(AuditEntry.id)
    )
    assert [row.actor_name for row in actors] == ["door 2", "door 1"]


@pytest.mark.sqlite_only
def test_the_list_of_a_door_names_only_those_who_may_come_in(now):
    event = a_door_event(parts=["Grid"])
    person = a_registration(event, name="Åsa Öberg", parts=[part_of(event)])
    a_registration(event, state="cancelled", name="Not Here")
    send(event, a_scan(person), now=now)
    found = find_door_event(read_session(), slug=event.slug)

    people = list_door_people(read_session(), found)

    assert [(one.name, one.refused) for one in people] == [("Åsa Öberg", None), ("", "cancelled")]
    assert people[0].inside == (0,)
    assert [one.name for one in find_door_people(read_session(), found, "oberg asa")] == ["Åsa Öberg"]
    assert find_door_people(read_session(), found, "not here") == []
