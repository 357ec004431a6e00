"""What of registrations goes, and when; and what one costs the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bookings.db import read_session
from bookings.models.events import Question
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration, RegistrationConsent
from bookings.services.registrations import (
    anonymise_registrations,
    change_registration,
    expire_registrations,
    forget_sensitive_answers,
    forget_unproved_registrations,
    register,
    verify_registration,
)
from tests.support.builders import save
from tests.support.events import an_event
from tests.support.registrations import a_group, a_person, an_application, registered, row_of
from tests.support.statements import recorded_statements

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
DAY = timedelta(days=1)


def test_a_group_that_nobody_proved_is_gone_after_a_week_and_others_stay(now):
    event = an_event()
    register(a_group(event, 3), now=now)
    registered(event, a_group(event, 2))
    expire_registrations(now=now + DAY)

    forget_unproved_registrations(now=now + 6 * DAY)
    before = count(Registration)
    forget_unproved_registrations(now=now + 8 * DAY)

    assert (before, count(Registration)) == (5, 2)


def test_what_people_told_of_their_diet_goes_a_week_after_the_event_and_the_rest_stays(now):
    event = an_event()
    save(a_question(event, "diet", is_sensitive=True), a_question(event, "topic"))
    person = a_person(answers={"diet": "No nuts", "topic": 'My "diet"'})
    outcome = registered(event, an_application(event, leader=person))

    forget_sensitive_answers(now=event.ends_at + 6 * DAY)
    before = dict(row_of(outcome).answers)
    forget_sensitive_answers(now=event.ends_at + 8 * DAY)

    assert before == person.answers
    assert row_of(outcome).answers == {"topic": 'My "diet"'}


def test_a_consent_ends_with_the_answer_that_it_is_about(now):
    event = an_event()
    save(a_question(event, "diet", is_sensitive=True), a_question(event, "photos"))
    person = a_person(answers={"diet": "No nuts", "photos": "yes"})
    consents = {"diet": "We may keep it", "photos": "Photos may be shown"}
    outcome = registered(event, an_application(event, leader=person, consents=consents))

    without = replace(person, answers={"photos": "yes"})
    change_registration(outcome.token, without, version=row_of(outcome).version, now=now + DAY)

    kept = {row.question_key: row.withdrawn_at for row in read_session().scalars(select(RegistrationConsent))}
    assert kept == {"diet": now + DAY, "photos": None}


def test_two_years_after_the_event_nobody_is_known_any_more(now):
    event = an_event()
    outcome = registered(event)

    anonymise_registrations(now=event.ends_at + 700 * DAY)
    before = row_of(outcome).name
    anonymise_registrations(now=event.ends_at + 740 * DAY)

    row = row_of(outcome)
    assert before
    assert (row.name, row.email, row.organisation_name, row.search_key, row.answers) == ("", "", "", "", {})
    assert (row.country, row.state, count(OutboxMessage)) == ("FI", "registered", 0)


def test_registering_and_proving_cost_at_most_fourteen_statements_each(now):
    event = an_event(capacity=50, asks_costs=True)
    registered(event, an_application(event, accepts_costs=True))

    with recorded_statements() as first:
        sent = register(an_application(event, accepts_costs=True), now=now)
    with recorded_statements() as second:
        verify_registration(sent.token, now=now)

    assert (len(first) <= 14, len(second) <= 14) == (True, True), (first, second)


def count(table) -> int:
    session = read_session()
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def a_question(event, key: str, **columns) -> Question:
    return Question(
        event_id=event.id, position=len(key), key=key, kind="text", label={"en": key}, hint={}, **columns
    )
