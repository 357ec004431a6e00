"""The outbox: what is queued, in which order it may leave, what staff decide."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from bookings.db import read_session, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.outbox import OutboxState
from bookings.domain.visits import Actor
from bookings.models.outbox import OutboxMessage
from bookings.services import outbox
from bookings.services.outbox import queueing
from tests.support.mails import a_calendar, a_mail, add_test_template, outbox_row, queue, states_by_cause

STAFF = Who(Actor.STAFF, "Maria")


@pytest.fixture(autouse=True)
def template(app_context: Flask) -> None:
    add_test_template(app_context)


def claimed_ids(worker: str = "w", *, now: datetime, limit: int = 20) -> list[int]:
    return [mail.id for mail in outbox.claim_mails(worker, limit=limit, now=now)]


def ids_of(*causes: str) -> list[int]:
    return [outbox_row(cause).id for cause in causes]


def test_a_mail_is_queued_as_the_bytes_that_leave(now: datetime):
    mail = a_mail(
        recipient_name="Åsa Berg, Åbo", calendar=a_calendar(), reply_to="answer+t0k3n@kvarken.example"
    )

    queue(mail, now=now)

    raw = read_session().scalars(select(OutboxMessage).options(undefer(OutboxMessage.raw))).one().raw
    message = message_from_bytes(raw, policy=policy.default)
    assert message["To"].addresses[0].display_name == "Åsa Berg, Åbo"
    assert message["Reply-To"].addresses[0].addr_spec == "answer+t0k3n@kvarken.example"
    assert message["From"].addresses[0].addr_spec == "visits@kvarken.example"
    assert message["Message-ID"] == outbox_row("test:1").message_id
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert outbox_row("test:1").sender == "answer+t0k3n@kvarken.example"


def test_one_cause_tells_one_person_once(now: datetime):
    queue(a_mail(), a_mail(), a_mail(recipient="other@plant.example"), now=now)

    queue(a_mail(), now=now + timedelta(hours=1))

    assert read_session().scalar(select(func.count()).select_from(OutboxMessage)) == 2


def test_a_change_that_fails_leaves_no_mail(now: datetime):
    def change() -> None:
        with transaction() as session:
            outbox.queue_mail(session, a_mail(), now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()

    assert states_by_cause() == {}


def test_the_worker_is_rung_after_the_commit_only(now: datetime):
    queueing._bell.clear()

    with transaction() as session:
        outbox.queue_mail(session, a_mail(), now=now)
        rung_inside = queueing._bell.is_set()

    assert (rung_inside, queueing._bell.is_set()) == (False, True)


def test_a_preview_writes_nothing():
    rendered = outbox.render_mail(a_mail())

    assert (rendered.subject, "Welcome" in rendered.text, "<p>Welcome</p>" in rendered.html) == (
        "About test:1",
        True,
        True,
    )
    assert states_by_cause() == {}


def test_an_address_that_mail_cannot_carry_is_listed_and_stops_nobody(now: datetime):
    queue(a_mail("bad", recipient="no address"), a_mail("good"), now=now)

    assert states_by_cause() == {"bad": "failed", "good": "waiting"}
    assert outbox_row("bad").last_cause == "address"


@pytest.mark.settings(web={"base_url": "https://visits.example.org/kvarken"})
def test_links_in_mails_stand_under_the_configured_address():
    link = outbox.site_url("security.login")

    assert link.startswith("https://visits.example.org/kvarken/")


def test_mails_about_one_entry_leave_one_after_the_other(now: datetime):
    queue(
        a_mail("request", calendar=a_calendar()),
        a_mail("cancel", calendar=a_calendar("CANCEL", sequence=1)),
        a_mail("other", calendar=a_calendar(uid="two@kvarken.example")),
        now=now,
    )
    request, cancel, other = ids_of("request", "cancel", "other")

    first = claimed_ids(now=now)
    while_it_is_sent = claimed_ids("second worker", now=now)
    outbox.record_sent([request], now=now)
    afterwards = claimed_ids(now=now)

    assert (first, while_it_is_sent, afterwards) == ([request, other], [], [cancel])


def test_a_cancel_waits_for_a_request_that_is_tried_again_later(now: datetime):
    queue(a_mail("request", calendar=a_calendar()), now=now)
    queue(a_mail("cancel", calendar=a_calendar("CANCEL", sequence=1)), now=now)
    (request,) = claimed_ids("w", now=now)
    outbox.record_failure(request, "w", cause="recipient", reason="451 later", is_final=False, now=now)

    at_once = claimed_ids(now=now)
    later = claimed_ids(now=now + timedelta(minutes=2))

    assert (at_once, later) == ([], [request])


def test_two_workers_never_have_the_same_mail(now: datetime):
    queue(*(a_mail(f"test:{n}") for n in range(5)), now=now)

    first, second, third = (claimed_ids(f"w{n}", now=now, limit=3) for n in range(3))

    assert (len(first), len(second), len(third)) == (3, 2, 0)
    assert not set(first) & set(second)


def test_a_lease_ends_by_the_clock_of_the_database(now: datetime):
    queue(a_mail(), now=now)
    (mail,) = claimed_ids("dead worker", now=now)

    while_it_runs = claimed_ids(now=now + timedelta(days=400))
    with transaction() as session:
        session.execute(
            update(OutboxMessage).values(leased_until=datetime.fromisoformat("2020-01-01T00:00Z"))
        )
    after_its_end = claimed_ids(now=now)

    assert (while_it_runs, after_its_end) == ([], [mail])


def test_retries_follow_the_schedule_and_never_end(now: datetime):
    queue(a_mail(), now=now)
    waits = []

    for _ in range(8):
        (mail,) = claimed_ids("w", now=now)
        outbox.record_failure(mail, "w", cause="recipient", reason="451", is_final=False, now=now)
        waits.append((outbox_row("test:1").next_attempt_at - now) / timedelta(minutes=1))
        now = outbox_row("test:1").next_attempt_at

    expected = [1, 5, 15, 30, 60, 60, 60, 60]
    assert all(0.8 * e <= w <= 1.2 * e for w, e in zip(waits, expected, strict=True)), waits


def test_when_the_relay_is_down_everything_waits_and_the_oldest_is_tried_first(now: datetime):
    queue(*(a_mail(f"test:{n}") for n in range(3)), now=now)
    ids = claimed_ids("w", now=now, limit=2)
    outbox.record_relay_failure(ids, "w", cause="connection", reason="refused", now=now)
    queue(a_mail("new"), now=now + timedelta(seconds=20))

    too_early = claimed_ids(now=now + timedelta(seconds=10))
    with_the_new_one = claimed_ids(now=now + timedelta(seconds=20))

    assert too_early == []
    assert with_the_new_one == ids_of("test:0", "test:1", "test:2", "new")
    assert outbox_row("test:2").attempts == 0
    assert outbox_row("test:2").last_cause == "relay:connection"


def test_an_invitation_whose_time_has_passed_is_listed_and_not_sent(now: datetime):
    queue(a_mail("late", expires_at=now + timedelta(hours=1)), a_mail("other"), now=now)

    claimed = claimed_ids(now=now + timedelta(hours=1))

    assert claimed == ids_of("other")
    assert states_by_cause() == {"late": "too_late", "other": "sending"}


def test_a_clock_that_was_wrong_holds_no_mail_back(now: datetime):
    queue(a_mail(), now=now + timedelta(days=300))

    assert len(claimed_ids(now=now)) == 1


def test_a_failure_that_comes_after_the_lease_changes_nothing(now: datetime):
    queue(a_mail(), now=now)
    (mail,) = claimed_ids("first", now=now)
    with transaction() as session:
        session.execute(update(OutboxMessage).values(leased_by="second"))

    outbox.record_failure(mail, "first", cause="timeout", reason="", is_final=True, now=now)

    assert states_by_cause() == {"test:1": "sending"}


def test_staff_retry_a_failed_mail_at_once(now: datetime):
    queue(a_mail(), now=now)
    (mail,) = claimed_ids("w", now=now)
    outbox.record_failure(mail, "w", cause="recipient", reason="550 no", is_final=True, now=now)

    outbox.retry_mail(mail, who=STAFF, now=now + timedelta(hours=1))

    assert claimed_ids(now=now + timedelta(hours=1)) == [mail]


def test_staff_drop_a_mail_and_the_next_about_the_same_entry_may_leave(now: datetime):
    queue(a_mail("request", calendar=a_calendar()), now=now)
    queue(a_mail("cancel", calendar=a_calendar("CANCEL", sequence=1)), now=now)

    outbox.drop_mail(ids_of("request")[0], who=STAFF, now=now)

    assert claimed_ids(now=now) == ids_of("cancel")


def test_an_old_invitation_is_not_retried_after_its_cancel_has_left(now: datetime):
    queue(a_mail("request", calendar=a_calendar()), now=now)
    queue(a_mail("cancel", calendar=a_calendar("CANCEL", sequence=1)), now=now)
    request, cancel = ids_of("request", "cancel")
    outbox.drop_mail(request, who=STAFF, now=now)
    outbox.record_sent([cancel], now=now)

    with pytest.raises(TransitionNotAllowedError):
        outbox.retry_mail(request, who=STAFF, now=now)

    assert states_by_cause()["request"] == OutboxState.DROPPED


def test_a_sent_mail_cannot_be_dropped_and_an_unknown_one_not_found(now: datetime):
    queue(a_mail(), now=now)
    outbox.record_sent(ids_of("test:1"), now=now)

    with pytest.raises(TransitionNotAllowedError):
        outbox.drop_mail(ids_of("test:1")[0], who=STAFF, now=now)
    with pytest.raises(NotFoundError):
        outbox.drop_mail(4711, who=STAFF, now=now)


def test_texts_of_mails_go_after_two_weeks_and_the_rest_after_a_year(now: datetime):
    queue(a_mail("sent"), a_mail("open"), now=now)
    outbox.record_sent(ids_of("sent"), now=now)

    outbox.prune_outbox(now=now + timedelta(days=15))
    sent, still_open = (raw_of(cause) for cause in ("sent", "open"))
    outbox.prune_outbox(now=now + timedelta(days=370))

    assert (sent, still_open != b"") == (b"", True)
    assert states_by_cause() == {"open": "waiting"}


def raw_of(cause: str) -> bytes:
    return read_session().execute(select(OutboxMessage.raw).where(OutboxMessage.cause == cause)).scalar_one()
