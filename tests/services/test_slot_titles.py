"""What a stop shows is told in the reader's language where it is an offer of the directory."""

import pytest

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.domain.offers import translate_title
from bookings.i18n import in_language
from bookings.queries.feeds import find_slot_stop
from bookings.services.feeds import build_host_file, build_programme_file
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.offers import an_offer
from tests.support.own_pages import a_link
from tests.support.stories import STAFF, host_token, mails, plan

TITLES = {"en": "Tour of the plant", "sv": "Rundtur i verket", "fi": "Laitoskierros"}


@pytest.fixture
def offer_id(app_context) -> int:
    hosts = a_directory()
    return an_offer(hosts["stormossen"], **{f"title_{code}": title for code, title in TITLES.items()}).id


def a_stop(reference: str, *, now, **more: object) -> int:
    """A stop that its host has accepted."""
    slot_id = add_slot(reference, plan("stormossen", 9, **more), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    accept_slot(host_token(slot_id), now=now)
    return slot_id


def test_the_title_of_an_offer_is_told_in_each_language_and_own_words_stay():
    assert translate_title("Laitoskierros", TITLES, "sv") == "Rundtur i verket"
    assert translate_title("Rundtur", TITLES, "sv") == "Rundtur"
    assert translate_title("Laitoskierros", {**TITLES, "sv": ""}, "sv") == "Laitoskierros"


def test_page_mail_and_calendar_of_a_visitor_tell_it_in_the_visitors_language(client, offer_id, now):
    visit = a_visit(state="planning", language="sv")
    visit_id, reference = visit.id, visit.reference

    slot_id = a_stop(reference, now=now, title="Laitoskierros", offer_id=offer_id)

    page = client.get(f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, visit_id)}?lang=sv").text
    (mail,) = [mail for mail in mails() if mail.kind == "programme_proposed"]
    with in_language("sv"):
        calendar = build_programme_file([find_slot_stop(database.session(), slot_id)], reference=reference)
    for text in (page, mail.text, calendar.decode()):
        assert "Rundtur i verket" in text
        assert "Laitoskierros" not in text


def test_the_calendar_of_a_host_tells_it_in_the_hosts_language(offer_id, now):
    visit = a_visit(state="planning")
    slot_id = a_stop(visit.reference, now=now, title="Laitoskierros", offer_id=offer_id)

    with in_language("en"):
        calendar = build_host_file(find_slot_stop(database.session(), slot_id)).decode()

    assert "Tour of the plant" in calendar


def test_what_staff_typed_stays_in_every_language(client, offer_id, now):
    visit = a_visit(state="planning", language="sv")
    visit_id, reference = visit.id, visit.reference

    a_stop(reference, now=now, title="How biogas is made", offer_id=offer_id)

    page = client.get(f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, visit_id)}?lang=sv").text
    assert "How biogas is made" in page


def test_the_same_programme_in_another_language_has_no_other_topic(client, offer_id, now):
    visit = a_visit(state="planning", language="sv")
    visit_id, reference = visit.id, visit.reference
    a_stop(reference, now=now, title="Laitoskierros", offer_id=offer_id)

    page = client.get(f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, visit_id)}?lang=fi").text

    assert "Laitoskierros" in page
    assert 'id="changes"' not in page
