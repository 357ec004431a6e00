"""The visitor's own page: what it says in each state, and what its forms do."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import VisitState
from bookings.models.visits import VisitRequest
from bookings.services.visits import answer_wish
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.own_pages import (
    a_link,
    a_proposed_visit,
    a_released_visit,
    an_own_page,
    at,
    everything_stored,
    press,
)
from tests.support.stories import STAFF

TITLES = {
    VisitState.UNVERIFIED: "Your e-mail address is not confirmed yet",
    VisitState.SUBMITTED: "We are reading your request",
    VisitState.NEEDS_INFO: "We have a question for you",
    VisitState.PLANNING: "We are planning your visit",
    VisitState.AWAITING_HOSTS: "We are waiting for the hosts",
    VisitState.PROPOSED: "Your programme is ready",
    VisitState.CONFIRMED: "Your visit is confirmed",
    VisitState.COMPLETED: "The visit has taken place",
    VisitState.DECLINED: "We cannot receive this visit",
    VisitState.CANCELLED: "The visit is called off",
    VisitState.EXPIRED: "This request has run out",
}


@pytest.fixture(autouse=True)
def _clock(app):
    app.extensions["clock"] = at(NOW)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("state", list(VisitState))
def test_each_state_is_told_in_plain_words(client, app_context, state):
    a_directory()

    answer = client.get(an_own_page(state=state, answer_by=NOW + timedelta(days=3)))

    assert answer.status_code == 200
    assert TITLES[state] in answer.text
    assert "Agreement about the costs" in answer.text
    assert "We pay our own costs." in answer.text


@pytest.mark.sqlite_only
def test_a_deadline_says_who_acts_and_by_when_in_the_visitors_zone(client, app_context):
    address = an_own_page(state="needs_info", question="How many?", answer_by=NOW + timedelta(days=3))

    text = client.get(address).text

    assert "<strong>You</strong>, by Thursday 4 February 2027 10:00 EET" in text


@pytest.mark.sqlite_only
def test_page_and_nightly_job_agree_on_who_has_run_out(client, app_context):
    text = client.get(an_own_page(state="proposed", answer_by=NOW)).text

    assert TITLES[VisitState.EXPIRED] in text
    assert "Accept the programme" not in text


def test_every_time_is_shown_at_the_place_and_in_the_visitors_zone(client, app_context):
    own, _hosts = a_proposed_visit(contact_time_zone="Asia/Tokyo")

    text = client.get(own).text

    assert "09:00–10:30" in text
    assert "Vaasa (EET)" in text
    assert "Your time: 16:00–17:30 JST" in text
    assert "Umeå (CET)" in text
    assert "Your time: 23:00–00:30 JST" in text
    assert "By ferry to Umeå" in text
    assert "Put your watch back: in Umeå it is 1 hour earlier." in text


def test_drafts_and_lost_hosts_stay_with_staff(client, app_context):
    own, hosts = a_released_visit()
    press(client, f"{hosts[0]}/decline", reason="Closed that week")

    text = client.get(own).text

    assert "Stormossen" not in text
    assert "Closed that week" not in text


def test_the_visitor_accepts_the_programme_and_pressing_twice_is_harmless(client, app_context):
    own, _hosts = a_proposed_visit()
    assert "Do you accept this programme?" in client.get(own).text

    answers = [press(client, f"{own}/accept") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    text = client.get(own).text
    assert TITLES[VisitState.CONFIRMED] in text
    assert "You accepted the programme on Monday 1 February 2027 10:00 EET." in text
    assert "Accept the programme" not in text


def test_a_wish_goes_to_staff_and_stays_on_the_page(client, app_context):
    own, _hosts = a_proposed_visit()

    answer = press(client, f"{own}/wish", wish="More time at <Vakin>, please")

    assert answer.status_code == 303
    text = client.get(own).text
    assert TITLES[VisitState.PLANNING] in text
    assert "More time at &lt;Vakin&gt;, please" in text


def test_the_page_says_whether_a_wish_waits_or_what_was_answered(client, app_context):
    own, _hosts = a_proposed_visit()
    reference = database.session.scalars(select(VisitRequest.reference)).one()
    press(client, f"{own}/wish", wish="Start at ten")

    waiting = client.get(own).text
    answer_wish(reference, "Ten is fine with <Vakin>", who=STAFF, now=NOW)
    answered = client.get(own).text
    press(client, f"{own}/wish", wish="And lunch")
    answer_wish(reference, "", who=STAFF, now=NOW)
    without_words = client.get(own).text

    assert "Waits for us" in waiting
    assert "changing the programme" in waiting
    assert "Waits for us" not in answered
    assert "Our answer of Monday 1 February 2027" in answered
    assert "Ten is fine with &lt;Vakin&gt;" in answered
    assert "A coordinator has read it and dealt with it on Monday 1 February 2027" in without_words


@pytest.mark.sqlite_only
def test_a_visit_that_is_over_keeps_no_wish_waiting(client, app_context):
    own = an_own_page(state="confirmed")
    press(client, f"{own}/wish", wish="One more hour, please")

    press(client, f"{own}/withdraw")

    text = client.get(own).text
    assert "One more hour, please" in text
    assert "Waits for us" not in text


@pytest.mark.sqlite_only
def test_a_wish_is_acknowledged_also_where_nothing_else_on_the_page_changes(client, app_context):
    own = an_own_page(state="confirmed")

    press(client, f"{own}/wish", wish="One more hour, please")

    assert "We have your wish. A coordinator reads it" in client.get(own).text


def test_the_visitor_answers_a_question(client, app_context):
    address = an_own_page(state="needs_info", question="How many?", answer_by=NOW + timedelta(days=3))
    assert "How many?" in client.get(address).text

    answer = press(client, f"{address}/answer", answer="Twelve")

    assert answer.status_code == 303
    text = client.get(address).text
    assert "Twelve" in text
    assert TITLES[VisitState.SUBMITTED] in text or TITLES[VisitState.PLANNING] in text


def test_withdrawing_is_asked_once_more_and_then_told_to_all(client, app_context):
    own, hosts = a_released_visit()
    assert "2 hosts that keep time free" in client.get(f"{own}/withdraw").text

    answers = [press(client, f"{own}/withdraw", reason="Our budget is gone") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    page = client.get(own).text
    assert "You have withdrawn this visit" in page
    assert "Every host that kept time free for you has been told." in page
    assert "This visit does not take place" in client.get(hosts[0]).text
    assert client.get(f"{own}/withdraw").status_code == 303


@pytest.mark.sqlite_only
def test_who_withdraws_before_a_host_was_asked_reads_that_nobody_else_is_told(client, app_context):
    a_directory()
    own = an_own_page(state="submitted")
    assert "nobody else needs to be told" in client.get(f"{own}/withdraw").text

    press(client, f"{own}/withdraw", reason="Our budget is gone")

    page = client.get(own).text
    assert "You have withdrawn this visit" in page
    assert "nobody else needs to be told" in page
    assert "has been told" not in page


def test_the_visitor_reads_times_in_another_zone(client, app_context):
    own, _hosts = a_proposed_visit()

    answer = press(client, f"{own}/time-zone", zone="America/New_York")

    assert answer.status_code == 303
    assert "Your time: 03:00–04:30 EDT" in client.get(own).text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("part", "data", "message"),
    [
        ("wish", {"wish": ""}, "Write what you would like to have changed."),
        ("wish", {"wish": "a\x00b"}, "control characters"),
        ("wish", {"wish": "kept " * 500}, "Use at most 2000 characters."),
        ("time-zone", {"zone": "Mars/Olympus"}, "Choose your time zone from the list."),
        ("withdraw", {"reason": "x" * 1001}, "Use at most 1000 characters."),
    ],
)
def test_what_cannot_be_used_has_its_message_beside_the_field(client, app_context, part, data, message):
    own, _hosts = a_proposed_visit()

    answer = press(client, f"{own}/{part}", **data)

    assert answer.status_code == 422
    assert message in answer.text
    assert "<title>Error:" in answer.text
    assert "kept kept" not in data.get("wish", "") or "kept kept" in answer.text


@pytest.mark.sqlite_only
def test_a_link_of_somebody_else_opens_nothing(client, app_context):
    visit = a_visit()
    foreign = a_link(LinkPurpose.ANSWER_SLOT, visit.id)
    late = a_link(LinkPurpose.MANAGE_VISIT, visit.id, expires_at=NOW)

    statuses = {
        client.get(f"/visits/{token}{part}").status_code
        for token in (foreign, "made-up")
        for part in ("", "/withdraw", "/programme.ics")
    }
    expired = client.get(f"/visits/{late}")

    assert statuses == {404}
    assert (expired.status_code, "This link has expired" in expired.text) == (410, True)
    assert press(client, f"/visits/{foreign}/accept").status_code == 404


def test_looking_changes_nothing(client, app_context):
    own, hosts = a_proposed_visit()
    before = everything_stored()

    for address in (own, f"{own}/withdraw", f"{own}/programme.ics", *hosts, f"{hosts[0]}?answer=accept"):
        client.get(address)
        client.head(address)
        client.options(address)

    assert everything_stored() == before


@pytest.mark.sqlite_only
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_the_visitors_page(web_server, app_context, page, width, scheme):
    own, _hosts = a_proposed_visit()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)

    for address in (own, f"{own}/withdraw"):
        page.goto(web_server.url + address)

        assert accessibility_faults(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.sqlite_only
def test_a_keyboard_alone_and_no_script_accept_the_programme(web_server, app_context, browser):
    own, _hosts = a_proposed_visit()
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(web_server.url + own)

    page.get_by_role("button", name="Accept the programme").focus()
    page.keyboard.press("Enter")

    page.get_by_role("heading", name=TITLES[VisitState.CONFIRMED]).wait_for()
    context.close()


def test_what_has_changed_since_the_mail_stands_above_the_programme(client, app_context):
    own, hosts = a_proposed_visit()
    assert "What has changed" not in client.get(own).text
    press(client, f"{own}/wish", wish="Not on that day")

    press(client, f"{hosts[0]}/decline", reason="We cannot then")

    text = client.get(own).text
    assert "What has changed" in text
    assert "No longer in the programme: Stormossen, Tuesday 16 March 2027, 09:00–10:30 EET." in text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("state", "by"),
    [("submitted", "Wednesday 3 February 2027 17:30 EET"), ("planning", "Monday 15 February 2027 17:30 EET")],
)
def test_who_acts_and_by_when_is_said_while_the_coordinators_work(client, app_context, state, by):
    text = client.get(an_own_page(state=state, state_changed_at=NOW)).text

    assert f"<strong>The coordinators</strong>, by {by}" in text


@pytest.mark.sqlite_only
def test_a_promise_that_was_not_kept_is_a_regret_and_no_date(client, app_context):
    text = client.get(an_own_page(state="submitted", state_changed_at=NOW - timedelta(days=9))).text

    assert "<strong>The coordinators</strong></p>" in text
    assert "It takes longer than we promised" in text


@pytest.mark.sqlite_only
def test_the_page_is_in_the_language_of_the_mail_unless_the_reader_chose_another(client, app_context):
    own = an_own_page(state="submitted")

    first = client.get(f"{own}?hl=fi", headers={"Accept-Language": "sv"})
    later = client.get(own, headers={"Accept-Language": "sv"})
    client.get(f"{own}?lang=en")
    chosen = client.get(f"{own}?hl=fi")

    assert [page.text.split('lang="')[1][:2] for page in (first, later, chosen)] == ["fi", "fi", "en"]


@pytest.mark.sqlite_only
def test_a_deadline_is_inflected_in_finnish(client, app_context):
    address = an_own_page(state="needs_info", question="How many?", answer_by=NOW + timedelta(days=3))

    text = client.get(f"{address}?hl=fi").text

    assert "viimeistään torstaina 4. helmikuuta 2027 klo 10:00 EET" in text
