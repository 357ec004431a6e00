"""Which wishes are met, why others are not, and at which table: musts come first, turns are fair."""

from collections import Counter
from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.planner.meetings.choose import Candidate, Choice, ChoosingDay, choose
from bookings.planner.meetings.tables import count_table_moves, seat
from bookings.planner.meetings.unmet import WhyNot, explain_unmet
from tests.planner.meetings_checker import list_choice_faults, list_faults, list_table_faults
from tests.planner.test_meetings import build_big_day, solve


@st.composite
def choosing_days(draw: st.DrawFn) -> ChoosingDay:
    people, slots = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    pairs = [(one, other) for one in range(people) for other in range(one)]
    candidates = tuple(
        Candidate(
            pair,
            draw(st.integers(0, 2**slots - 1)),
            worth=draw(st.integers(1, 9)),
            is_must=draw(st.booleans()),
            key=draw(st.sampled_from([None, None, "a+b", "a+c"])),
            is_barred=draw(st.sampled_from([False, False, False, True])),
        )
        for pair in draw(st.lists(st.sampled_from(pairs), max_size=7))
    )
    most = tuple(draw(st.integers(0, 4)) for _ in range(people))
    order = [(one, other) for other in range(len(candidates)) for one in range(other)]
    before = tuple(draw(st.lists(st.sampled_from(order), max_size=1))) if order else ()
    return ChoosingDay(slots, draw(st.integers(1, 3)), most, candidates, before=before)


def read_met(choice: Choice) -> dict[int, int]:
    return dict(zip(choice.met, choice.slots, strict=True))


def list_possible(day: ChoosingDay) -> list[dict[int, int]]:
    ways = product([None, *range(day.slots)], repeat=len(day.candidates))
    tries = ({k: slot for k, slot in enumerate(way) if slot is not None} for way in ways)
    return [met for met in tries if not list_choice_faults(day, met)]


def count_musts(day: ChoosingDay, met: dict[int, int]) -> int:
    return sum(day.candidates[k].is_must for k in met)


@settings(max_examples=150, deadline=None)
@given(choosing_days())
def test_what_is_chosen_keeps_every_rule_and_can_be_held(day: ChoosingDay) -> None:
    choice = choose(day)

    assert list_choice_faults(day, read_met(choice)) == []
    assert list_faults(choice.day, choice.slots) == []


@settings(max_examples=80, deadline=None)
@given(choosing_days())
def test_no_wish_is_left_that_could_simply_be_added(day: ChoosingDay) -> None:
    met = read_met(choose(day))

    left = [k for k in range(len(day.candidates)) if k not in met]
    assert not [
        (k, slot) for k in left for slot in range(day.slots) if not list_choice_faults(day, {**met, k: slot})
    ]


@settings(max_examples=40, deadline=None)
@given(choosing_days())
def test_as_many_musts_are_met_as_can_be_but_one(day: ChoosingDay) -> None:
    if len(day.candidates) > 5:
        return
    best = max(count_musts(day, met) for met in list_possible(day))

    assert count_musts(day, read_met(choose(day))) >= best - 1


def test_a_must_goes_before_what_is_worth_more() -> None:
    both = Candidate((0, 1), 0b1, worth=1, is_must=True), Candidate((0, 2), 0b1, worth=9)

    assert choose(ChoosingDay(1, 2, (1, 1, 1), both)).met == (0,)


def test_nobody_has_three_while_another_who_could_has_none() -> None:
    liked = [Candidate((0, other), 0b111, worth=9) for other in (1, 2, 3)]
    day = ChoosingDay(3, 2, (3, 3, 3, 3, 3), (*liked, Candidate((1, 4), 0b111, worth=1)))

    choice = choose(day)

    counts = Counter(person for k in choice.met for person in day.candidates[k].people)
    assert min(counts[person] for person in range(5)) == 1


def test_someone_with_two_gives_one_to_a_person_who_would_have_none() -> None:
    wishes = Candidate((0, 1), 0b11, worth=9), Candidate((0, 3), 0b11), Candidate((1, 2), 0b11)

    choice = choose(ChoosingDay(2, 2, (2, 1, 2, 2), wishes))

    assert choice.met == (1, 2)


def test_agreed_meetings_keep_their_slots_whatever_else_is_wished() -> None:
    wishes = Candidate((0, 1), 0b11), Candidate((1, 2), 0b01, worth=9, is_must=True)

    assert read_met(choose(ChoosingDay(2, 2, (2, 2, 2), wishes))) == {0: 1, 1: 0}
    assert read_met(choose(ChoosingDay(2, 2, (2, 2, 2), wishes, agreed={0: 0}))) == {0: 0}


@settings(max_examples=60, deadline=None)
@given(choosing_days(), st.integers(1, 4))
def test_what_was_agreed_stays_when_the_rest_is_chosen_anew(day: ChoosingDay, every: int) -> None:
    agreed = dict(list(read_met(choose(day)).items())[::every])

    met = read_met(choose(replace(day, agreed=agreed), seed=1))

    assert list_choice_faults(replace(day, agreed=agreed), met) == []


@settings(max_examples=100, deadline=None)
@given(choosing_days())
def test_a_never_reads_like_any_other_reason(day: ChoosingDay) -> None:
    met = read_met(choose(day))
    open_day = replace(day, candidates=tuple(replace(wish, is_barred=False) for wish in day.candidates))

    reasons = explain_unmet(day, met)

    assert reasons.keys() == set(range(len(day.candidates))) - met.keys()
    assert reasons == explain_unmet(open_day, met)


def test_reasons_name_what_stands_in_the_way() -> None:
    day = ChoosingDay(
        1, 1, (1, 1, 1, 1, 0, 1),
        (
            Candidate((0, 1), 0b1, is_must=True), Candidate((2, 3), 0b1), Candidate((2, 4), 0b1),
            Candidate((3, 5), 0), Candidate((2, 5), 0b1, is_barred=True),
        ),
    )  # fmt: skip

    reasons = explain_unmet(day, {0: 0})

    assert [reasons[k].code for k in (1, 2, 3, 4)] == [
        WhyNot.TABLES_FULL, WhyNot.PERSON_FULL, WhyNot.NO_COMMON_TIME, WhyNot.TABLES_FULL,
    ]  # fmt: skip
    assert (reasons[2].people, reasons[2].count) == ((4,), 0)


def test_one_meeting_a_table_and_few_get_up() -> None:
    day = build_big_day()
    slots = solve(day).slots

    tables = seat(day, slots)

    assert list_table_faults(day, slots, tables) == []
    plain = [sum(slots[other] == slots[k] for other in range(k)) for k in range(len(slots))]
    assert count_table_moves(day, slots, tables) < 0.7 * count_table_moves(day, slots, plain)


def test_a_kept_table_stays_and_the_others_go_round_it() -> None:
    day = build_big_day()
    slots = solve(day).slots

    tables = seat(day, slots, kept={5: 19, 6: 3})

    assert (tables[5], tables[6]) == (19, 3)
    assert list_table_faults(day, slots, tables) == []


def test_with_too_few_tables_for_all_wishes_musts_are_met_and_nobody_has_much_less_than_others() -> None:
    random = Random(1)
    pairs = {tuple(sorted(random.sample(range(60), 2))) for _ in range(600)}
    wishes = tuple(
        Candidate(pair, 0xFFF, random.randint(1, 9), is_must=random.random() < 0.15) for pair in sorted(pairs)
    )
    day = ChoosingDay(12, 15, (11,) * 60, wishes)

    met = read_met(choose(day))

    counts = Counter(person for k in met for person in wishes[k].people)
    assert list_choice_faults(day, met) == []
    assert len(met) == 12 * 15
    assert count_musts(day, met) == sum(wish.is_must for wish in wishes)
    assert min(counts[person] for person in range(60)) >= 5
