"""One release tells of everything that was planned: each reader what was foreseen, nobody anything else."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bookings.db import database, read_session
from bookings.domain.errors import (
    FieldsNotKnownError,
    NothingToReleaseError,
    RecordChangedError,
    SlotTakenError,
)
from bookings.queries.planned import preview_change
from bookings.services.slots import accept_slot, add_slot, plan_change, plan_withdrawal
from bookings.services.visits import (
    accept_programme,
    change_now,
    foresee_release,
    release_slots,
    release_visit,
)
from bookings.services.visits.letters import hold_back, load_letter, write_opening
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.own_pages import everything_stored
from tests.support.stories import (
    STAFF,
    calendar_messages,
    entry_row,
    holds_of,
    host_token,
    kinds,
    mails,
    plan,
    slot_row,
    visit_row,
    visitor_token,
)

pytestmark = pytest.mark.usefixtures("app_context")
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Confirmed:
    """A visit that everybody said yes to: two stops in Vaasa on one day."""

    reference: str
    morning: int
    noon: int


@pytest.fixture
def confirmed(app_context) -> Confirmed:
    a_directory()
    reference = a_visit().reference
    ids = [
        add_slot(reference, plan(slug, hour), who=STAFF, now=NOW)
        for slug, hour in (("stormossen", 7), ("westenergy", 10))
    ]
    release_visit(reference, who=STAFF, now=NOW)
    for slot_id in ids:
        accept_slot(host_token(slot_id), now=NOW)
    accept_programme(visitor_token(reference), now=NOW)
    assert visit_row(reference).state == "confirmed"
    return Confirmed(reference, *ids)


def plan_move(slot_id: int, slug: str, hour: float, **more) -> None:
    plan_change(slot_id, plan(slug, hour, **more), version=slot_row(slot_id).version, who=STAFF, now=LATER)


def new_mails(before: int) -> list:
    return [mail for mail in mails()[before:] if not mail.kind.startswith("staff_")]


def release_and_compare(reference: str) -> list:
    """Release what was foreseen; each mail is the one that was read before, but for its links."""
    seen, before = foresee_release(reference, now=LATER), len(mails())
    release_visit(reference, basis=seen.basis, who=STAFF, now=LATER)
    sent = new_mails(before)
    assert [(one.template, one.recipient, one.subject) for one in seen.mails] == [
        (one.kind, one.recipient, one.subject) for one in sent
    ]
    for one, other in zip(seen.mails, sent, strict=True):
        assert _without_links(one.text) == _without_links(other.text)
    return sent


def _without_links(text: str) -> list[str]:
    return [" ".join(line.split("http")[0].split("webcal")[0].split()) for line in text.splitlines()]


def test_two_hosts_and_the_visitor_get_one_mail_each_with_sequence_plus_one(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    plan_move(confirmed.noon, "westenergy", 7)
    sequences = [entry_row(one).sequence for one in (confirmed.morning, confirmed.noon)]

    sent = release_and_compare(confirmed.reference)

    assert [one.kind for one in sent] == ["invitation_changed", "invitation_changed", "programme_reopened"]
    assert len({one.recipient for one in sent}) == 3
    assert [entry_row(one).sequence for one in (confirmed.morning, confirmed.noon)] == [
        one + 1 for one in sequences
    ]
    assert sent[-1].text.count("another time. Before:") == 2
    assert visit_row(confirmed.reference).state == "awaiting_hosts"


def test_stops_may_change_places_in_one_release(confirmed):
    """One after the other neither could take the time of the other."""
    plan_move(confirmed.morning, "stormossen", 10)
    plan_move(confirmed.noon, "westenergy", 7)

    release_and_compare(confirmed.reference)

    assert slot_row(confirmed.morning).starts_at > slot_row(confirmed.noon).starts_at
    assert holds_of(confirmed.morning) == [("delegation", "hard"), ("host", "hard")]


def test_a_replacement_takes_the_old_invitation_back_and_asks_the_new_host(confirmed):
    plan_move(confirmed.noon, "vakin", 30)

    sent = release_and_compare(confirmed.reference)

    assert [one.kind for one in sent] == ["invitation_cancelled", "invitation", "programme_reopened"]
    assert slot_row(confirmed.noon).state == "withdrawn"
    assert calendar_messages(confirmed.noon)[-1] == ("CANCEL", entry_row(confirmed.noon).sequence)
    assert "Another host. Before:" in sent[-1].text


def test_a_withdrawn_stop_of_a_programme_that_stands_is_told_to_the_visitor_once(confirmed):
    plan_withdrawal(confirmed.noon, version=slot_row(confirmed.noon).version, who=STAFF, now=LATER)

    sent = release_and_compare(confirmed.reference)

    assert [one.kind for one in sent] == ["invitation_cancelled", "programme_changed"]
    assert "No longer in the programme" in sent[-1].text


def test_pressing_twice_sends_once(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    seen = foresee_release(confirmed.reference, now=LATER)
    release_visit(confirmed.reference, basis=seen.basis, who=STAFF, now=LATER)
    before = everything_stored()

    release_visit(confirmed.reference, basis=seen.basis, who=STAFF, now=LATER)

    assert everything_stored() == before


def test_what_was_not_seen_is_not_released(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    seen = foresee_release(confirmed.reference, now=LATER)
    plan_move(confirmed.noon, "westenergy", 14)
    before = len(kinds())

    with pytest.raises(RecordChangedError):
        release_visit(confirmed.reference, basis=seen.basis, who=STAFF, now=LATER)

    assert len(kinds()) == before


def test_a_stale_plan_is_never_carried_out(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    change_now(
        confirmed.noon, plan("westenergy", 15), version=slot_row(confirmed.noon).version, who=STAFF, now=LATER
    )
    plan_move(confirmed.noon, "westenergy", 17)
    accept_slot(host_token(confirmed.noon), now=LATER)
    starts_at = slot_row(confirmed.noon).starts_at

    release_and_compare(confirmed.reference)

    assert slot_row(confirmed.noon).starts_at == starts_at
    with pytest.raises(NothingToReleaseError):
        release_visit(confirmed.reference, who=STAFF, now=LATER)


def test_a_refusal_names_the_slot_and_leaves_all_as_it_was(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    plan_move(confirmed.noon, "westenergy", 15)
    other = a_visit().reference
    add_slot(other, plan("westenergy", 15), who=STAFF, now=LATER)
    release_visit(other, who=STAFF, now=LATER)
    before = everything_stored()

    with pytest.raises(SlotTakenError) as refusal:
        release_visit(confirmed.reference, who=STAFF, now=LATER)

    assert refusal.value.slot_id == confirmed.noon
    assert everything_stored() == before


def test_telling_one_slot_now_leaves_the_others_planned(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    plan_move(confirmed.noon, "westenergy", 15)
    before = len(mails())

    release_slots(confirmed.reference, [confirmed.noon], who=STAFF, now=LATER)
    release_slots(confirmed.reference, [confirmed.noon], who=STAFF, now=LATER)

    assert [one.kind for one in new_mails(before)] == ["invitation_changed", "programme_reopened"]
    database.session.rollback()
    assert [one.template for one in foresee_release(confirmed.reference, now=LATER).mails] == [
        "invitation_changed"
    ]


def test_staff_write_the_covering_words_and_what_looks_like_a_template_stays_as_it_is(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    about = f"slot-{confirmed.morning}"
    letter = load_letter(confirmed.reference, about, now=LATER)
    hostile = "Sorry, {visitors} come {when}. {{ 7*7 }} {% raw %} %(name)s <b>bold</b>"

    write_opening(
        confirmed.reference, about, hostile, template=letter.mail.template, version=0, who=STAFF, now=LATER
    )

    sent = release_and_compare(confirmed.reference)
    assert "Sorry, West Estonian delegation come Tuesday 16 March 2027, 14:00–15:30 EET." in sent[0].text
    assert "{{ 7*7 }} {% raw %} %(name)s <b>bold</b>" in sent[0].text
    assert "The plan for this visit has changed" not in sent[0].text
    assert letter.standard.startswith("The plan for this visit has changed")


def test_the_words_know_their_fields_and_a_second_writer_sees_the_first(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    about, words = f"slot-{confirmed.morning}", {"template": "invitation_changed", "who": STAFF, "now": LATER}

    with pytest.raises(FieldsNotKnownError):
        write_opening(confirmed.reference, about, "Dear {password}", version=0, **words)
    write_opening(confirmed.reference, about, "One", version=0, **words)
    with pytest.raises(RecordChangedError):
        write_opening(confirmed.reference, about, "Other", version=0, **words)
    write_opening(confirmed.reference, about, "", version=1, **words)

    assert not foresee_release(confirmed.reference, now=LATER).mails[0].has_own_words


def test_what_is_held_back_stays_planned_and_a_held_draft_stays_a_draft(confirmed):
    plan_move(confirmed.morning, "stormossen", 12)
    draft = add_slot(confirmed.reference, plan("westenergy", 14, is_required=False), who=STAFF, now=LATER)
    hold_back(confirmed.reference, draft, is_held=True, who=STAFF, now=LATER)
    hold_back(confirmed.reference, confirmed.morning, is_held=True, who=STAFF, now=LATER)
    with pytest.raises(NothingToReleaseError):
        release_visit(confirmed.reference, who=STAFF, now=LATER)

    hold_back(confirmed.reference, confirmed.morning, is_held=False, who=STAFF, now=LATER)
    release_and_compare(confirmed.reference)

    assert (slot_row(draft).state, slot_row(confirmed.morning).state) == ("draft", "pending")


def test_a_preview_of_one_change_names_everybody_who_would_be_told(confirmed):
    wish = plan("vakin", 30)

    move = preview_change(read_session(), confirmed.noon, wish, now=LATER)
    words = plan("westenergy", 10, title="Heat, in detail")
    quiet = preview_change(read_session(), confirmed.noon, words, now=LATER)

    assert [(one.address, one.is_visitor) for one in move.readers] == [
        ("visits@westenergy.example", False),
        ("visits@vakin.example", False),
        (visit_row(confirmed.reference).contact_email, True),
    ]
    assert [one.address for one in quiet.readers] == ["visits@westenergy.example"]
