"""A slot that shows an offer counts for the offer's cap."""

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.errors import NotFoundError
from bookings.models.offers import SlotOffer
from bookings.services.slots import add_slot
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.offers import an_offer
from tests.support.stories import STAFF, plan


def test_a_slot_remembers_the_offer_that_it_shows(app_context):
    offer = an_offer(a_directory()["stormossen"])
    visit = a_visit(state="planning")

    slot_id = add_slot(visit.reference, plan("stormossen", offer_id=offer.id), who=STAFF, now=NOW)

    pairs = database.session.execute(select(SlotOffer.slot_id, SlotOffer.visit_offer_id)).all()
    assert [tuple(pair) for pair in pairs] == [(slot_id, offer.id)]


def test_an_offer_of_another_host_is_refused(app_context):
    foreign = an_offer(a_directory()["vakin"])
    visit = a_visit(state="planning")

    with pytest.raises(NotFoundError):
        add_slot(visit.reference, plan("stormossen", offer_id=foreign.id), who=STAFF, now=NOW)

    assert database.session.scalars(select(SlotOffer)).all() == []
