"""Staff write to many: to the people of an event, to the readers of the newsletter. One mail each."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bookings.db import database, read_session, transaction
from bookings.domain.errors import MailingNotUsableError, NotFoundError
from bookings.domain.mailings import Audience, MailingPlan
from bookings.models.audit import AuditEntry
from bookings.models.mailings import Mailing
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration
from bookings.queries.mailings import count_people, count_subscribers
from bookings.services.mailings import send_mailings, write_newsletter, write_to_people
from bookings.services.newsletter import (
    Wish,
    add_newsletter_wish,
    confirm_newsletter,
    queue_newsletter_confirmation,
    unsubscribe_newsletter,
)
from tests.support.builders import save
from tests.support.doors import a_door_event, a_registration
from tests.support.stories import STAFF, mails

pytestmark = pytest.mark.usefixtures("app_context")
ENGLISH, SWEDISH = "Please use the door to the north.", "Använd den norra dörren."


def reaches(name, event, **columns):
    return a_registration(event, name=name.title(), email=f"{name}@visitor.example", **columns)


def plan(audience=Audience.REGISTERED, *, subject=None, text=None):
    return MailingPlan(
        audience,
        {"en": "Another door", "sv": "En annan dörr"} if subject is None else subject,
        {"en": ENGLISH, "sv": SWEDISH} if text is None else text,
    )


def write(event, letter=None, *, key="key", now):
    read_session().rollback()
    return write_to_people(event.slug, letter or plan(), form_key=key, who=STAFF, now=now)


def told() -> list[str]:
    return sorted(one.recipient.partition("@")[0] for one in mails())


def mailing_row() -> Mailing:
    database.session.rollback()
    return database.session.scalars(select(Mailing)).one()


def test_each_reads_it_once_in_their_own_language(now):
    event = a_door_event()
    for name, language in (("aino", "fi"), ("bo", "sv"), ("carl", "en")):
        reaches(name, event, language=language)

    assert write(event, now=now) == 3
    assert mails() == []
    for _run in range(3):
        send_mailings(now=now)

    read = {one.recipient.partition("@")[0]: one for one in mails()}
    assert sorted(read) == ["aino", "bo", "carl"]
    assert len(mails()) == 3
    assert (read["bo"].subject, read["carl"].subject) == ("En annan dörr", "Another door")
    assert SWEDISH in read["bo"].text
    assert ENGLISH in read["aino"].text
    assert "Hei Aino" in read["aino"].text
    assert "Anna Coordinator" in read["carl"].text
    assert "/registrations/" in read["carl"].text
    assert (mailing_row().sent, mailing_row().readers) == (3, 3)
    assert mailing_row().done_at == now


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        (Audience.REGISTERED, ["aino"]),
        (Audience.WAITING, ["asked", "offered", "queued"]),
        (Audience.EVERYBODY, ["aino", "asked", "offered", "queued"]),
    ],
)
def test_those_of_the_audience_hear_it_and_nobody_else(now, audience, names):
    event, other = a_door_event(), a_door_event()
    reaches("aino", event)
    reaches("queued", event, state="waiting")
    reaches("asked", event, state="pending")
    reaches("offered", event, state="offered", respond_by=now + timedelta(days=1))
    reaches("unproved", event, state="unverified", verified_at=None, respond_by=now + timedelta(days=1))
    reaches("gone", event, state="cancelled")
    reaches("member", event, verified_at=None)
    reaches("bounced", event, undeliverable_at=now)
    reaches("elsewhere", other)
    a_registration(event, name="", email="")

    assert sum(count_people(read_session(), event.id)[audience].values()) == len(names)
    assert write(event, plan(audience), now=now) == len(names)
    send_mailings(now=now)

    assert told() == names


def test_who_registers_after_it_was_written_does_not_get_it_and_who_cancels_in_between_does_not_either(now):
    event = a_door_event()
    reaches("aino", event)
    leaver = reaches("leaver", event)
    write(event, now=now)
    reaches("late", event, created_at=now + timedelta(minutes=1))
    database.session.get(Registration, leaver.id).state = "cancelled"
    database.session.commit()

    send_mailings(now=now + timedelta(minutes=2))

    assert told() == ["aino"]
    assert mailing_row().sent == 1


def test_the_same_form_sent_twice_is_one_letter(now):
    event = a_door_event()
    reaches("aino", event)

    assert [write(event, now=now), write(event, now=now)] == [1, 1]
    send_mailings(now=now)

    assert told() == ["aino"]
    assert database.session.query(AuditEntry).filter_by(action="write_mailing").count() == 1


def test_two_letters_are_two_mails(now):
    event = a_door_event()
    reaches("aino", event)
    write(event, now=now)
    write(event, key="another", now=now)

    send_mailings(now=now)

    assert told() == ["aino", "aino"]


def test_many_people_are_reached_some_at_a_time_and_another_worker_goes_on_where_one_stopped(now):
    event = a_door_event()
    for number in range(5):
        reaches(f"p{number}", event)
    write(event, now=now)

    counts = []
    for _run in range(4):
        counts.append(send_mailings(now=now, most=2))
        database.session.remove()

    assert counts == [2, 2, 1, 0]
    assert told() == ["p0", "p1", "p2", "p3", "p4"]
    assert (mailing_row().sent, mailing_row().done_at) == (5, now)


def test_thanks_after_the_event_still_leave(now):
    event = a_door_event(starts_at=now - timedelta(days=2))
    reaches("aino", event)
    write(event, now=now)

    send_mailings(now=now)

    assert database.session.scalars(select(OutboxMessage.expires_at)).one() == now + timedelta(days=14)


@pytest.mark.parametrize(
    ("subject", "text", "code", "field"),
    [
        ({}, {}, "missing", "text"),
        ({"en": "Only this"}, {}, "missing", "text"),
        ({"en": "Both"}, {"en": "Both", "fi": "Vain tämä"}, "half", "subject_fi"),
        ({"en": "Both", "sv": "Bara detta"}, {"en": "Both"}, "half", "text_sv"),
        ({"en": "  "}, {"en": " \n "}, "missing", "text"),
    ],
)
@pytest.mark.sqlite_only
def test_a_letter_without_its_words_is_refused(now, subject, text, code, field):
    event = a_door_event()
    reaches("aino", event)

    with pytest.raises(MailingNotUsableError) as refused:
        write(event, plan(subject=subject, text=text), now=now)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.sqlite_only
def test_a_letter_to_nobody_or_of_no_event_is_refused(now):
    event = a_door_event()

    with pytest.raises(MailingNotUsableError) as refused:
        write(event, now=now)
    assert (refused.value.code, refused.value.field) == ("nobody", "audience")
    with pytest.raises(NotFoundError):
        write_to_people("no-such-event", plan(), form_key="x", who=STAFF, now=now)


def test_two_workers_at_once_write_to_each_person_once(app, now):
    event = a_door_event()
    for number in range(12):
        reaches(f"p{number:02}", event)
    write(event, now=now)
    database.session.remove()
    barrier = Barrier(2)

    def work(_number):
        with app.app_context():
            barrier.wait()
            return send_mailings(now=now)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(work, range(2)))
    # Whoever was second at a person may have left the rest to the first.
    send_mailings(now=now)

    assert told() == [f"p{number:02}" for number in range(12)]
    assert sum(counts) == mailing_row().sent == 12


def subscribes(name, *, language="en", now):
    """Somebody ticked the box in a request, and confirmed it by the link in the mail."""
    wish = Wish(f"{name}@visitor.example", language, "Send me the newsletter", name, "192.0.2.1")
    with transaction() as session:
        add_newsletter_wish(session, wish, now=now)
        queue_newsletter_confirmation(session, wish.email, reference=name, now=now)
    token = re.search(r"/newsletter/confirm/([\w-]+)", mails()[-1].text)[1]
    confirm_newsletter(token, now=now)


def newsletters() -> dict[str, str]:
    return {one.recipient.partition("@")[0]: one.text for one in mails() if one.kind == "newsletter"}


def write_issue(*, now, **words):
    read_session().rollback()
    return write_newsletter(plan(Audience.NEWSLETTER, **words), form_key="issue", who=STAFF, now=now)


def test_who_said_yes_twice_reads_the_newsletter_and_one_click_ends_it(now):
    subscribes("bo", language="sv", now=now)
    subscribes("carl", now=now)
    wish = Wish("once@visitor.example", "en", "Send me the newsletter", "once", "192.0.2.1")
    with transaction() as session:
        add_newsletter_wish(session, wish, now=now)

    assert write_issue(now=now) == 2
    send_mailings(now=now)

    found = newsletters()
    assert sorted(found) == ["bo", "carl"]
    assert SWEDISH in found["bo"]
    assert ENGLISH in found["carl"]
    raw = (
        database.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "newsletter")).first().raw
    )
    assert message_from_bytes(raw)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    unsubscribe_newsletter(re.search(r"/newsletter/unsubscribe/([\w-]+)", found["bo"])[1], now=now)
    assert count_subscribers(read_session()) == {Audience.NEWSLETTER: {"en": 1}}


def test_who_leaves_before_the_worker_comes_gets_no_more_and_who_comes_after_it_gets_the_next_one(now):
    subscribes("bo", now=now)
    subscribes("carl", now=now)
    leave = re.search(r"/newsletter/unsubscribe/([\w-]+)", mails()[-1].text)[1]
    write_issue(now=now)
    unsubscribe_newsletter(leave, now=now)
    subscribes("late", now=now + timedelta(minutes=1))

    send_mailings(now=now + timedelta(minutes=2))

    assert sorted(newsletters()) == ["bo"]
    assert mailing_row().sent == 1


@pytest.mark.sqlite_only
def test_a_newsletter_without_readers_is_refused(now):
    with pytest.raises(MailingNotUsableError) as refused:
        write_issue(now=now)
    assert refused.value.code == "nobody"


def test_the_database_knows_that_a_newsletter_is_of_no_event(now):
    event = a_door_event()
    row = Mailing(
        event_id=event.id, form_key="x", audience="newsletter", subject={}, text={}, written_by="",
        written_at=now, readers=1,
    )  # fmt: skip

    with pytest.raises(IntegrityError):
        save(row)
    database.session.rollback()
