"""What goes when its time is over: the promises of the privacy page, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bookings.db import Base, database
from bookings.domain.errors import LinkExpiredError, TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import Actor
from bookings.jobs.schedule import JOBS
from bookings.models.audit import AuditEntry
from bookings.models.calendar import Attendee
from bookings.models.limits import LimitedAct
from bookings.models.links import ActionLink
from bookings.models.newsletter import NewsletterSubscription
from bookings.models.staff import StaffSession
from bookings.models.visits import Agreement, VisitDraft, VisitRequest
from bookings.services import retention
from bookings.services.links import add_link
from bookings.services.newsletter import confirm_newsletter
from bookings.services.outbox import prune_outbox
from bookings.services.requests import submit_request, verify_request
from bookings.services.staff import Client, start_sign_in
from bookings.services.visits import reopen_visit
from tests.services.test_requests import SENT, WISH
from tests.support.builders import a_visit, save
from tests.support.clock import NOW
from tests.support.own_pages import everything_stored
from tests.support.remembered import a_cancelled_visit, words_left
from tests.support.staff import an_account
from tests.support.stories import STAFF, slot_row, visit_row

pytestmark = pytest.mark.usefixtures("app_context")

DAY = timedelta(days=1)
TWO_YEARS = timedelta(days=731)
FORGETTING = (
    retention.forget_drafts, retention.forget_unproved_requests, retention.forget_traces,
    retention.forget_audit, retention.forget_planning_runs, retention.anonymise_visits,
)  # fmt: skip


def count(table: type[Base]) -> int:
    database.session.rollback()
    return database.session.scalar(select(func.count()).select_from(table))


def test_every_job_of_retention_is_called_by_the_worker():
    called = {job.run for job in JOBS}

    assert called >= {*FORGETTING, prune_outbox}


def test_of_a_visit_closed_two_years_ago_only_figures_are_left():
    reference = a_cancelled_visit()
    assert words_left() >= {
        "Kadri",
        "Note-words",
        "Cancel-words",
        "Decline-words",
        "Host of",
        "visitor.example",
    }

    retention.anonymise_visits(now=NOW + TWO_YEARS)

    assert words_left() == set()
    visit = visit_row(reference)
    assert (visit.state, visit.visit_kind, visit.closed_by) == ("cancelled", "study_visit", "visitor")
    assert count(Attendee) == 2


def test_the_figures_of_an_anonymised_visit_stay(now):
    reference = a_cancelled_visit()
    queries = [
        "SELECT organisation_country, group_size FROM delegation",
        "SELECT earliest_on, latest_on, half_days FROM date_window",
        "SELECT state, starts_at, organisation_id FROM slot ORDER BY id",
        "SELECT place_slug FROM visit_place ORDER BY 1",
    ]
    figures = [database.session.execute(text(query)).all() for query in queries]

    retention.anonymise_visits(now=now + TWO_YEARS)

    database.session.rollback()
    assert [database.session.execute(text(query)).all() for query in queries] == figures
    assert slot_row(1).title in ("Stormossen", "Vakin")
    with pytest.raises(TransitionNotAllowedError):
        reopen_visit(reference, who=STAFF, now=now + TWO_YEARS)


def test_forgetting_twice_is_the_same_as_once(now):
    a_cancelled_visit()
    submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=now)
    later = now + TWO_YEARS
    for job in FORGETTING:
        job(now=later)
    before = everything_stored()

    for job in FORGETTING:
        job(now=later + DAY)

    assert everything_stored() == before


def test_nothing_goes_before_its_time(now):
    a_cancelled_visit()
    submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=now)
    save(VisitDraft(token_hash=b"d" * 32, language="en", answers={}, created_at=now, expires_at=now + DAY))
    before = everything_stored()

    for job in FORGETTING:
        job(now=now + DAY / 2)

    assert everything_stored() == before


def test_more_visits_than_one_batch_are_anonymised(monkeypatch, now):
    monkeypatch.setattr(retention, "_BATCH", 2)
    for _ in range(5):
        a_visit(state="declined", closed_at=now)
    a_visit(state="confirmed", closed_at=None)

    retention.anonymise_visits(now=now + TWO_YEARS)

    database.session.rollback()
    names = sorted(database.session.scalars(select(VisitRequest.contact_name)))
    assert names == ["", "", "", "", "", "Kadri Tamm"]


def test_a_request_whose_address_nobody_proved_goes_with_all_that_names_it(now):
    kept = a_visit().reference
    submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=now)

    retention.forget_unproved_requests(now=now + 8 * DAY)

    database.session.rollback()
    assert list(database.session.scalars(select(VisitRequest.reference))) == [kept]
    stored = " ".join(row for rows in everything_stored().values() for row in rows)
    assert [word for word in ("mari@", "Mari Tamm", "West Estonian towns") if word in stored] == []
    assert count(ActionLink) == 0


def test_a_request_whose_address_was_proved_stays(now):
    submitted = submit_request(WISH, sent=SENT, now=now)
    verify_request(submitted.verify_token, now=now)

    retention.forget_unproved_requests(now=now + 400 * DAY)

    assert visit_row(submitted.reference).contact_email == "mari@towns.example"


def test_a_newsletter_that_nobody_confirmed_is_forgotten_and_its_link_says_so(now):
    submitted = submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=now)
    verify_request(submitted.verify_token, now=now)
    reader = database.session.scalars(select(NewsletterSubscription)).one()
    token = _newsletter_link(reader.id)

    retention.forget_unproved_requests(now=now + 8 * DAY)

    database.session.rollback()
    assert database.session.scalars(select(NewsletterSubscription.email)).one() == f"left:{reader.id}"
    with pytest.raises(LinkExpiredError):
        confirm_newsletter(token, now=now + 8 * DAY)


def test_a_confirmed_newsletter_stays(now):
    submitted = submit_request(WISH, sent=replace(SENT, wants_newsletter=True), now=now)
    verify_request(submitted.verify_token, now=now)
    reader = database.session.scalars(select(NewsletterSubscription)).one()
    confirm_newsletter(_newsletter_link(reader.id), now=now)

    retention.forget_unproved_requests(now=now + 400 * DAY)

    database.session.rollback()
    assert database.session.scalars(select(NewsletterSubscription.email)).one() == "mari@towns.example"


def _newsletter_link(subscription_id: int) -> str:
    token = add_link(
        database.session, LinkPurpose.NEWSLETTER_CONFIRM, subscription_id, now=NOW, expires_at=None
    )
    database.session.commit()
    return token


def test_a_half_filled_form_goes_on_its_day(now):
    for number in range(2):
        save(
            VisitDraft(
                token_hash=bytes([number]) * 32, language="en", answers={}, created_at=now,
                expires_at=now + number * DAY,
            )
        )  # fmt: skip

    retention.forget_drafts(now=now)

    assert count(VisitDraft) == 1


def test_counted_acts_sign_ins_addresses_and_dead_links_go(app_context, now):
    a_visit(submitted_at=now)
    user = an_account(app_context)
    start_sign_in(user, Client("203.0.113.9", "Firefox"), now=now)
    save(
        LimitedAct(kind="request_client", key_hash=b"k" * 32, happened_at=now),
        ActionLink(
            token_hash=b"t" * 32, purpose="verify_request", subject_id=9, created_at=now, expires_at=now + DAY
        ),
    )

    retention.forget_traces(now=now + 31 * DAY)

    assert (count(LimitedAct), count(StaffSession), count(ActionLink)) == (0, 0, 1)
    database.session.rollback()
    assert list(database.session.scalars(select(Agreement.network_address))) == [""]
    retention.forget_traces(now=now + 400 * DAY)
    assert count(ActionLink) == 0


def test_the_trail_ends_after_two_years(now):
    save(
        *(
            AuditEntry(
                happened_at=now + years * TWO_YEARS, actor_kind=Actor.STAFF, actor_name="Anna", action="act",
                noun="visit_request", subject_id=1, visit_id=1, detail={},
            )
            for years in (0, 1)
        )
    )  # fmt: skip

    retention.forget_audit(now=now + TWO_YEARS)

    assert count(AuditEntry) == 1
