"""Visits with secret links, for tests of the pages that people without an account use."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Column, Table, select
from werkzeug.test import TestResponse

from bookings.db import Base, database
from bookings.domain.links import LinkPurpose
from bookings.services.links import add_link
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.stories import STAFF, host_token, plan

# A stop each at two shores; hours in UTC on the day of the stories.
STOPS = (("stormossen", 7.0), ("vakin", 14.0))


def a_link(purpose: LinkPurpose, subject_id: int, **more: Any) -> str:
    """A token for that object; `expires_at` and `sequence` as wanted."""
    token = add_link(database.session, purpose, subject_id, now=NOW, **{"expires_at": None, **more})
    database.session.commit()
    return token


def an_own_page(**columns: Any) -> str:
    """Address of the visitor's page of a new visit."""
    return f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, a_visit(**columns).id)}"


def a_released_visit(stops: Iterable[tuple[str, float]] = STOPS, **columns: Any) -> tuple[str, list[str]]:
    """Hosts have been asked: the visitor's page, and the address of each host's answer page."""
    a_directory()
    visit = a_visit(state="planning", **columns)
    reference, visit_id = visit.reference, visit.id
    slots = [add_slot(reference, plan(slug, hour), who=STAFF, now=NOW) for slug, hour in stops]
    release_visit(reference, who=STAFF, now=NOW)
    own = f"/visits/{a_link(LinkPurpose.MANAGE_VISIT, visit_id)}"
    return own, [f"/slots/{host_token(slot)}" for slot in slots]


def a_proposed_visit(**columns: Any) -> tuple[str, list[str]]:
    """All hosts said yes: the programme is with the visitor."""
    own, hosts = a_released_visit(**columns)
    for host in hosts:
        accept_slot(host.rpartition("/")[2], now=NOW)
    return own, hosts


def everything_stored() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, to be compared before and after; without what is only rendered in advance."""
    database.session.rollback()
    return {
        table.name: sorted(map(repr, database.session.execute(select(*_told_columns(table))).all()))
        for table in Base.metadata.sorted_tables
        if table.name != "feed_rendering"
    }


def _told_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name != "feed_stamp"]


def at(moment: datetime) -> Any:
    """A clock that stands still there: `app.extensions["clock"] = at(…)`."""
    return lambda: moment


def press(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Send a form; its token is good for every form of this browser."""
    return submit(client, address, fields, page="/book")
