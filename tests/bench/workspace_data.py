"""What stands in the workspace that the bench opens: hosts, visits at every stage with programmes of four
days, and the events of some weeks."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import bindparam, create_engine, select, text, update

from bookings.db import read_session, table_of
from bookings.domain.audit import SYSTEM
from bookings.domain.events import EventKind
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.services.directory import import_table, load_demo_directory
from tests.bench.feeds import store_stops
from tests.support.events import an_event

HOSTS, EVENTS = 200, 12
PER_VISIT = 10
_BEGIN_A_DAY = 4
_CLOCKS = (7, 9, 12)
"""When the stops of a day begin, in UTC: with time for lunch on both shores."""
_DAY = timedelta(days=1)
# Of five visits two are on their way; the first one, with which all are compared, is settled.
_STAGES = (("confirmed", "accepted"), ("awaiting_hosts", "pending"), ("confirmed", "accepted"),
           ("planning", "draft"), ("confirmed", "accepted"))  # fmt: skip


def fill(app: Flask, url: str, slots: int) -> None:
    """The whole directory and all events, and so many stops of visits."""
    now = datetime.now(UTC)
    with app.app_context():
        load_demo_directory(now=now)
        _add_hosts(now)
        for number in range(EVENTS):
            _add_event(number, now)
    store_stops(url, first=0, until=slots, per_visit=PER_VISIT)
    _spread(url, now)


def _add_hosts(now: datetime) -> None:
    known = len(read_session().scalars(select(Organisation.id)).all())
    names = [f"host-{number}" for number in range(HOSTS - known)]
    rows = [f"{name},{name.title()},company,FI,vaasa,visits@{name}.example" for name in names]
    content = "\n".join(("slug,name,kind,country,place,contact_email", *rows)).encode()
    import_table("organisations", content, who=SYSTEM, now=now)


def _add_event(number: int, now: datetime) -> None:
    starts_at = now.replace(hour=8, minute=0, second=0, microsecond=0) + (1 + 2 * number) * _DAY
    kinds = list(EventKind)
    an_event(f"Event {number}", kind=kinds[number % len(kinds)], starts_at=starts_at, now=now)


def _spread(url: str, now: datetime) -> None:
    """Each visit goes to neighbours, three stops a day; four visits begin on each day."""
    engine = create_engine(url, execution_options={"writes": True})
    slot, visit = table_of(Slot), table_of(VisitRequest)
    with engine.begin() as connection:
        hosts = connection.execute(
            select(Site.organisation_id, Site.id, Site.place_id, Site.time_zone, HostContact.id)
            .join(HostContact, HostContact.organisation_id == Site.organisation_id)
            .order_by(Site.place_id, Site.id)
        ).all()
        ids = connection.scalars(select(slot.c.id).order_by(slot.c.id)).all()
        connection.execute(
            update(slot).where(slot.c.id == bindparam("of")),
            [{"of": id_, **_stop(number, hosts, now)} for number, id_ in enumerate(ids)],
        )
        visits = connection.scalars(select(visit.c.id).order_by(visit.c.id)).all()
        connection.execute(
            update(visit).where(visit.c.id == bindparam("of")),
            [{"of": id_, "state": _STAGES[n % len(_STAGES)][0]} for n, id_ in enumerate(visits)],
        )
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _stop(number: int, hosts: list[object], now: datetime) -> dict[str, object]:
    visit, place = divmod(number, PER_VISIT)
    state = _STAGES[visit % len(_STAGES)][1]
    organisation, site, town, zone, contact = hosts[(7 * visit + place) % len(hosts)]  # type: ignore[misc]
    day, clock = divmod(place, len(_CLOCKS))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts_at = midnight + (1 + visit // _BEGIN_A_DAY + day) * _DAY + timedelta(hours=_CLOCKS[clock])
    return {
        "organisation_id": organisation, "site_id": site, "place_id": town, "time_zone": zone,
        "host_contact_id": contact, "state": state, "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "asked_at": None if state == "draft" else now - 10 * _DAY,
        "answered_at": now - 8 * _DAY if state == "accepted" else None,
        "respond_by": now + 4 * _DAY if state == "pending" else None,
    }  # fmt: skip
