"""Pages of advisory days: the list, a form, what a mail leads to, an adviser's day, and those of staff."""

from collections.abc import Iterator

from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.models.meetings import Adviser
from bookings.models.registrations import Registration
from bookings.services.advisers import book_advice
from tests.support.advisers import a_booked_time, a_wish, an_adviser, an_advisory_day
from tests.support.clock import NOW
from tests.support.own_pages import a_link

_SLUG = "advice-from-umea"


def add_advice() -> None:
    """A day with one booked time, and one whose address is not proved yet."""
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card)
    book_advice(a_wish(event, card, number=1, who="bo"), now=NOW)


def list_advice_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    session = read_session()
    adviser_id = session.scalars(select(Adviser.id).where(Adviser.email == "karin@advice.example")).one()
    home, staff = f"/events/{_SLUG}/advice", f"/staff/events/{_SLUG}/advisers"
    yield "advisers.index", home, "nobody"
    yield "advisers.choose", f"{home}/{adviser_id}", "nobody"
    unproved, own = (
        a_link(purpose, _id(who))
        for purpose, who in (
            (LinkPurpose.VERIFY_REGISTRATION, "bo"),
            (LinkPurpose.MANAGE_REGISTRATION, "aino"),
        )
    )
    yield "advisers.verify", f"/advice/verify/{unproved}", "nobody"
    yield "advisers.show", f"/registrations/{own}/advice", "nobody"
    yield "advisers.day", f"/advisers/{a_link(LinkPurpose.ADVISER_PAGE, adviser_id)}", "nobody"
    yield "staff_advisers.index", staff, "coordinator"
    yield "staff_advisers.edit", f"{staff}/{adviser_id}", "coordinator"


def _id(who: str) -> int:
    query = select(Registration.id).where(Registration.email == f"{who}@visitor.example")
    return read_session().scalars(query.order_by(Registration.id.desc())).all()[0]
