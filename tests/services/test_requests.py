"""Requests without the pages: agreement, moderation, counting under contention, hostile forms."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.agreement import hash_clause
from bookings.domain.audit import Who
from bookings.domain.errors import CostsNotAcceptedError, LinkNotFoundError
from bookings.domain.requests import Contact, NewRequest, Sending, VisitingOrganisation, WishedDays
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.visits import Agreement, VisitDraft, VisitRequest
from bookings.services.requests import let_request_pass, submit_request, verify_request
from tests.support.booking import answers, hidden_fields, queued_mails
from tests.support.builders import a_directory
from tests.support.clock import NOW

STAFF = Who(Actor.STAFF, "Maria Lind")
WISH = NewRequest(
    interests=("bioeconomy/biogas",),
    visit_kind="study_visit",
    purpose="See how biogas is made from waste.",
    windows=(WishedDays(date(2027, 4, 12), date(2027, 4, 16), 6),),
    group_size=10,
    visit_languages=("en",),
    organisation=VisitingOrganisation(name="West Estonian towns", country="EE", kind="public"),
    contact=Contact(name="Mari Tamm", email="mari@towns.example", time_zone="Europe/Tallinn"),
)
SENT = Sending(
    form_key="form-1",
    language="sv",
    clause_version="2026-1",
    clause_text="Vi betalar allt själva.",
    accepts_costs=True,
    client_address="203.0.113.77",
)


def test_the_agreement_is_kept_word_by_word(app_context):
    submit_request(WISH, sent=SENT, now=NOW)

    agreement = read_session().scalars(select(Agreement)).one()
    assert (agreement.version, agreement.language, agreement.text) == ("2026-1", "sv", SENT.clause_text)
    assert agreement.text_sha256 == hash_clause(SENT.clause_text)
    assert (agreement.agreed_at, agreement.network_address) == (NOW, "203.0.113.0/24")


@pytest.mark.parametrize("change", [{"accepts_costs": False}, {"clause_version": "2025-9"}])
def test_without_the_agreement_nothing_is_kept(app_context, change):
    with pytest.raises(CostsNotAcceptedError):
        submit_request(WISH, sent=replace(SENT, **change), now=NOW)

    assert read_session().scalars(select(VisitRequest)).all() == []
    assert queued_mails(app_context) == []


def test_one_form_is_one_request(app_context):
    first = submit_request(WISH, sent=SENT, now=NOW)
    again = submit_request(WISH, sent=SENT, now=NOW + timedelta(minutes=1))

    assert (again.visit_id, again.reference) == (first.visit_id, first.reference)
    assert len(queued_mails(app_context)) == 1


def test_references_count_within_a_year(app_context):
    sent = [
        submit_request(WISH, sent=replace(SENT, form_key=str(number)), now=moment).reference
        for number, moment in enumerate([NOW, NOW, NOW + timedelta(days=365)])
    ]

    assert sent == ["KV-2027-0001", "KV-2027-0002", "KV-2028-0001"]


def test_requests_at_once_get_different_references(app_context):
    barrier, found = Barrier(6), []

    def send(number):
        with app_context.app_context():
            barrier.wait()
            found.append(submit_request(WISH, sent=replace(SENT, form_key=str(number)), now=NOW).reference)
            database.session.remove()

    threads = [Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(found) == [f"KV-2027-{number:04d}" for number in range(1, 7)]


def test_the_client_limit_counts_over_an_hour(app_context):
    def is_held(number, moment):
        contact = replace(WISH.contact, email=f"mari{number}@towns.example")
        sent = submit_request(
            replace(WISH, contact=contact), sent=replace(SENT, form_key=str(number)), now=moment
        )
        return sent.verify_token is None

    within = [is_held(number, NOW) for number in range(21)]
    later = is_held(21, NOW + timedelta(hours=1, seconds=1))

    assert within == [False] * 20 + [True]
    assert not later


def test_staff_let_a_held_request_pass_and_its_mail_goes_out(app_context):
    sent = submit_request(WISH, sent=replace(SENT, looks_automatic=True), now=NOW)
    assert queued_mails(app_context) == []

    let_request_pass(sent.reference, who=STAFF, now=NOW)
    let_request_pass(sent.reference, who=STAFF, now=NOW)

    assert [mail["To"] for mail in queued_mails(app_context)] == ["mari@towns.example"]
    acts = read_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["submit", "let_pass"]


def test_the_received_mail_repeats_the_agreement(app_context):
    sent = submit_request(WISH, sent=SENT, now=NOW)

    verify_request(sent.verify_token, now=NOW)

    received = queued_mails(app_context)[1]
    assert SENT.clause_text in received.get_body(("plain",)).get_content()


def test_a_token_that_nobody_has_proves_nothing(app_context):
    with pytest.raises(LinkNotFoundError):
        verify_request("nothing", now=NOW)


TEXT = st.text(max_size=300) | st.sampled_from(
    ["\x00", "\u202e", "=1+1", "{{7*7}}", "%(x)s", "%s", "9" * 400, "-1"]
)


@pytest.mark.sqlite_only
def test_200_hostile_forms_get_an_answer_and_never_a_fault(app, client):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
    hidden = hidden_fields(client.get("/book").text)
    right = answers()
    drafts = {}
    for step in ("visit", "contact", "check"):
        drafts[step] = client.post("/book", data={**hidden, **right["interests"]}).location.split("/")[2]
    names = {step: sorted(values) for step, values in right.items()}

    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), step=st.sampled_from(sorted(right)))
    def attack(data, step):
        chosen = data.draw(st.lists(st.sampled_from([*names[step], "go", "nickname", "started"]), max_size=4))
        values = {**hidden, **right[step], **{name: data.draw(TEXT) for name in chosen}}
        path = "/book" if step == "interests" else f"/book/{drafts[step]}/{step}"
        answer = client.post(path, data=values)
        assert answer.status_code in (303, 422), (path, values)
        assert client.get(answer.location or path).status_code in (200, 302, 303)

    attack()

    with app.app_context():
        assert read_session().scalars(select(VisitDraft)).first() is not None
