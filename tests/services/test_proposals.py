"""Other times that hosts offer: what speaks against each, staff's word, and the rule that takes what fits."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from bookings.db import database, read_session
from bookings.models.audit import AuditEntry
from bookings.models.slots import ProposedTime
from bookings.models.visits import DateWindow
from bookings.queries.planning import judge_proposals, list_planned_slots
from bookings.services.inbox import receive_mail
from bookings.services.slots import accept_slot, add_slot, propose_times, refuse_proposal, take_proposal
from bookings.services.visits import release_visit, set_fitting_times
from tests.support.builders import a_visit, save
from tests.support.clock import NOW
from tests.support.inbox import answer, inbox_rows, invited
from tests.support.stories import (
    STAFF,
    calendar_messages,
    delegation_hold,
    host_token,
    mails,
    plan,
    proposal_ids,
    slot_row,
    visit_row,
)

pytestmark = pytest.mark.usefixtures("app_context")
DAY_AFTER = datetime(2027, 3, 17, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def asked(reference, slug="stormossen", hour=9.0, **more):
    slot_id = add_slot(reference, plan(slug, hour, **more), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return slot_id


def offer(slot_id, starts_at, minutes=90):
    times = [(starts_at, starts_at + timedelta(minutes=minutes))]
    propose_times(host_token(slot_id), times=times, comment="Rather then", now=NOW)


def offer_by_mail(slot_id, starts_at, minutes=90, partstat="TENTATIVE"):
    times = f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}\nDURATION:PT{minutes}M"
    raw = answer(invited(slot_id), partstat, method="COUNTER", times=times, more="COMMENT:Rather then")
    assert receive_mail(raw, now=NOW).verdict == "record-proposal"


def concerns(slot_id):
    database.session.rollback()
    visit_id = slot_row(slot_id).visit_id
    judged = judge_proposals(read_session(), list_planned_slots(read_session(), visit_id), now=NOW)
    return [sorted(one.code for one in judged[number]) for number in proposal_ids(slot_id)]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("starts_at", "minutes", "codes"),
    [
        (DAY_AFTER, 90, []),
        (DAY_AFTER, 60, ["other_length"]),
        (DAY_AFTER.replace(hour=4), 90, ["outside_hours"]),
        (datetime(2027, 3, 20, 9, tzinfo=UTC), 90, ["weekend"]),
        (datetime(2027, 3, 26, 9, tzinfo=UTC), 90, ["holiday", "outside_wishes"]),
        (NOW + timedelta(hours=3), 90, ["outside_wishes", "too_soon"]),
        (datetime(2027, 3, 16, 12, tzinfo=UTC), 90, ["overlap"]),
        (datetime(2027, 3, 17, 9, tzinfo=UTC), 90, ["travel_too_short"]),
        (datetime(2027, 3, 18, 9, 20, tzinfo=UTC), 90, ["host_taken"]),
        (datetime(2027, 3, 19, 9, tzinfo=UTC), 90, ["host_wanted"]),
    ],
    ids=str,
)
def test_staff_see_what_speaks_against_an_offered_time(reference, starts_at, minutes, codes):
    visit = visit_row(reference)
    save(
        DateWindow(
            visit_id=visit.id,
            position=9,
            earliest_on=date(2027, 3, 15),
            latest_on=date(2027, 3, 20),
            half_days=2,
        )
    )
    database.session.execute(
        update(DateWindow).where(DateWindow.position != 9).values(latest_on=DateWindow.earliest_on)
    )
    database.session.commit()
    other = a_visit().reference
    asked(
        other,
        starts_at=datetime(2027, 3, 18, 8, tzinfo=UTC),
        ends_at=datetime(2027, 3, 18, 9, 30, tzinfo=UTC),
    )
    wishes = {
        "starts_at": datetime(2027, 3, 19, 9, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 19, 10, tzinfo=UTC),
    }
    add_slot(other, plan("stormossen", **wishes), who=STAFF, now=NOW)
    slot_id = asked(reference, hour=7)
    asked(reference, "westenergy", 13.0, title="Later")
    if codes == ["travel_too_short"]:
        sails = datetime(2027, 3, 17, 12, tzinfo=UTC)
        asked(reference, "vakin", starts_at=sails, ends_at=sails + HOUR)

    offer(slot_id, starts_at, minutes)

    assert [set(found) - {"no_lunch"} for found in concerns(slot_id)] == [set(codes)]


@pytest.mark.parametrize("way", [offer, offer_by_mail], ids=["page", "mail"])
def test_a_visit_takes_a_fitting_time_by_itself_and_tells_everybody_once(reference, way):
    first, other = asked(reference), asked(reference, "westenergy", 12.0)
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)
    before = len(mails())

    way(first, DAY_AFTER)

    row = slot_row(first)
    assert (row.state, row.starts_at, row.answer_comment) == ("accepted", DAY_AFTER, "Rather then")
    assert calendar_messages(first) == [("REQUEST", 0), ("REQUEST", 1)]
    assert [(one.kind, one.method, one.sequence) for one in mails()[before:]] == [
        ("proposal_taken", "REQUEST", 1),
        ("staff_rule_took", None, None),
    ]
    assert "Tuesday 16 March 2027" in mails()[-1].text
    assert delegation_hold(first)[1] == DAY_AFTER + 1.5 * HOUR
    assert by_rule() == [("take_proposal", "rule")]
    assert slot_row(other).state == "pending"
    assert [row.state for row in inbox_rows()] == (["logged"] if way is offer_by_mail else [])


def by_rule():
    query = database.session.query(AuditEntry.action, AuditEntry.actor_name)
    return [tuple(row) for row in query.filter(AuditEntry.actor_name == "rule")]


@pytest.mark.parametrize("way", [offer, offer_by_mail], ids=["page", "mail"])
@pytest.mark.parametrize(
    ("starts_at", "minutes"),
    [(DAY_AFTER, 60), (datetime(2027, 3, 20, 9, tzinfo=UTC), 90)],
    ids=["short", "weekend"],
)
def test_a_time_that_anything_speaks_against_waits_for_staff(reference, way, starts_at, minutes):
    slot_id = asked(reference)
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)
    before = len(mails())

    way(slot_id, starts_at, minutes)

    assert slot_row(slot_id).state == "countered"
    assert [one.kind for one in mails()[before:]] == ["staff_host_proposed"]
    assert calendar_messages(slot_id) == [("REQUEST", 0)]


@pytest.mark.sqlite_only
def test_without_the_rule_every_offer_waits_and_with_it_only_later_ones_are_taken(reference):
    slot_id = asked(reference)
    offer(slot_id, DAY_AFTER)

    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)

    assert slot_row(slot_id).state == "countered"
    set_fitting_times(reference, takes=False, who=STAFF, now=NOW)
    offer(slot_id, DAY_AFTER + HOUR)
    assert slot_row(slot_id).state == "countered"


@pytest.mark.sqlite_only
def test_the_rule_leaves_a_programme_alone_that_the_visitor_has_in_hand(reference):
    slot_id = asked(reference)
    accept_slot(host_token(slot_id), now=NOW)
    assert visit_row(reference).state == "proposed"
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)

    offer(slot_id, DAY_AFTER)

    assert (slot_row(slot_id).state, concerns(slot_id)) == ("countered", [["visitor_knows"]])


def test_the_rule_never_books_a_host_twice(reference):
    """The look beforehand may be old: the holds decide."""
    slot_id = asked(reference)
    other = a_visit().reference
    taken = asked(other, starts_at=DAY_AFTER, ends_at=DAY_AFTER + HOUR)
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)

    offer(slot_id, DAY_AFTER)

    assert (slot_row(slot_id).state, slot_row(taken).state) == ("countered", "pending")
    assert concerns(slot_id) == [["host_taken"]]


@pytest.mark.parametrize("way", [offer, offer_by_mail], ids=["page", "mail"])
def test_when_somebody_was_quicker_the_offer_waits_whole(reference, way, monkeypatch):
    slot_id = asked(reference)
    taken = asked(a_visit().reference, starts_at=DAY_AFTER, ends_at=DAY_AFTER + HOUR)
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)
    before = len(mails())
    # As if the other visit's hold had come between the look and the taking.
    monkeypatch.setattr("bookings.queries.planning.proposals.build_busy_times", lambda *_: [])

    way(slot_id, DAY_AFTER)

    row = slot_row(slot_id)
    assert (row.state, row.starts_at, slot_row(taken).state) == (
        "countered",
        plan("stormossen").starts_at,
        "pending",
    )
    assert [one.kind for one in mails()[before:]] == ["staff_host_proposed"]
    assert (len(proposal_ids(slot_id)), calendar_messages(slot_id)) == (1, [("REQUEST", 0)])
    assert by_rule() == []


@pytest.mark.sqlite_only
def test_a_no_with_a_fitting_time_is_taken_in_one_mail(reference):
    slot_id = asked(reference)
    set_fitting_times(reference, takes=True, who=STAFF, now=NOW)
    receive_mail(answer(invited(slot_id), "DECLINED"), now=NOW)
    before = len(mails())

    times = f"DTSTART:{DAY_AFTER:%Y%m%dT%H%M%SZ}\nDURATION:PT90M"
    raw = answer(invited(slot_id), "TENTATIVE", method="COUNTER", times=times, at=NOW + 2 * HOUR)
    receive_mail(raw, now=NOW + 2 * HOUR)

    assert slot_row(slot_id).state == "accepted"
    assert [one.kind for one in mails()[before:]] == ["proposal_taken", "staff_rule_took"]
    sequences = [sequence for _, sequence in calendar_messages(slot_id)]
    assert sequences == sorted(set(sequences))


@pytest.mark.sqlite_only
def test_staff_take_and_refuse_as_before(reference):
    one, other = asked(reference), asked(reference, "westenergy", 12.0)
    offer(one, DAY_AFTER)
    offer(other, DAY_AFTER + 4 * HOUR)

    take_proposal(one, proposal_ids(one)[0], who=STAFF, now=NOW)
    refuse_proposal(other, who=STAFF, now=NOW)

    assert calendar_messages(one) == [("REQUEST", 0), ("REQUEST", 1)]
    assert calendar_messages(other) == [("REQUEST", 0), ("DECLINECOUNTER", 0)]
    assert database.session.query(ProposedTime).count() == 0
    propose = visit_row(reference).state
    assert propose == "awaiting_hosts"
    accept_slot(host_token(other), now=NOW)
    assert visit_row(reference).state == "proposed"
