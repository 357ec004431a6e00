"""What changed between the programme that somebody was told of and the one that stands now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookings.domain.told import (
    ChangeKind,
    StopChange,
    ToldProgramme,
    ToldStop,
    choose_baseline,
    compare_programmes,
    dump_programme,
    find_root,
    load_programme,
)

TEN = datetime(2027, 3, 16, 8, tzinfo=UTC)
FIRST = ToldStop(
    root=1,
    starts_at=TEN,
    ends_at=TEN + timedelta(hours=1),
    time_zone="Europe/Helsinki",
    host="Stormossen",
    title="Biogas",
    where="Plant, Road 1",
)
SECOND = replace(
    FIRST,
    root=2,
    host="Vakin",
    starts_at=TEN + timedelta(hours=3),
    ends_at=TEN + timedelta(hours=4),
)
LATER = replace(FIRST, starts_at=TEN + timedelta(hours=5), ends_at=TEN + timedelta(hours=6))


def test_the_same_programme_has_no_changes():
    assert compare_programmes([FIRST, SECOND], [SECOND, FIRST]) == []


def test_each_kind_of_change_is_told_once_in_the_order_of_the_day():
    other_place = replace(SECOND, where="Office", title="Water")
    third = replace(FIRST, root=3, host="Dåva", starts_at=TEN - timedelta(hours=2))

    changes = compare_programmes([FIRST, SECOND], [LATER, other_place, third])

    assert changes == [
        StopChange(ChangeKind.ADDED, None, third),
        StopChange(ChangeKind.NEW_PLACE, SECOND, other_place),
        StopChange(ChangeKind.NEW_TITLE, SECOND, other_place),
        StopChange(ChangeKind.MOVED, FIRST, LATER),
    ]


def test_a_host_in_the_place_of_another_is_a_new_host_and_not_one_dropped_and_one_added():
    stand_in = replace(LATER, host="Westenergy", title="Heat", where="Tower")

    changes = compare_programmes([FIRST], [stand_in])

    assert [change.kind for change in changes] == [ChangeKind.NEW_HOST, ChangeKind.MOVED]


def test_a_stop_without_a_successor_is_dropped():
    assert compare_programmes([FIRST, SECOND], [SECOND]) == [StopChange(ChangeKind.DROPPED, FIRST, None)]


def test_a_chain_of_replacements_leads_to_the_first_slot():
    replaces = {1: None, 4: 1, 6: 4, 7: 7}

    assert [find_root(slot_id, replaces) for slot_id in (1, 4, 6, 7, 9)] == [1, 1, 1, 7, 9]


def test_a_programme_is_read_back_as_it_was_stored():
    programme = ToldProgramme(TEN, (FIRST, SECOND))

    assert load_programme(dump_programme(programme)) == programme


def test_the_reader_compares_with_the_last_programme_that_differs_from_what_stands():
    old, new = ToldProgramme(TEN, (FIRST,)), ToldProgramme(TEN, (LATER,))

    assert choose_baseline([], [FIRST], is_offered=True) is None
    assert choose_baseline([old], [FIRST], is_offered=True) is None
    assert choose_baseline([old], [LATER], is_offered=False) is old
    assert choose_baseline([new, old], [LATER], is_offered=True) is old
    # Planned anew, and nothing has changed yet: what an earlier mail changed is past.
    assert choose_baseline([new, old], [LATER], is_offered=False) is None
