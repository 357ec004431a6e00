"""The open times of offers, read from what is stored of their hosts."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.db import database
from bookings.domain.time import Interval
from bookings.models.busy import HostBusyTime, HostCalendar
from bookings.models.directory import HostContact
from bookings.models.hosts import HostBlackout, HostStandIn, HostTerms, SiteClosure
from bookings.models.offers import SlotOffer
from bookings.queries.directory import load_directory
from bookings.queries.planning import list_host_offers, list_open_times
from tests.support.builders import a_directory, a_slot, a_visit, save
from tests.support.clock import NOW
from tests.support.offers import a_hard_hold, an_offer, first_contact, hours, main_site
from tests.support.statements import recorded_statements

HELSINKI = ZoneInfo("Europe/Helsinki")
DAY = date(2027, 3, 2)  # a Tuesday


def moment(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=HELSINKI).astimezone(UTC)


def stretch(first: str, last: str) -> Interval:
    return Interval(moment(first), moment(last))


def open_times(day: date = DAY, *, now: datetime = NOW, slug: str = "stormossen", **more):
    directory = load_directory(database.session)
    offers = list_host_offers([directory.companies[slug]])
    return [times.days[0] for times in list_open_times(database.session, offers, days=[day], now=now, **more)]


def reasons(day: date = DAY, **more) -> set[str]:
    return {closed.reason for found in open_times(day, **more) for closed in found.closed} - {"outside_hours"}


def test_an_offer_is_open_in_its_hours(app_context):
    an_offer(a_directory()["stormossen"], hours())

    [found] = open_times()

    assert found.open == (stretch("09:00", "15:00"),)


def test_a_host_without_offers_is_open_in_the_hours_of_its_site(app_context):
    save(main_site(a_directory()["stormossen"]))

    [found] = open_times()

    assert found.open == (stretch("08:00", "16:30"),)


def test_a_hidden_offer_is_not_planned_with(app_context):
    an_offer(a_directory()["stormossen"], hours(), status="hidden")

    assert open_times()[0].open == (stretch("08:00", "16:30"),)


def test_finnish_holidays_close_hosts_in_finland_only(app_context):
    hosts = a_directory()
    for slug in ("stormossen", "vakin"):
        an_offer(hosts[slug], hours())
    independence_day = date(2027, 12, 6)

    assert reasons(independence_day) == {"holiday"}
    assert reasons(independence_day, slug="vakin") == set()


def test_closures_blackouts_and_notice_close_with_their_reasons(app_context):
    host = a_directory()["stormossen"]
    offer = an_offer(host, hours(), lead_days=14)
    other = an_offer(host, hours())
    save(
        SiteClosure(site_id=main_site(host).id, starts_at=moment("12:00"), ends_at=moment("13:00")),
        HostBlackout(organisation_id=host.id, first_on=date(2027, 4, 5), last_on=date(2027, 4, 9)),
        HostBlackout(
            organisation_id=host.id,
            visit_offer_id=other.id,
            first_on=date(2027, 4, 20),
            last_on=date(2027, 4, 20),
        ),
    )

    assert open_times()[0].open == (stretch("09:00", "12:00"), stretch("13:00", "15:00"))
    assert reasons(date(2027, 4, 9)) == {"blackout"}
    assert [bool(found.open) for found in open_times(date(2027, 4, 20))] == [True, False]
    assert [bool(found.open) for found in open_times(now=moment("09:00", DAY - timedelta(days=13)))] == [
        False,
        True,
    ]
    assert offer.lead_days == 14


def test_a_hold_of_another_visit_closes_and_one_of_the_visit_itself_does_not(app_context):
    host = a_directory()["stormossen"]
    an_offer(host, hours())
    visit = a_visit()
    a_hard_hold(a_slot(visit, host, starts_at=moment("10:00"), state="accepted"))

    assert open_times()[0].open == (stretch("09:00", "10:00"), stretch("11:30", "15:00"))
    assert open_times(except_visit_id=visit.id)[0].open == (stretch("09:00", "15:00"),)


def test_the_host_s_own_calendar_closes_unless_somebody_can_stand_in(app_context):
    host = a_directory()["stormossen"]
    an_offer(host, hours())
    contact = first_contact(host)
    save(
        HostCalendar(
            host_contact_id=contact.id, address="https://x.example/a", added_at=NOW, next_read_at=NOW
        )
    )
    save(HostBusyTime(host_contact_id=contact.id, starts_at=moment("09:00"), ends_at=moment("14:00")))
    before = open_times()[0].open
    colleague = HostContact(organisation_id=host.id, name="Second", email="second@stormossen.example")
    save(colleague)
    save(HostStandIn(host_contact_id=colleague.id, stands_in_for_id=contact.id))

    assert before == (stretch("14:00", "15:00"),)
    assert open_times()[0].open == (stretch("09:00", "15:00"),)


def test_a_month_is_full_when_the_host_or_the_offer_has_had_its_visits(app_context):
    host = a_directory()["stormossen"]
    offer, other = an_offer(host, hours(), monthly_cap=1), an_offer(host, hours())
    slot = a_slot(a_visit(), host, starts_at=moment("10:00", date(2027, 3, 30)), state="accepted")
    save(SlotOffer(slot_id=slot.id, visit_offer_id=offer.id))

    assert [bool(found.open) for found in open_times()] == [False, True]
    assert [bool(found.open) for found in open_times(date(2027, 4, 1))] == [True, True]

    save(HostTerms(organisation_id=host.id, monthly_cap=1, ask_on=DAY))

    assert reasons() == {"month_full"}
    assert other.monthly_cap is None


def test_many_hosts_cost_as_many_statements_as_one(app_context):
    hosts = a_directory()
    for host in hosts.values():
        an_offer(host, hours())
    directory = load_directory(database.session)

    def count(companies) -> int:
        with recorded_statements() as found:
            offers = list_host_offers(companies)
            list_open_times(database.session, offers, days=[DAY], now=NOW)
        return len(found)

    companies = list(directory.companies.values())
    assert count(companies[:1]) == count(companies)
