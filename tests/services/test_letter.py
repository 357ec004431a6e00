"""Rule 6: a visit on behalf of somebody else is not confirmed before that one's letter is there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.errors import LetterMissingError
from bookings.models.tasks import VisitTask
from bookings.services.slots import accept_slot
from bookings.services.tasks import reopen_task
from bookings.services.ticking import tick_task
from bookings.services.visits import accept_programme
from tests.support.builders import a_directory, a_visit, comes_on_behalf
from tests.support.forms import submit
from tests.support.stages import asked, proposed
from tests.support.stories import STAFF, host_token, kinds, mails, visit_row, visitor_token

pytestmark = pytest.mark.usefixtures("app_context")


def of_an_agent(**columns) -> str:
    a_directory()
    visit = a_visit(**columns)
    comes_on_behalf(visit)
    return visit.reference


def letter_task() -> int:
    database.session.rollback()
    return database.session.scalars(select(VisitTask.id).where(VisitTask.kind == "letter")).one()


def last_offer() -> str:
    text = [mail.text for mail in mails() if mail.kind == "programme_proposed"][-1]
    return " ".join(text.split())


def test_without_the_letter_the_visitors_yes_confirms_nothing(app_context, now):
    reference = of_an_agent()
    proposed(reference, now=now)
    before = kinds()

    with pytest.raises(LetterMissingError):
        accept_programme(visitor_token(reference), now=now)

    assert (visit_row(reference).state, kinds()) == ("proposed", before)
    assert "we need a letter" in last_offer()
    assert "City of Riga" in last_offer()


def test_when_the_letter_comes_the_visitor_hears_of_it_once_and_can_accept(app_context, now):
    reference = of_an_agent()
    proposed(reference, now=now)
    later = now + timedelta(days=2)

    tick_task(letter_task(), who=STAFF, now=later)
    tick_task(letter_task(), who=STAFF, now=later)

    assert kinds().count("programme_proposed") == 2
    assert "so you can say yes now" in last_offer()
    assert "we need a letter" not in last_offer()
    assert visit_row(reference).answer_by > later + timedelta(days=6)
    accept_programme(visitor_token(reference), now=later)
    assert visit_row(reference).state == "confirmed"


def test_what_was_agreed_beforehand_waits_for_the_letter_and_is_settled_with_it(app_context, now):
    reference = of_an_agent(agreed_beforehand=True)
    proposed(reference, now=now)
    assert visit_row(reference).state == "proposed"

    tick_task(letter_task(), who=STAFF, now=now)

    assert visit_row(reference).state == "confirmed"
    assert kinds().count("programme_confirmed") == 1


def test_a_letter_that_comes_early_stops_nothing(app_context, now):
    reference = of_an_agent(agreed_beforehand=True)
    first, second = asked(reference, now=now)

    tick_task(letter_task(), who=STAFF, now=now)
    for slot_id in (first, second):
        accept_slot(host_token(slot_id), now=now)

    assert visit_row(reference).state == "confirmed"


def test_a_letter_that_was_ticked_by_mistake_is_missing_again(app_context, now):
    reference = of_an_agent()
    proposed(reference, now=now)
    tick_task(letter_task(), who=STAFF, now=now)
    reopen_task(letter_task(), who=STAFF, now=now)

    with pytest.raises(LetterMissingError):
        accept_programme(visitor_token(reference), now=now)


def test_the_visitors_page_says_whose_letter_is_missing_instead_of_the_button(app_context, now, client):
    app_context.extensions["clock"] = lambda: now
    reference = of_an_agent()
    proposed(reference, now=now)
    address = f"/visits/{visitor_token(reference)}"

    waiting = client.get(address).text
    refused = submit(client, f"{address}/accept", page=address)
    tick_task(letter_task(), who=STAFF, now=now)
    ready = client.get(address).text

    assert "City of Riga" in waiting
    assert "Accept the programme" not in waiting
    assert refused.status_code == 409
    assert "City of Riga" in refused.text
    assert "Accept the programme" in ready
