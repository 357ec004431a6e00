"""A delegation asks for something else by now: staff write it down, and whom it concerns hears of it once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.errors import (
    GroupsNotFilledError,
    RecordChangedError,
    TransitionNotAllowedError,
)
from bookings.domain.planning import Journey
from bookings.domain.requests import RequestedVisit, WishedDays
from bookings.models.audit import AuditEntry
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.queries.releases import load_release
from bookings.queries.visits import load_visit_file
from bookings.queries.visits.wishes import build_requested
from bookings.services.planning import save_journey
from bookings.services.slots import accept_slot, add_slot, change_slot, decline_slot
from bookings.services.visits import (
    accept_programme,
    cancel_visit_by_staff,
    change_request,
    release_visit,
)
from tests.support.builders import a_directory, a_visit
from tests.support.stories import (
    STAFF,
    entry_row,
    host_token,
    mails,
    plan,
    slot_row,
    visit_row,
    visitor_token,
)

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def reference() -> str:
    """Ten people; nobody is asked yet."""
    a_directory()
    return a_visit().reference


@pytest.fixture
def asked(reference, now) -> tuple[str, int, int]:
    """Two hosts were asked, and the first one said yes."""
    accepted = add_slot(reference, plan("stormossen", 9), who=STAFF, now=now)
    pending = add_slot(reference, plan("westenergy", 14), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    accept_slot(host_token(accepted), now=now)
    return reference, accepted, pending


def requested(reference: str) -> RequestedVisit:
    database.session.rollback()
    file = load_visit_file(database.session, reference)
    return build_requested(file.visit, file.wishes)


def change(reference: str, *, now, seen: int | None = None, **differently: object) -> None:
    wish = replace(requested(reference), **differently)
    change_request(reference, wish, seen=seen, who=STAFF, now=now)


def told_of(before: int) -> list[tuple[str, str, str | None, int | None]]:
    return [(one.recipient.partition("@")[2], one.kind, one.method, one.sequence) for one in mails()[before:]]


def test_hosts_that_were_asked_hear_once_that_more_people_come_and_keep_their_answers(asked, now):
    reference, accepted, pending = asked
    before = len(mails())

    change(reference, group_size=14, now=now)

    assert sorted(told_of(before)) == [
        ("stormossen.example", "visitors_changed", "REQUEST", 0),
        ("visitor.example", "request_changed", None, None),
        ("westenergy.example", "visitors_changed", "REQUEST", 0),
    ]
    to_first, to_second = mails()[before : before + 2]
    for mail in (to_first, to_second):
        assert "How many: 10 people → 14 people" in mail.text
        assert mail.subject.startswith("Updated: ")
    assert "Your answer stays as it is." in to_first.text
    assert "answer=accept" in to_second.text
    assert (slot_row(accepted).state, slot_row(pending).state) == ("accepted", "pending")
    for slot_id in (accepted, pending):
        assert "14 people" in entry_row(slot_id).description


def test_calendars_take_the_other_number_as_the_later_word_about_the_same_entry(asked, now):
    reference, accepted, _ = asked
    entry = entry_row(accepted)
    uid, stamp = entry.uid, entry.changed_at
    feed = database.session.scalar(select(Slot.feed_stamp).where(Slot.id == accepted))

    change(reference, group_size=14, now=now)

    entry = entry_row(accepted)
    assert (entry.uid, entry.sequence) == (uid, 0)
    assert entry.changed_at > stamp
    assert database.session.scalar(select(Slot.feed_stamp).where(Slot.id == accepted)) != feed


def test_the_visitor_reads_what_it_was_and_what_it_is(reference, now):
    days = WishedDays(date(2027, 5, 10), date(2027, 5, 12), 4, is_flexible=True)

    change(
        reference, now=now, group_size=1, windows=(days,), places=("vaasa",), visit_languages=("sv", "de"),
        purpose="We would rather see how batteries are made and recycled.",
    )  # fmt: skip

    text = mails()[-1].text
    assert "How many: 10 people → 1 person" in text
    assert "→ Monday 10 May 2027 – Wednesday 12 May 2027, 2 days, flexible" in text
    assert "Towns: Umeå, Vaasa → Vaasa" in text
    assert "Languages: English → Swedish, German" in text
    assert "Purpose: We would rather see how batteries are made and recycled." in text
    assert "See how waste" not in text
    assert requested(reference).windows == (days,)


def test_each_reads_it_in_their_own_language(now):
    a_directory()
    reference = a_visit(language="fi").reference

    change(reference, group_size=14, now=now)

    assert "10 henkilöä → 14 henkilöä" in mails()[-1].text


def test_other_days_and_topics_are_no_mail_to_hosts(asked, now):
    reference, _, _ = asked
    before = len(mails())

    change(reference, interests=("bioeconomy",), interest_other="Peat as well", now=now)

    assert told_of(before) == [("visitor.example", "request_changed", None, None)]
    assert requested(reference).interests == ("bioeconomy",)


def test_what_kind_of_visit_it_is_stays_between_staff(reference, now):
    change(reference, visit_kind="press", now=now)

    assert mails() == []
    assert visit_row(reference).visit_kind == "press"


def test_hosts_that_were_not_asked_or_said_no_hear_nothing(asked, now):
    reference, _, pending = asked
    decline_slot(host_token(pending), now=now)
    add_slot(reference, plan("vakin", 17), who=STAFF, now=now)
    before = len(mails())

    change(reference, group_size=14, now=now)

    assert [one[0] for one in told_of(before)] == ["stormossen.example", "visitor.example"]


def test_the_same_again_changes_nothing(asked, now):
    reference, _, _ = asked
    change(reference, group_size=14, now=now)
    before, version = len(mails()), visit_row(reference).version

    change(reference, group_size=14, places=("umea", "vaasa"), now=now)

    assert (len(mails()), visit_row(reference).version) == (before, version)


def test_a_confirmed_visit_stays_confirmed(asked, now):
    reference, _, pending = asked
    accept_slot(host_token(pending), now=now)
    accept_programme(visitor_token(reference), now=now)

    change(reference, group_size=14, now=now)

    assert visit_row(reference).state == "confirmed"


def test_a_host_of_one_group_reads_of_that_group(reference, now):
    save_journey(reference, Journey(groups=2), who=STAFF, now=now)
    add_slot(reference, plan("stormossen", group=2), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)

    change(reference, group_size=15, now=now)

    [to_host] = [one for one in mails() if one.kind == "visitors_changed"]
    assert "Group 2 of 2, 5 people → Group 2 of 2, 7 people" in to_host.text


def test_fewer_people_than_groups_are_refused(reference, now):
    save_journey(reference, Journey(groups=3), who=STAFF, now=now)

    with pytest.raises(GroupsNotFilledError):
        change(reference, group_size=2, now=now)

    change(reference, group_size=3, now=now)
    assert requested(reference).group_size == 3


def test_a_closed_visit_stays_as_it_was(asked, now):
    reference, _, _ = asked
    cancel_visit_by_staff(reference, "Snow", who=STAFF, now=now)

    with pytest.raises(TransitionNotAllowedError):
        change(reference, group_size=14, now=now)


def test_who_read_the_request_before_somebody_changed_it_looks_again(reference, now):
    database.session.rollback()
    audit = load_visit_file(database.session, reference).audit
    seen = audit[0].id if audit else 0
    change(reference, group_size=14, now=now)

    with pytest.raises(RecordChangedError):
        change(reference, group_size=20, seen=seen, now=now)


def test_a_release_that_was_looked_at_before_is_looked_at_again(reference, now):
    add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    visit_id = visit_row(reference).id
    basis = load_release(database.session, visit_id).fingerprint

    change(reference, group_size=14, now=now)

    database.session.rollback()
    assert load_release(database.session, visit_id).fingerprint != basis


def test_the_trail_names_what_changed_and_keeps_no_words(reference, now):
    change(reference, group_size=14, purpose="A purpose that nobody should find in the trail.", now=now)

    entry = database.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.action == "change_request"
    assert entry.detail == {"fields": ["purpose", "group_size"], "told": {"group_size": [10, 14]}}


def test_a_host_whose_stop_is_over_hears_nothing(asked, now):
    reference, accepted, _ = asked
    after = slot_row(accepted).ends_at + timedelta(minutes=1)
    before = database.session.scalars(select(OutboxMessage.id)).all()

    change(reference, group_size=14, now=after)

    assert [one[1] for one in told_of(len(before))].count("visitors_changed") == 0


def test_words_of_a_stop_that_change_afterwards_are_told_as_ever(asked, now):
    reference, _, pending = asked
    change(reference, group_size=14, now=now)
    row = slot_row(pending)

    wish = plan("westenergy", starts_at=row.starts_at, ends_at=row.ends_at, message="Bring boots")
    change_slot(pending, wish, version=row.version, tells_host=True, who=STAFF, now=now)

    assert (mails()[-1].kind, mails()[-1].sequence) == ("invitation_updated", 0)
