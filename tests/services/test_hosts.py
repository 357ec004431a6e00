"""What is known of hosts: changed by staff and by the hosts themselves, confirmed once a year."""

from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.audit import Who
from bookings.domain.errors import (
    HostDetailNotUsableError,
    LinkExpiredError,
    LinkNotFoundError,
    NotFoundError,
    RecordChangedError,
)
from bookings.domain.hosts import AskingWay, ContactPlan, Exclusion, ExclusionKind, SitePlan, TermsPlan
from bookings.domain.links import LinkPurpose
from bookings.domain.offers import OfferPlan, OfferStatus, SeasonHours
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.directory import HostContact
from bookings.models.hosts import HostTerms
from bookings.models.outbox import OutboxMessage
from bookings.queries.directory import load_directory
from bookings.queries.host_files import list_silent_hosts, load_host_file, load_own_file
from bookings.services.hosts import (
    BlackoutPlan,
    HostDoor,
    StaffDoor,
    add_blackout,
    add_contact,
    add_exclusion,
    add_offer,
    add_site,
    ask_hosts_to_confirm,
    change_contact,
    change_offer,
    change_terms,
    confirm_host,
    end_contact,
    send_host_page,
    set_offer_status,
)
from tests.support.booking import link_in
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.offers import an_offer, first_contact, main_site

STAFF = Who(Actor.STAFF, "Test Coordinator")
DOOR = StaffDoor("stormossen", STAFF)
WINTER = SeasonHours("11-01", "02-28", "135", "10:00", "14:00")
TOUR = OfferPlan(
    titles=("Biogas tour", "Biogastur", ""), topics=("bioeconomy/biogas",), minutes=75,
    languages=("en", "fi"),
    group_max=20, fee_cents=12050, fee_currency="EUR", hours=(WINTER,),
)  # fmt: skip


def the_file(slug="stormossen", now=NOW):
    database.session.rollback()
    return load_host_file(database.session, slug, now=now)


def a_page_token(*, host=None, now=NOW) -> str:
    contact = first_contact(host)
    send_host_page(DOOR, contact.id, now=now)
    return token_in(last_mail())


def token_in(row: OutboxMessage) -> str:
    return link_in(message_from_bytes(row.raw, policy=policy.default), "/hosts/").rpartition("/")[2]


def last_mail() -> OutboxMessage:
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc())
    return database.session.scalars(query).first()


def mails() -> list[str]:
    return list(database.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def audited() -> list[tuple[str, str]]:
    rows = database.session.execute(
        select(AuditEntry.action, AuditEntry.actor_kind)
        .where(AuditEntry.noun == "organisation")
        .order_by(AuditEntry.id)
    )
    return [(action, kind) for action, kind in rows]


@pytest.fixture
def host(app_context):
    return a_directory()["stormossen"]


def test_an_offer_stands_in_the_directory_at_once_and_in_the_trail(host):
    before = load_directory(database.session).companies["stormossen"].offers

    offer_id = add_offer(DOOR, main_site(host).id, TOUR, now=NOW)

    [offer] = load_directory(database.session).companies["stormossen"].offers
    assert before == ()
    assert (offer.id, offer.slug, offer.titles["sv"], offer.topics) == (
        offer_id, "biogas-tour", "Biogastur", ("bioeconomy/biogas",),
    )  # fmt: skip
    assert (offer.hours, offer.fee_cents, offer.fee_currency) == ((WINTER,), 12050, "EUR")
    assert audited() == [("host.offer_added", "staff")]


def test_a_second_press_adds_no_second_offer(host):
    ids = {add_offer(DOOR, main_site(host).id, TOUR, now=NOW) for _ in range(2)}
    other = OfferPlan(**{**vars(TOUR), "minutes": TOUR.minutes + 30})

    assert len(ids) == 1
    assert add_offer(DOOR, main_site(host).id, other, now=NOW) not in ids


def test_a_second_save_of_an_offer_is_told_that_it_was_changed(host):
    offer = an_offer(host)
    change_offer(DOOR, offer.id, TOUR, version=1, now=NOW)

    with pytest.raises(RecordChangedError):
        change_offer(DOOR, offer.id, TOUR, version=1, now=NOW)

    assert the_file().find_offer(offer.id).version == 2
    assert the_file().find_offer(offer.id).topics == ("bioeconomy/biogas",)


def test_saving_an_offer_as_it_is_leaves_no_trace(host):
    offer_id = add_offer(DOOR, main_site(host).id, TOUR, now=NOW)

    change_offer(DOOR, offer_id, TOUR, version=1, now=NOW)

    assert the_file().find_offer(offer_id).version == 1
    assert audited() == [("host.offer_added", "staff")]


def test_a_hidden_offer_is_not_shown_to_visitors(host):
    offer = an_offer(host)

    set_offer_status(DOOR, offer.id, OfferStatus.HIDDEN, now=NOW)

    assert the_file().company.offers == ()
    assert [one.id for one in the_file().offers] == [offer.id]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"titles": ("", "", "")}, "titles", "missing"),
        ({"minutes": 5}, "minutes", "range"),
        ({"group_min": 20, "group_max": 10}, "group_max", "order"),
        ({"languages": ("xx",)}, "languages", "unknown"),
        ({"topics": ("no/such",)}, "topics", "unknown"),
        ({"fee_currency": "USD"}, "fee_currency", "missing"),
        ({"hours": (SeasonHours("02-30", "12-31", "1", "08:00", "09:00"),)}, "hours", "day"),
        ({"hours": (SeasonHours("02-29", "12-31", "", "08:00", "09:00"),)}, "hours", "weekdays"),
        ({"hours": (SeasonHours("01-01", "12-31", "1", "09:00", "09:00"),)}, "hours", "order"),
        ({"hours": (SeasonHours("01-01", "12-31", "1", "9:00", "10:00"),)}, "hours", "clock"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(host, changes, field, code):
    plan = OfferPlan(**{**vars(TOUR), **changes})

    with pytest.raises(HostDetailNotUsableError) as refusal:
        add_offer(DOOR, main_site(host).id, plan, now=NOW)

    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert the_file().offers == ()


def test_a_colleague_stands_in_and_whoever_is_gone_is_asked_no_more(host):
    first = first_contact(host)
    plan = ContactPlan(name="Second", email="second@stormossen.example", stands_in_for=(first.id,))
    second = add_contact(DOOR, plan, now=NOW)

    end_contact(DOOR, first.id, now=NOW)

    [left] = the_file().present_contacts
    assert (left.id, left.stands_in_for) == (second, (first.id,))
    with pytest.raises(HostDetailNotUsableError):
        add_contact(DOOR, plan, now=NOW)


def test_whoever_was_gone_comes_back_by_the_same_address(host):
    first = first_contact(host)
    end_contact(DOOR, first.id, now=NOW)

    back = add_contact(DOOR, ContactPlan(name="Back again", email=first.email.upper()), now=NOW)

    assert back == first.id
    assert the_file().find_contact(back).name == "Back again"


def test_an_exclusion_stands_once_and_the_host_reads_it_behind_its_link(host):
    add_exclusion(DOOR, Exclusion(ExclusionKind.COUNTRY, "AQ"), now=NOW)
    with pytest.raises(HostDetailNotUsableError):
        add_exclusion(DOOR, Exclusion(ExclusionKind.COUNTRY, "AQ"), now=NOW)
    token = a_page_token(host=host)

    own = load_own_file(database.session, token, now=NOW)

    assert [one.value for one in the_file().exclusions] == ["AQ"]
    assert own.exclusions == the_file().exclusions


def test_a_host_changes_its_own_offers_and_terms_by_its_link_and_staff_see_it(host):
    offer = an_offer(host)
    token = a_page_token(host=host)

    change_offer(HostDoor(token), offer.id, TOUR, version=1, now=NOW)
    change_terms(
        HostDoor(token),
        TermsPlan(languages=("fi",), asking=AskingWay.AUTOMATIC, monthly_cap=2),
        version=1,
        now=NOW,
    )
    add_blackout(HostDoor(token), BlackoutPlan(first_on=date(2027, 7, 1), last_on=date(2027, 7, 31)), now=NOW)

    found = the_file()
    assert (found.terms.asking, found.terms.monthly_cap, found.company.languages) == ("automatic", 2, ("fi",))
    assert [change.action for change in found.changes] == [
        "host.blackout_added", "host.terms_changed", "host.offer_changed",
    ]  # fmt: skip
    assert found.changes[0].name == "Host of Stormossen"
    assert found.terms.confirmed_on == NOW.date()


def test_a_link_reaches_nothing_of_another_host(app_context):
    hosts = a_directory()
    foreign = an_offer(hosts["vakin"])
    token = a_page_token(host=hosts["stormossen"])

    for act in (
        lambda: change_offer(HostDoor(token), foreign.id, TOUR, version=1, now=NOW),
        lambda: add_offer(HostDoor(token), main_site(hosts["vakin"]).id, TOUR, now=NOW),
        lambda: set_offer_status(HostDoor(token), foreign.id, OfferStatus.HIDDEN, now=NOW),
        lambda: end_contact(HostDoor(token), first_contact(hosts["vakin"]).id, now=NOW),
    ):
        with pytest.raises(NotFoundError):
            act()

    assert the_file("vakin").offers[0].version == 1


def test_a_link_ends_after_its_days_and_with_its_contact(host):
    token = a_page_token(host=host)
    contact = first_contact(host)

    with pytest.raises(LinkExpiredError):
        confirm_host(token, now=NOW + timedelta(days=91))
    add_contact(DOOR, ContactPlan(name="Other", email="other@stormossen.example"), now=NOW)
    end_contact(DOOR, contact.id, now=NOW)
    with pytest.raises(LinkNotFoundError):
        confirm_host(token, now=NOW)


def test_links_to_an_old_address_end_when_staff_change_it(host):
    token = a_page_token(host=host)
    contact = first_contact(host)

    plan = ContactPlan(name=contact.name, email="new@stormossen.example")
    change_contact(DOOR, contact.id, plan, version=1, now=NOW)

    with pytest.raises(LinkNotFoundError):
        confirm_host(token, now=NOW)


def test_pressing_still_right_twice_says_the_same(host):
    token = a_page_token(host=host)

    for _ in range(2):
        confirm_host(token, now=NOW)

    terms = the_file().terms
    assert (terms.confirmed_on, terms.ask_on) == (NOW.date(), NOW.date() + timedelta(days=365))


def test_a_host_is_asked_after_a_year_reminded_once_and_then_no_longer_suggested(host):
    days = (0, 364, 365, 366, 394, 395, 424, 425, 426)
    counts, silent = [], []
    for day in days:
        ask_hosts_to_confirm(now=NOW + timedelta(days=day))
        counts.append(mails().count("host_page") + mails().count("host_page_reminder"))
        silent.append(host.id in list_silent_hosts(database.session))

    # Four hosts: each gets the same mails.
    assert [count // 4 for count in counts] == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    assert silent == [False] * 7 + [True, True]
    assert last_mail().kind == "host_page_reminder"


def test_a_silent_host_is_asked_again_after_a_year_and_an_answer_brings_it_back(host):
    for day in (0, 365, 395, 425, 760):
        ask_hosts_to_confirm(now=NOW + timedelta(days=day))
    before = list_silent_hosts(database.session)
    mail = database.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.recipient == first_contact(host).email)
        .order_by(OutboxMessage.id.desc())
    ).first()

    confirm_host(token_in(mail), now=NOW + timedelta(days=761))

    assert host.id in before
    assert host.id not in list_silent_hosts(database.session)


def test_a_host_that_nobody_can_reach_is_not_called_silent(host):
    contact = first_contact(host)
    contact.is_undeliverable = True
    database.session.commit()

    for day in (0, 365, 395, 425, 460):
        ask_hosts_to_confirm(now=NOW + timedelta(days=day))

    assert host.id not in list_silent_hosts(database.session)
    assert database.session.get(HostTerms, host.id).confirmation_asked_at is None


def test_the_mail_is_in_the_language_of_the_contact(host):
    contact = first_contact(host)
    contact.language = "fi"
    database.session.commit()

    a_page_token(host=host)

    assert last_mail().language == "fi"


def test_a_site_with_hours_that_end_before_they_begin_is_refused(host):
    plan = SitePlan(name="North", time_zone="Europe/Helsinki", opens_at="10:00", closes_at="09:00")

    with pytest.raises(HostDetailNotUsableError):
        add_site(DOOR, plan, now=NOW)

    assert len(the_file().company.sites) == 1


def test_a_link_of_another_purpose_opens_no_host(host):
    assert LinkPurpose.HOST_PAGE == "host_page"
    with pytest.raises(LinkNotFoundError):
        load_own_file(database.session, "x" * 43, now=NOW)
    assert database.session.scalars(select(HostContact)).first() is not None
