"""Planning slots, answering them, and their deadlines."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.domain.errors import (
    CutOffPassedError,
    LinkOutdatedError,
    NotFoundError,
    ProposedTimeNotUsableError,
    RecordChangedError,
    SlotTimeNotUsableError,
    TooManyProposedTimesError,
    TransitionNotAllowedError,
)
from bookings.services.slots import (
    accept_slot,
    add_slot,
    change_slot,
    decline_slot,
    expire_slots,
    propose_times,
    remind_hosts,
    replace_slot,
    withdraw_slot,
)
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.stories import (
    DAY,
    STAFF,
    audit_of,
    host_token,
    kinds,
    mails,
    plan,
    slot_row,
    visit_row,
)

pytestmark = pytest.mark.usefixtures("app_context")


def asked_slot(reference: str, *, now: datetime, **more) -> int:
    slot_id = add_slot(reference, plan("stormossen", **more), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    return slot_id


def test_the_first_draft_takes_a_request_up(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)

    assert visit_row(reference).state == "planning"
    assert (slot_row(slot_id).state, audit_of(slot_id)) == ("draft", ["add"])


def test_a_stop_cannot_be_planned_in_the_past_or_backwards(reference, now):
    past = plan("stormossen", starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    backwards = plan("stormossen", ends_at=DAY)

    with pytest.raises(SlotTimeNotUsableError, match="past"):
        add_slot(reference, past, who=STAFF, now=now)
    with pytest.raises(SlotTimeNotUsableError, match="order"):
        add_slot(reference, backwards, who=STAFF, now=now)


def test_site_and_contact_belong_to_the_organisation(reference, now):
    foreign = plan("stormossen", site_id=plan("vakin").site_id)

    with pytest.raises(NotFoundError):
        add_slot(reference, foreign, who=STAFF, now=now)


def test_a_closed_visit_takes_no_slots(app_context, now):
    a_directory()

    with pytest.raises(TransitionNotAllowedError):
        add_slot(a_visit(state="cancelled").reference, plan("stormossen"), who=STAFF, now=now)


def test_two_colleagues_cannot_change_a_slot_over_each_other(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    seen = slot_row(slot_id).version
    change_slot(slot_id, plan("stormossen", 10), version=seen, who=STAFF, now=now)

    with pytest.raises(RecordChangedError):
        change_slot(slot_id, plan("stormossen", 11), version=seen, who=STAFF, now=now)


def test_a_draft_may_change_its_host_and_an_asked_slot_may_not(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    change_slot(slot_id, plan("westenergy"), version=1, who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)

    with pytest.raises(TransitionNotAllowedError):
        change_slot(slot_id, plan("stormossen"), version=slot_row(slot_id).version, who=STAFF, now=now)
    assert [mail.recipient for mail in mails()] == ["visits@westenergy.example"]


def test_the_deadline_is_five_working_days_later_at_the_end_of_the_day_there(reference, now):
    slot_id = asked_slot(reference, now=now)

    assert slot_row(slot_id).respond_by == datetime(2027, 2, 8, 14, 30, tzinfo=UTC)


def test_the_deadline_lies_before_the_last_day_and_late_questions_stay_open_until_the_start(reference, now):
    soon = now + timedelta(days=3)
    late = now + timedelta(hours=5)

    near = asked_slot(reference, now=now, starts_at=soon, ends_at=soon + timedelta(hours=1))
    nearest = asked_slot(reference, now=now, starts_at=late, ends_at=late + timedelta(hours=1))

    assert slot_row(near).respond_by == soon - timedelta(hours=24)
    assert slot_row(nearest).respond_by == late
    accept_slot(host_token(nearest), now=now + timedelta(hours=1))
    assert slot_row(nearest).state == "accepted"


def test_an_answer_cannot_be_changed_on_the_last_day(reference, now):
    slot_id = asked_slot(reference, now=now)
    token = host_token(slot_id)
    accept_slot(token, now=now)

    with pytest.raises(CutOffPassedError):
        decline_slot(token, now=slot_row(slot_id).starts_at - timedelta(hours=23))


def test_a_host_is_reminded_at_half_and_at_nine_tenths_of_the_time_and_once_each(reference, now):
    slot_id = asked_slot(reference, now=now)
    time_to_answer = slot_row(slot_id).respond_by - now

    reminded = [remind_hosts(now=now + time_to_answer * part) for part in (0.4, 0.5, 0.6, 0.9, 0.95)]

    assert reminded == [0, 1, 0, 1, 0]
    assert kinds() == ["invitation", "reminder_host", "reminder_host"]
    assert slot_row(slot_id).reminders_sent == 2


def test_a_worker_that_slept_sends_one_reminder_not_two(reference, now):
    slot_id = asked_slot(reference, now=now)

    remind_hosts(now=slot_row(slot_id).respond_by - timedelta(minutes=1))
    remind_hosts(now=slot_row(slot_id).respond_by - timedelta(minutes=1))

    assert kinds() == ["invitation", "reminder_host"]


def test_who_has_answered_is_not_reminded(reference, now):
    slot_id = asked_slot(reference, now=now)
    start = slot_row(slot_id).starts_at + timedelta(days=1)
    propose_times(host_token(slot_id), times=[(start, start + timedelta(hours=1))], now=now)

    assert remind_hosts(now=slot_row(slot_id).respond_by - timedelta(minutes=1)) == 0


def test_a_question_without_an_answer_expires_and_the_visitor_hears_nothing(reference, now):
    slot_id = asked_slot(reference, now=now)

    expired = expire_slots(now=slot_row(slot_id).respond_by)

    assert (expired, expire_slots(now=slot_row(slot_id).respond_by)) == (1, 0)
    assert (slot_row(slot_id).state, visit_row(reference).state) == ("expired", "planning")
    assert kinds() == ["invitation", "invitation_cancelled"]


@pytest.mark.parametrize("worker_came_by", [False, True])
def test_an_answer_after_the_deadline_is_refused_whether_the_worker_came_by_or_not(
    reference, now, worker_came_by
):
    slot_id = asked_slot(reference, now=now)
    token, deadline = host_token(slot_id), slot_row(slot_id).respond_by
    if worker_came_by:
        expire_slots(now=deadline)

    with pytest.raises(LinkOutdatedError):
        accept_slot(token, now=deadline)


def test_a_host_offers_at_most_three_times_that_lie_ahead_and_differ(reference, now):
    slot_id = asked_slot(reference, now=now)
    token, hour = host_token(slot_id), timedelta(hours=1)
    ahead = [(DAY + hour * number, DAY + hour * (number + 1)) for number in range(4)]

    with pytest.raises(TooManyProposedTimesError):
        propose_times(token, times=ahead, now=now)
    with pytest.raises(ProposedTimeNotUsableError, match="past"):
        propose_times(token, times=[(now - hour, now)], now=now)
    with pytest.raises(ProposedTimeNotUsableError, match="same"):
        propose_times(token, times=[(slot_row(slot_id).starts_at, slot_row(slot_id).ends_at)], now=now)


def test_offering_the_same_times_twice_is_one_offer(reference, now):
    slot_id = asked_slot(reference, now=now)
    times = [(DAY, DAY + timedelta(hours=1))]

    for _ in range(2):
        propose_times(host_token(slot_id), times=times, comment="Rather earlier", now=now)

    assert audit_of(slot_id) == ["add", "release", "propose_time"]


def test_a_replacement_is_a_new_draft_and_the_host_who_counted_on_it_is_told(reference, now):
    old = asked_slot(reference, now=now)

    new = replace_slot(old, plan("westenergy"), who=STAFF, now=now)

    assert (slot_row(old).state, slot_row(new).state) == ("withdrawn", "draft")
    assert slot_row(new).replaces_id == old
    assert kinds() == ["invitation", "invitation_cancelled"]


def test_a_replaced_host_cannot_say_yes_after_all(reference, now):
    old = asked_slot(reference, now=now)
    token = host_token(old)
    decline_slot(token, now=now)
    replace_slot(old, plan("westenergy"), who=STAFF, now=now)

    with pytest.raises(TransitionNotAllowedError):
        accept_slot(token, now=now)


def test_giving_up_a_host_who_said_no_sends_nothing_more(reference, now):
    slot_id = asked_slot(reference, now=now)
    decline_slot(host_token(slot_id), now=now)
    before = mails()

    withdraw_slot(slot_id, who=STAFF, now=now)

    assert (slot_row(slot_id).state, mails()) == ("withdrawn", before)
