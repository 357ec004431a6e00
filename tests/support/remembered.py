"""A visit in whose rows strangers' words stand everywhere, and which of them are left."""

from sqlalchemy import update

from bookings.db import database
from bookings.models.visits import Delegation
from bookings.services.inbox import receive_mail
from bookings.services.slots import add_slot, decline_slot
from bookings.services.visits import add_note, cancel_visit_by_visitor, release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.inbox import answer, invited
from tests.support.own_pages import everything_stored
from tests.support.stories import STAFF, host_token, plan, visitor_token

WORDS = (
    "Kadri", "visitor.example", "5123 4567", "Adviser", "West Estonian", "towns.example", "Purpose-words",
    "Other-words", "Note-words", "Message-words", "Title-words", "Decline-words", "Cancel-words",
    "Behalf-words",
)  # fmt: skip


def a_cancelled_visit() -> str:
    """Two hosts were asked, one said yes by mail and one no; then the visitor called it off."""
    a_directory()
    visit = a_visit(
        contact_phone="+372 5123 4567", contact_role="Adviser", purpose="Purpose-words",
        interest_other="Other-words",
    )  # fmt: skip
    reference = visit.reference
    database.session.execute(
        update(Delegation).values(website="www.towns.example", on_behalf_of="Behalf-words")
    )
    database.session.commit()
    more = {"message": "Message-words", "title": "Title-words"}
    first = add_slot(reference, plan("stormossen", 7, **more), who=STAFF, now=NOW)
    other = add_slot(reference, plan("vakin", 14, **more), who=STAFF, now=NOW)
    add_note(reference, "Note-words", who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    receive_mail(answer(invited(first)), now=NOW)
    decline_slot(host_token(other), reason="Decline-words", now=NOW)
    cancel_visit_by_visitor(visitor_token(reference), "Cancel-words", now=NOW)
    return reference


def words_left() -> set[str]:
    """Which of the visitors' and hosts' words stand anywhere in the database, the directory apart."""
    directory = ("host_contact", "organisation", "site")
    stored = " ".join(
        row for table, rows in everything_stored().items() if table not in directory for row in rows
    )
    return {word for word in (*WORDS, "Host of", "stormossen.example") if word in stored}
