"""Today: what waits for staff, with counts that are those of the lists behind them."""

import re
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.next_steps import find_next_step
from bookings.domain.today import EVENT_KINDS, Scope, ScopeName, WaitKind
from bookings.domain.visits import VisitState
from bookings.models.directory import Organisation, Place
from bookings.models.inbox import InboxMessage
from bookings.models.outbox import OutboxMessage
from bookings.models.planned import PlannedChange
from bookings.models.registrations import Registration
from bookings.models.slots import ProposedTime, Slot
from bookings.models.staff import StaffUser
from bookings.models.tasks import VisitTask
from bookings.queries.today import Moment, list_waiting
from bookings.queries.today_events import list_waiting_events
from bookings.queries.visits.standings import VisitFacts, load_standings
from bookings.services.events import decide_event
from bookings.services.registrations import approve_registration
from tests.support.builders import a_directory, a_slot, a_visit, save
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event
from tests.support.forms import submit
from tests.support.registrations import a_group, registered, row_of
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements

TEN = NOW + timedelta(days=43, hours=1)
AT = Moment(NOW, "Europe/Helsinki")
_KINDS_OF_SLOTS = (
    (), ("draft",), ("accepted",), ("pending",), ("countered",), ("declined",), ("accepted", "pending"),
)  # fmt: skip
EVERYBODY = Scope(ScopeName.ALL, 1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


def counts(page: str) -> dict[str, int]:
    """Section → the number beside its heading."""
    return {
        kind: int(number)
        for kind, number in re.findall(r'<h2 id="([\w-]+)-title">[^<]*<span class="count">(\d+)', page)
    }


def a_planned_withdrawal(slot: Slot) -> PlannedChange:
    """Decided, and nobody was told of it yet."""
    return PlannedChange(
        slot_id=slot.id, kind="withdraw", slot_version=slot.version, planned_by="A", planned_at=NOW
    )


def something_of_everything(more: int = 1) -> None:
    hosts = a_directory() if more == 1 else {}
    hosts = hosts or _hosts()
    for number in range(more):
        a_visit()
        waiting = a_visit(state="awaiting_hosts")
        for hour, state in enumerate(("pending", "countered", "declined")):
            slot = a_slot(waiting, hosts["vakin"], starts_at=TEN + timedelta(hours=2 * hour), state=state)
            if state == "countered":
                save(
                    ProposedTime(
                        slot_id=slot.id, starts_at=TEN, ends_at=TEN + timedelta(hours=1), proposed_at=NOW
                    )
                )
        a_slot(a_visit(state="planning"), hosts["vakin"], starts_at=TEN)
        a_visit(state="proposed", first_day=NOW.date() - timedelta(days=5))
        a_slot(
            a_visit(state="confirmed"), hosts["vakin"], starts_at=NOW + timedelta(hours=3), state="accepted"
        )
        save(
            VisitTask(
                visit_id=waiting.id, kind="own", text="Call", due_on=NOW.date(), created_at=NOW,
                created_by="A",
            ),
            OutboxMessage(
                message_id=f"<{waiting.id}-{number}@x>", cause=f"x:{waiting.id}", kind="x",
                recipient="a@b.example", sender="s@b.example", language="en", subject="Lost", raw=b"",
                visit_id=waiting.id, state="failed", queued_at=NOW, next_attempt_at=NOW,
            ),
            InboxMessage(
                message_id=f"<{waiting.id}-{number}@y>", content_hash=f"{waiting.id:064d}", door="pipe",
                received_at=NOW, sender="p@b.example", sender_name="P", is_authenticated=True,
                subject="When?", kind="no-calendar", verdict="route-to-staff", reason="person", findings=[],
                text="When?", raw=b"", visit_id=waiting.id, state="open",
            ),
        )  # fmt: skip


def an_event_of_everything(more: int = 1) -> None:
    """In this week, to be decided on; somebody waits for a yes, and mails to somebody come back."""
    for number in range(more):
        event = an_event(
            f"Open day {number}", starts_at=NOW + timedelta(days=2), needs_approval=True, minimum=9,
            decides_at=NOW + timedelta(days=1),
        )  # fmt: skip
        registered(event)
        guest = row_of(registered(event))
        approve_registration(guest.id, who=STAFF, now=NOW)
        database.session.get_one(Registration, guest.id).undeliverable_at = NOW
        database.session.commit()


def _hosts():
    return {one.slug: one for one in database.session.scalars(select(Organisation))}


@pytest.mark.sqlite_only
def test_a_calm_page_when_nothing_waits(staff):
    page = staff.get("/staff/").text

    assert counts(page) == {}
    assert "New requests, answers and tasks appear here by themselves." in page


def test_everything_that_waits_is_one_click_from_done_and_counted_as_in_its_list(app, staff):
    with app.app_context():
        something_of_everything()
        an_event_of_everything()

    page = staff.get("/staff/?scope=all").text

    assert counts(page) == {str(kind): 1 for kind in WaitKind}
    for kind, number in counts(page).items():
        listed = staff.get(f"/staff/today/{kind}?scope=all").text
        assert f"{number} in all" in listed, kind
    acts = re.findall(
        r'(?:class="button[^"]*" href|action)="(/staff/[^"]+)"', page[page.index('id="requests"') :]
    )
    for address in acts:
        if not address.endswith(("/tick", "/retry", "/release")):  # the last has tests of its own
            assert staff.get(address).status_code == 200, address
    tick = next(address for address in acts if address.endswith("/tick"))
    done = submit(staff, tick, {"back": "today", "scope": "all"}, page="/staff/?scope=all")
    assert done.location.endswith("/staff/?scope=all#tasks")
    assert "tasks" not in counts(staff.get("/staff/?scope=all").text)


def test_what_is_nobodys_waits_for_its_town_and_what_is_anothers_does_not_wait_for_me(app, staff):
    with app.app_context():
        me = database.session.scalars(select(StaffUser.id)).one()
        other = StaffUser(email="b@s.example", name="B", town="umea", fs_uniquifier="b", created_at=NOW)
        save(other)
        a_visit(organisation="Mine", owner_id=me, places=("umea",))
        a_visit(organisation="Nobodys here", places=("vaasa",))
        a_visit(organisation="Nobodys there", places=("umea",))
        a_visit(organisation="Anothers here", owner_id=other.id, places=("vaasa",))

    def shown(scope: str) -> set[str]:
        page = staff.get(f"/staff/?scope={scope}").text
        return {
            name for name in ("Mine", "Nobodys here", "Nobodys there", "Anothers here") if f">{name}<" in page
        }

    assert shown("mine") == {"Mine", "Nobodys here"}
    assert shown("town") == {"Nobodys here", "Anothers here", "Mine"}
    assert shown("all") == {"Mine", "Nobodys here", "Nobodys there", "Anothers here"}


@pytest.mark.sqlite_only
def test_an_event_waits_in_its_town_until_it_is_decided_and_a_group_counts_once(app, staff):
    with app.app_context():
        a_directory()
        event = an_event("Here", needs_approval=True, minimum=9, decides_at=NOW + timedelta(days=1))
        umea = database.session.scalars(select(Place.id).where(Place.slug == "umea")).one()
        an_event(
            "Elsewhere",
            place_id=umea,
            time_zone="Europe/Stockholm",
            minimum=9,
            decides_at=NOW + timedelta(days=1),
        )
        an_event("Much later", minimum=9, decides_at=NOW + timedelta(days=30))
        registered(event, a_group(event, 3))

        def shown(scope: Scope) -> dict[str, list[str]]:
            found = list_waiting_events(read_session(), EVENT_KINDS, scope, AT, limit=5)
            return {str(one.kind): [row.title["en"] for row in one.rows] for one in found if one.total}

        here = shown(Scope(ScopeName.TOWN, 1, ("vaasa",)))
        everywhere = shown(EVERYBODY)
        decide_event(event.slug, takes_place=True, who=STAFF, now=NOW)
        decided = shown(EVERYBODY)

    assert here == {"registrations": ["Here"], "decisions": ["Here"]}
    assert everywhere == {"registrations": ["Here"], "decisions": ["Here", "Elsewhere"]}
    assert decided == {"registrations": ["Here"], "decisions": ["Elsewhere"]}
    page = staff.get("/staff/today/registrations?scope=all").text
    assert "3 people" in page


def test_what_is_not_confirmed_is_listed_when_its_day_is_near_or_past_and_no_past_stop_wants_a_host(
    app, staff
):
    name = "Guests number %d"
    with app.app_context():
        hosts = a_directory()
        for number, (state, days, of_slot) in enumerate(
            [
                ("awaiting_hosts", 6, "accepted"),
                ("proposed", -3, "accepted"),
                ("planning", 1, "draft"),
                ("awaiting_hosts", 8, "accepted"),
                ("confirmed", 5, "accepted"),
                ("awaiting_hosts", -2, "declined"),
                ("cancelled", 3, "withdrawn"),
            ]
        ):
            closed = {"closed_at": NOW} if state == "cancelled" else {}
            visit = a_visit(state=state, organisation=name % number, **closed)
            a_slot(visit, hosts["vakin"], starts_at=NOW + timedelta(days=days, hours=number), state=of_slot)
        a_visit(state="planning", organisation="Without a stop", first_day=NOW.date() - timedelta(days=2))
        a_visit(state="planning", organisation="With a day left", first_day=NOW.date() - timedelta(days=1))

        listed = list_waiting(database.session, WaitKind.UNSETTLED, EVERYBODY, AT, limit=100)
        lost = list_waiting(database.session, WaitKind.LOST, EVERYBODY, AT, limit=100)

    page = staff.get("/staff/today/unsettled?scope=all").text
    assert [row.organisation for row in listed.rows] == [name % 1, name % 2, name % 0, "Without a stop"]
    assert [row.number for row in listed.rows] == [1, 0, 1, 0]
    assert lost.total == 0
    assert page.count("1 host expects them") == 2
    assert page.count("last wished day") == 1


def test_the_visits_to_go_on_with_are_those_whose_next_step_is_staffs(app_context):
    hosts, visits = a_directory(), []
    for state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS, VisitState.PROPOSED, VisitState.CONFIRMED):
        for slots, is_changed in product(_KINDS_OF_SLOTS, (False, True)):
            visit = a_visit(state=state)
            for hour, kind in enumerate(slots):
                slot = a_slot(visit, hosts["vakin"], starts_at=TEN + timedelta(hours=3 * hour), state=kind)
                if is_changed and kind in ("accepted", "pending"):
                    save(a_planned_withdrawal(slot))
            visits.append(visit)
    standings = load_standings(database.session, [VisitFacts.of(visit) for visit in visits])

    listed = list_waiting(database.session, WaitKind.GO_ON, EVERYBODY, AT, limit=100)

    expected = {
        visit.reference: str(find_next_step(standings[visit.id]).step)
        for visit in visits
        if find_next_step(standings[visit.id]).step in ("read_wish", "release", "propose", "choose_hosts")
    }
    assert {row.reference: row.code for row in listed.rows} == expected
    assert listed.total == len(expected)


def test_today_costs_twelve_statements_at_most_however_much_waits(app, staff):
    numbers = []
    for more in (1, 8):
        with app.app_context():
            something_of_everything(more)
            an_event_of_everything(more)
        staff.get("/staff/?scope=all")
        with recorded_statements() as statements:
            assert staff.get("/staff/?scope=all").status_code == 200
        numbers.append(len([one for one in statements if one.startswith("SELECT")]))

    assert numbers[0] == numbers[1] <= 12
