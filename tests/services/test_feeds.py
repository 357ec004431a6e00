"""Feeds are complete and never stale: whatever changes, a reading equals one that was rendered afresh."""

import random
import re
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import vobject
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from bookings.db import database, transaction
from bookings.domain.errors import LinkNotFoundError
from bookings.domain.feeds import FeedKind
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.models.feeds import CalendarFeed, FeedRendering
from bookings.models.slots import Slot
from bookings.models.visits import Delegation
from bookings.queries.feeds import list_feed_readers
from bookings.services.feeds import (
    build_feed,
    create_host_feed,
    create_staff_feed,
    open_feed,
    reading,
    render_ahead,
    revoke_host_feed,
)
from bookings.services.feeds.bodies import Bodies
from bookings.services.feeds.renderings import Rendering, keep_renderings
from bookings.services.slots import accept_slot
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.own_pages import a_released_visit, everything_stored
from tests.support.staff import an_account
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, host_token

_STATES = ("draft", "pending", "tentative", "countered", "accepted", "declined", "withdrawn", "completed")


@pytest.fixture(autouse=True)
def _nothing_in_memory(monkeypatch):
    """Each test reads what the database keeps, not what an earlier test had in memory."""
    monkeypatch.setattr(reading, "_bodies", Bodies())


def read(token, now=NOW):
    """Version and text of a feed as the next reader gets it."""
    session = database.session()
    session.rollback()
    feed = open_feed(session, token, app_name="Kvarken Visits", now=now)
    return feed.etag, b"".join(build_feed(session, feed)).decode()


def read_afresh(token):
    """The same without anything that was kept."""
    kept = reading._bodies
    reading._bodies = Bodies()
    database.session.execute(delete(FeedRendering))
    body = read(token)
    database.session.rollback()
    reading._bodies = kept
    return body


def events(body):
    return vobject.readOne(StringIO(body)).contents.get("vevent", [])


def some_stops(organisations, count, **columns):
    visit = a_visit(state="awaiting_hosts")
    return [
        a_slot(
            visit,
            organisations[number % len(organisations)],
            starts_at=NOW + timedelta(days=30, hours=number),
            **{"state": "accepted", **columns},
        )
        for number in range(count)
    ]


def stored_vevents(slot_id):
    database.session.rollback()
    rows = database.session.execute(
        select(FeedRendering.kind, FeedRendering.vevent).where(FeedRendering.slot_id == slot_id)
    )
    return dict(rows.all())


def contact_of(organisation):
    query = select(HostContact.id).where(HostContact.organisation_id == organisation.id)
    return database.session.scalars(query).one()


def a_change(dice):
    """Any change of anything that a feed shows, made past all our code."""
    slots = select(Slot.id).order_by(func.random()).limit(1).scalar_subquery()
    first_town = select(func.min(Place.id)).scalar_subquery()
    name = f"Name {dice.randrange(10**6)}, with ; signs"
    hour = timedelta(hours=dice.randrange(1, 2000))
    start = datetime(2027, 3, 1, tzinfo=UTC) + hour
    return dice.choice(
        [
            update(Slot).where(Slot.id == slots).values(title=name),
            update(Slot).where(Slot.id == slots).values(state=dice.choice(_STATES), respond_by=NOW),
            update(Slot).where(Slot.id == slots).values(starts_at=start, ends_at=start + timedelta(hours=1)),
            update(Slot).where(Slot.id == slots).values(place_id=first_town),
            update(Organisation).values(name=name),
            update(Site).values(address=name),
            update(Place).values(name_sv=name[:90]),
            update(HostContact).values(name=name),
            update(Delegation).values(group_size=dice.randrange(1, 99)),
            update(Delegation).values(organisation_name=name),
            text("UPDATE calendar_entry SET sequence = sequence + 1"),
            text("UPDATE calendar_entry SET status = 'CONFIRMED'"),
            text("UPDATE visit_request SET reference = reference || 'x'"),
        ]
    ).execution_options(synchronize_session=False)


def a_change_by_the_program(dice):
    """The same through the ORM: it stores what readers see of the stop with the change."""
    slots = database.session.scalars(select(Slot).order_by(Slot.id)).all()
    delegation = database.session.scalars(select(Delegation)).first()
    dice.choice(slots).title = f"Title {dice.randrange(10**6)}"
    delegation.group_size = dice.randrange(1, 99)


def test_after_any_change_every_feed_equals_one_rendered_afresh(app, app_context):
    organisations = list(a_directory().values())
    some_stops(organisations, 6)
    town, all_towns = create_staff_feed(an_account(app), town="vaasa", who=STAFF, now=NOW), ""
    all_towns = create_staff_feed(an_account(app, email="b@staff.example"), who=STAFF, now=NOW)
    tokens = [town, all_towns] + [
        create_host_feed(contact_of(organisations[0]), kind, who=STAFF, now=NOW)
        for kind in (FeedKind.HOST, FeedKind.BUSY)
    ]
    dice = random.Random(1)
    seen = {token: {} for token in tokens}

    for step in range(60):
        if dice.random() < 0.3:
            a_change_by_the_program(dice)
        else:
            database.session.execute(a_change(dice))
        database.session.commit()
        if step % 7 == 0:
            render_ahead(now=NOW)
        for token in tokens:
            version, body = read(token)
            assert (version, body) == read_afresh(token)
            assert seen[token].setdefault(version, body) == body

    assert len(seen[all_towns]) > 40


def test_a_stop_is_stored_as_its_readers_see_it_by_the_change_itself(app, app_context):
    a_released_visit()
    stormossen, vakin = database.session.scalars(select(Slot).order_by(Slot.starts_at))
    create_staff_feed(an_account(app), who=STAFF, now=NOW)
    for kind in (FeedKind.HOST, FeedKind.BUSY):
        create_host_feed(vakin.host_contact_id, kind, who=STAFF, now=NOW)
    assert render_ahead(now=NOW) == 4
    before = stored_vevents(vakin.id)

    for slot_id in (stormossen.id, vakin.id):
        accept_slot(host_token(slot_id), now=NOW)

    after = stored_vevents(vakin.id)
    assert set(before) == set(after) == {FeedKind.STAFF, FeedKind.HOST, FeedKind.BUSY}
    assert [kind for kind in after if before[kind] == after[kind]] == []
    assert set(stored_vevents(stormossen.id)) == {FeedKind.STAFF}
    assert render_ahead(now=NOW) == 0


def test_what_was_stored_by_a_change_that_failed_is_not_there(app, app_context):
    (stop,) = some_stops(list(a_directory().values())[:1], 1)
    create_staff_feed(an_account(app), who=STAFF, now=NOW)
    assert stored_vevents(stop.id) == {}

    with suppress(ZeroDivisionError), transaction() as session:
        session.get(Slot, stop.id).title = "Never"
        session.flush()
        raise ZeroDivisionError

    with transaction() as session:
        session.get(Organisation, stop.organisation_id).website = "https://host.example"
    assert stored_vevents(stop.id) == {}


def test_a_feed_whose_entries_are_stored_is_read_in_one_statement(app, app_context):
    organisations = list(a_directory().values())
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)
    some_stops(organisations, 20)

    with recorded_statements() as statements:
        _version, body = read(token)

    assert body.count("BEGIN:VEVENT") == 20
    assert len([one for one in statements if "feed_rendering" in one]) == 1
    assert not [one for one in statements if "delegation" in one]


def test_a_change_is_seen_though_the_reader_before_was_slow_to_keep_what_it_rendered(app, app_context):
    organisations = list(a_directory().values())
    (stop,) = some_stops(organisations[:1], 1)
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)
    stale = Rendering(stop.id, stop.feed_stamp, b"stale")
    (readers,) = list_feed_readers(database.session())
    database.session.execute(update(Slot).values(title="Something else"))
    database.session.commit()

    keep_renderings([stale], readers)

    assert database.session.scalar(select(func.count()).select_from(FeedRendering)) == 0
    assert "Something else" in read(token)[1]


def test_a_stop_that_comes_to_a_site_shows_the_address_that_somebody_else_is_just_giving_it(app, app_context):
    """Who renames does not see the stop there yet, and could not tell its readers."""
    organisations = a_directory()
    stop = some_stops([organisations["stormossen"]], 1)[0].id
    site = database.session.scalar(select(Site.id).where(Site.organisation_id == organisations["vakin"].id))
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)

    def bring():
        with app.app_context(), transaction() as session:
            session.get(Slot, stop).site_id = site

    with Session(database.engine) as other, ThreadPoolExecutor() as pool:
        other.connection(execution_options={"writes": True})
        other.execute(update(Site).where(Site.id == site).values(address="New road 1"))
        bringing = pool.submit(bring)
        wait([bringing], timeout=1)
        other.commit()
        bringing.result(10)

    after = read(token)
    assert "New road 1" in after[1]
    assert after == read_afresh(token)


def test_what_was_rendered_goes_with_what_it_shows(app, app_context):
    """Erased names must not live on in what was rendered of them."""
    some_stops(list(a_directory().values()), 4)
    create_staff_feed(an_account(app), who=STAFF, now=NOW)
    assert render_ahead(now=NOW) == 4

    database.session.execute(update(Delegation).values(organisation_name="anonymised"))
    database.session.commit()

    assert database.session.scalar(select(func.count()).select_from(FeedRendering)) == 0


def test_a_thousand_entries_are_complete_in_as_many_statements_as_three(app, app_context):
    organisations = list(a_directory().values())
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)
    some_stops(organisations, 3)
    with recorded_statements() as few:
        read(token)
    stop = some_stops(organisations, 200)[0]

    read(token)
    reading._bodies = Bodies()
    with recorded_statements() as many:
        _version, body = read(token)

    assert body.count("BEGIN:VEVENT") == 203
    assert len(many) <= len(few)
    assert stop.id


def test_a_town_sees_its_own_stops_only(app, app_context):
    organisations = a_directory()
    some_stops([organisations["stormossen"], organisations["vakin"]], 2)
    token = create_staff_feed(an_account(app), town="umea", who=STAFF, now=NOW)

    body = read(token)[1]

    assert [event.summary.value.partition(" – ")[0] for event in events(body)] == ["Vakin"]
    assert "Stormossen" not in body
    assert "X-WR-CALNAME:Kvarken Visits: Umeå" in body


def test_a_host_sees_its_own_stops_of_all_visits_and_no_other_host(app_context):
    organisations = a_directory()
    for _visit in range(2):
        some_stops([organisations["stormossen"], organisations["vakin"]], 2)
    token = create_host_feed(contact_of(organisations["vakin"]), FeedKind.HOST, who=STAFF, now=NOW)

    body = read(token)[1]

    assert len(events(body)) == 2
    assert "Stormossen" not in body
    assert "West Estonian delegation" in body


def test_busy_times_hold_times_and_nothing_else(app_context):
    organisations = a_directory()
    (stop,) = some_stops([organisations["vakin"]], 1)
    token = create_host_feed(contact_of(organisations["vakin"]), FeedKind.BUSY, who=STAFF, now=NOW)

    body = read(token)[1]

    (event,) = events(body)
    assert event.dtstart.value == stop.starts_at
    assert event.dtend.value == stop.ends_at
    assert set(re.findall(r"^([A-Z-]+)[:;]", body, re.MULTILINE)) == {
        "BEGIN", "PRODID", "VERSION", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL",
        "X-PUBLISHED-TTL", "UID", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND",
        "SUMMARY", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "END",
    }  # fmt: skip
    assert event.summary.value == "Busy"
    for secret in ("West Estonian", "visitor centre", "Road 1", "Helsinki", "Stockholm", "KV-", "slot-"):
        assert secret not in body


def test_an_address_of_a_host_ends_when_it_is_renewed_revoked_or_the_person_goes(app_context):
    contact = contact_of(a_directory()["vakin"])
    old = create_host_feed(contact, FeedKind.HOST, who=STAFF, now=NOW)
    new = create_host_feed(contact, FeedKind.HOST, who=STAFF, now=NOW)
    busy = create_host_feed(contact, FeedKind.BUSY, who=STAFF, now=NOW)
    revoke_host_feed(contact, FeedKind.BUSY, who=STAFF, now=NOW)

    for token in (old, busy):
        with pytest.raises(LinkNotFoundError):
            read(token)
    assert read(new)

    database.session.execute(delete(HostContact).where(HostContact.id == contact))
    database.session.commit()
    with pytest.raises(LinkNotFoundError):
        read(new)


def test_no_token_is_stored_anywhere(app, app_context):
    contact = contact_of(a_directory()["vakin"])
    tokens = [
        create_staff_feed(an_account(app), who=STAFF, now=NOW),
        create_host_feed(contact, FeedKind.BUSY, who=STAFF, now=NOW),
    ]

    stored = repr(everything_stored())

    assert [token for token in tokens if token in stored] == []
    assert database.session.scalar(select(func.count()).select_from(CalendarFeed)) == 2


def test_what_is_kept_in_memory_stays_within_its_bounds():
    bodies = Bodies(most_octets=100)

    for number in range(10):
        bodies.keep(number, "first", [b"x" * 20, b"x" * 20])
    bodies.keep("large", "first", [b"x" * 50, b"x" * 51])
    bodies.keep(9, "second", [b"y" * 50])

    assert [number for number in range(10) if bodies.find(number, "first")] == [8]
    assert bodies.find(9, "second")
    assert bodies.find("large", "first") is None
