"""Staff write to the people of an event: look at it as they read it, then send it."""

import re

import pytest

from bookings.db import database
from bookings.domain.staff import StaffRole
from bookings.models.mailings import Mailing
from bookings.models.newsletter import Consent, NewsletterSubscription
from bookings.services.mailings import send_mailings
from tests.support.builders import save
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.stories import mails

pytestmark = pytest.mark.sqlite_only
WORDS = {
    "audience": "registered",
    "subject_en": "Another door",
    "text_en": "Please use the door to the north.\n\nIt has a ramp.",
    "subject_sv": "En annan dörr",
    "text_sv": "Använd den norra dörren.",
}


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def address(app, staff):
    """Of an event with two people who read Finnish and one who reads Swedish."""
    with app.app_context():
        event = a_door_event()
        for language in ("fi", "fi", "sv"):
            a_registration(event, language=language)
        return f"/staff/events/{event.slug}/letters"


def hidden_key(page: str) -> str:
    return re.search(r'name="key"[^>]*value="([^"]+)"', page)[1]


def mailings(app) -> list[Mailing]:
    with app.app_context():
        database.session.rollback()
        return database.session.query(Mailing).all()


def test_the_letter_is_looked_at_in_each_language_before_it_leaves(app, staff, address):
    looked = submit(staff, address, WORDS)

    assert looked.status_code == 200
    assert "Finnish: 2 people" in looked.text
    assert "Swedish: 1 person" in looked.text
    assert '<p lang="en"><strong>Another door</strong></p>' in looked.text
    assert '<p lang="sv"><strong>En annan dörr</strong></p>' in looked.text
    assert "Send it to 3 people" in looked.text
    assert mailings(app) == []


def test_what_was_looked_at_leaves_and_stands_among_the_earlier_ones(app, staff, address):
    key = hidden_key(submit(staff, address, WORDS).text)

    sent = [submit(staff, address, {**WORDS, "key": key, "go": "send"}) for _ in range(2)]

    assert [answer.status_code for answer in sent] == [303, 303]
    page = staff.get(address).text
    assert "The mails to 3 people are on their way." in page
    assert "0 of 3" in page
    with app.app_context():
        send_mailings(now=NOW)
        assert len(mails()) == 3
    assert "3 mails" in staff.get(address).text


def test_slips_stand_beside_their_field_and_nothing_typed_is_lost(app, staff, address):
    for words, field, sentence in (
        ({"audience": "registered"}, "text_en", "Write it in one language at least."),
        ({**WORDS, "text_sv": ""}, "text_sv", "Write both the subject and the text"),
        ({**WORDS, "subject_en": ""}, "subject_en", "Write both the subject and the text"),
        ({**WORDS, "audience": "waiting"}, "audience", "Nobody would get this mail"),
    ):
        for go in ("", "send"):
            answered = submit(staff, address, {**words, "go": go})

            assert answered.status_code == 422
            assert f'href="#{field}"' in answered.text
            assert sentence in answered.text
            for typed in {words.get("subject_sv"), words.get("text_sv")} - {None, ""}:
                assert typed in answered.text
    assert mailings(app) == []


def test_how_many_of_each_kind_there_are_stands_in_the_choice(app, staff, address):
    page = staff.get(address).text

    assert "Those who are registered (3)" in page
    assert "Those who wait for a place or an answer (0)" in page
    assert "Nothing yet." in page
    assert address in staff.get(address.removesuffix("/letters")).text


def test_readers_do_not_write(app, address):
    reader = a_signed_in_client(app, StaffRole.READER)

    assert reader.get(address).status_code == 403


def test_the_newsletter_is_written_on_a_page_of_its_own(app, staff):
    empty = submit(staff, "/staff/newsletter", {**WORDS, "audience": "newsletter"})
    with app.app_context():
        subscription = NewsletterSubscription(email="bo@visitor.example", language="sv")
        save(subscription)
        save(
            Consent(
                purpose="newsletter", subscription_id=subscription.id, wording="Send me the newsletter",
                wording_version="1", language="sv", source="request:KV-1", network_address="", given_at=NOW,
                confirmed_at=NOW,
            )
        )  # fmt: skip
    looked = submit(staff, "/staff/newsletter", {**WORDS, "audience": "newsletter"})
    fields = {**WORDS, "audience": "newsletter", "key": hidden_key(looked.text), "go": "send"}
    sent = submit(staff, "/staff/newsletter", fields)

    assert empty.status_code == 422
    assert "Nobody would get this mail." in empty.text
    assert "Nobody would read it yet" in empty.text
    assert "Nobody would read it yet" not in looked.text
    assert "Swedish: 1 person" in looked.text
    assert sent.status_code == 303
    with app.app_context():
        send_mailings(now=NOW)
        [mail] = mails()
    assert (mail.recipient, mail.subject) == ("bo@visitor.example", "En annan dörr")
    assert "1 mail" in staff.get("/staff/newsletter").text
    assert 'href="/staff/newsletter"' in staff.get("/staff/events").text


def test_people_of_an_event_are_no_audience_of_the_newsletter(staff, address):
    assert submit(staff, address, {**WORDS, "audience": "newsletter"}).status_code == 422
    assert submit(staff, "/staff/newsletter", WORDS).status_code == 422
