"""The host's answer page: it shows on GET and acts on POST, and tells what is true now."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.domain.links import LinkPurpose
from bookings.services.slots import add_slot, change_slot, withdraw_slot
from bookings.services.visits import release_visit
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.own_pages import a_link, a_released_visit, at, everything_stored, press
from tests.support.stories import STAFF, plan, slot_row

ONE = (("stormossen", 7.0),)
OTHER = {"time1-day": "2027-03-17", "time1-starts": "13:00", "time1-ends": "14:30"}


@pytest.fixture(autouse=True)
def _clock(app):
    app.extensions["clock"] = at(NOW)


def test_the_page_says_who_comes_why_how_many_when_and_where(client, app_context):
    _own, [host] = a_released_visit(ONE)

    text = client.get(host).text

    assert "Can you receive West Estonian delegation?" in text
    assert "See how waste and biogas are handled" in text
    assert "10 people" in text
    assert "Tuesday 16 March 2027" in text
    assert "09:00–10:30" in text
    assert "Vaasa (EET)" in text
    assert "Stormossen visitor centre, Road 1, Vaasa" in text


def test_a_host_learns_nothing_of_other_hosts_or_of_the_visitors_address(client, app_context):
    _own, hosts = a_released_visit()

    texts = [client.get(host).text for host in hosts]

    assert "Vakin" not in texts[0]
    assert "Stormossen" not in texts[1]
    assert not any("@visitor.example" in text for text in texts)


def test_the_host_accepts_and_pressing_twice_is_harmless(client, app_context):
    _own, [host] = a_released_visit(ONE)

    answers = [press(client, f"{host}/accept") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    text = client.get(host).text
    assert "You receive West Estonian delegation" in text
    assert "You accepted on Monday 1 February 2027 10:00 EET." in text
    assert "You can change it here until" in text


def test_the_host_declines_with_a_reason_and_takes_it_back(client, app_context):
    _own, [host] = a_released_visit(ONE)
    press(client, f"{host}/decline", reason="Closed for repair")
    told = client.get(host).text

    answer = press(client, f"{host}/accept")

    assert "You have declined" in told
    assert "Closed for repair" in told
    assert "We can receive them after all" in told
    assert answer.status_code == 303
    assert "You receive West Estonian delegation" in client.get(host).text


def test_the_host_takes_a_yes_back(client, app_context):
    _own, [host] = a_released_visit(ONE)
    press(client, f"{host}/accept")

    answer = press(client, f"{host}/decline", reason="Ill")

    assert answer.status_code == 303
    assert "You have taken your yes back" in client.get(host).text


def test_the_host_is_not_sure_yet(client, app_context):
    _own, [host] = a_released_visit(ONE)

    answer = press(client, f"{host}/maybe")

    assert answer.status_code == 303
    assert "You said that you are not sure yet." in client.get(host).text


def test_the_host_proposes_other_times_in_the_zone_of_the_place(client, app_context):
    _own, [host] = a_released_visit(ONE)
    second = {"time2-day": "18.3.2027", "time2-starts": "9.00", "time2-ends": "10.30"}

    answer = press(client, f"{host}/propose", **OTHER, **second, comment="Afternoons are better")

    assert answer.status_code == 303
    text = client.get(host).text
    assert "You have proposed other times" in text
    assert "Wednesday 17 March 2027 13:00–14:30 EET" in text
    assert "Thursday 18 March 2027 09:00–10:30 EET" in text
    assert "Afternoons are better" in text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time1-day": "", "time1-starts": "", "time1-ends": ""}, "Offer at least one other time."),
        ({"time1-ends": ""}, "Fill in the day and both times."),
        ({"time1-day": "2027-02-30"}, "Write a day that exists, like 2026-10-12."),
        ({"time1-day": "0001-01-01", "time1-starts": "00:10"}, "Write a day that exists, like 2026-10-12."),
        ({"time1-starts": "25:00"}, "Write a time of the day, like 13:30."),
        ({"time1-ends": "12:00"}, "The end has to be after the start."),
        ({"time1-day": "2027-01-31"}, "Offer times that lie in the future."),
        (
            {"time1-day": "2027-03-16", "time1-starts": "09:00", "time1-ends": "10:30"},
            "This is the time that was asked for.",
        ),
        ({"time1-day": "2027-05-20"}, "The visitors are not here then. Offer a time between"),
        ({"time1-day": "2026-03-18"}, "Offer times that lie in the future."),
        ({"time1-starts": "06:00", "time1-ends": "19:00"}, "A stop takes at most 12 hours."),
        ({"time1-starts": "13:00", "time1-ends": "13:05"}, "A stop takes at least 15 minutes."),
        ({"comment": "\x0b"}, "control characters"),
        ({"comment": "x" * 1001}, "Use at most 1000 characters."),
    ],
)
def test_a_proposal_that_cannot_be_used_has_its_message_beside_the_field(
    client, app_context, changes, message
):
    _own, [host] = a_released_visit(ONE)

    answer = press(client, f"{host}/propose", **{**OTHER, **changes})

    assert answer.status_code == 422
    assert message in answer.text
    assert "<title>Error:" in answer.text
    assert changes.get("time1-starts", "13:00") in answer.text or not changes["time1-starts"]


@pytest.mark.sqlite_only
def test_a_time_that_the_clocks_jump_over_is_refused_with_the_nearest(client, app_context):
    _own, [host] = a_released_visit(ONE)
    gap = {"time1-day": "2027-03-28", "time1-starts": "03:30", "time1-ends": "05:00"}

    answer = press(client, f"{host}/propose", **gap)

    assert answer.status_code == 422
    assert "Sunday 28 March 2027 02:59 EET and Sunday 28 March 2027 04:00 EEST" in answer.text


@pytest.mark.sqlite_only
def test_a_time_that_comes_twice_is_asked_about(client, app_context):
    _own, [host] = a_released_visit(ONE, first_day=date(2027, 10, 30))
    fold = {"time1-day": "2027-10-31", "time1-starts": "03:30", "time1-ends": "05:00"}
    asked = press(client, f"{host}/propose", **fold)

    answer = press(client, f"{host}/propose", **fold, **{"time1-which": "1"})

    assert asked.status_code == 422
    assert "The second one, winter time" in asked.text
    assert answer.status_code == 303
    assert "Sunday 31 October 2027 03:30–05:00 EET" in client.get(host).text


@pytest.mark.parametrize("answer", ["accept", "decline", "propose", "maybe", "anything"])
@pytest.mark.sqlite_only
def test_looking_at_the_page_never_answers(client, app_context, answer):
    _own, [host] = a_released_visit(ONE)
    before = everything_stored()

    page = client.get(f"{host}?answer={answer}")

    assert page.status_code == 200
    assert everything_stored() == before
    assert client.get(f"{host}/{answer}").status_code in (404, 405)


@pytest.mark.sqlite_only
def test_the_mail_can_open_the_part_that_was_chosen(client, app_context):
    _own, [host] = a_released_visit(ONE)

    opened = {part: client.get(f"{host}?answer={part}").text.count(" open>") for part in ("", "decline")}

    assert opened == {"": 0, "decline": 1}


def test_an_old_mail_shows_what_is_true_now_and_never_acts(client, app_context):
    _own, [host] = a_released_visit(ONE)
    slot_id = 1
    change_slot(slot_id, plan("stormossen", 12), version=slot_row(slot_id).version, who=STAFF, now=NOW)
    before = everything_stored()

    text = client.get(host).text
    answer = press(client, f"{host}/accept")

    assert "14:00–15:30" in text
    assert "please use the newest mail about this visit" in text
    assert "Yes, we receive them" not in text
    assert answer.status_code == 409
    assert everything_stored() == before


def test_a_withdrawn_question_is_told_in_plain_words(client, app_context):
    _own, [host] = a_released_visit(ONE)
    withdraw_slot(1, who=STAFF, now=NOW)

    text = client.get(host).text

    assert "This question has been taken back" in text
    assert "Your answer" not in text


def test_page_and_worker_agree_on_who_has_expired(app, client, app_context):
    _own, [host] = a_released_visit(ONE)
    app.extensions["clock"] = at(slot_row(1).respond_by)

    text = client.get(host).text

    assert "The time to answer has passed" in text
    assert "Yes, we receive them" not in text


def test_shortly_before_the_visit_the_answer_is_for_the_telephone(app, client, app_context):
    _own, [host] = a_proposed_visit_of_one(client)
    app.extensions["clock"] = at(datetime(2027, 3, 15, 9, 0, tzinfo=UTC))

    answer = client.get(host)

    assert "too close to change the answer here" in answer.text or answer.status_code == 410
    assert "Take the yes back" not in answer.text


def a_proposed_visit_of_one(client):
    own, hosts = a_released_visit(ONE)
    press(client, f"{hosts[0]}/accept")
    return own, hosts


def test_a_time_that_was_taken_names_the_next_free_ones_and_offers_to_propose_them(client, app_context):
    _own, [host] = a_released_visit(ONE)
    press(client, f"{host}/decline")
    rival = release_rival()

    answer = press(client, f"{host}/accept")

    assert rival
    assert answer.status_code == 409
    assert "The next free times are" in answer.text


def release_rival():
    """Another delegation is given the host's time."""
    visit = a_visit(state="planning", organisation="City of Sapporo")
    reference = visit.reference
    slot_id = add_slot(reference, plan("stormossen", 7), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return slot_id


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "state",
    ["draft", "pending", "tentative", "countered", "accepted", "declined", "expired", "withdrawn",
     "cancelled", "completed", "no_show"],
)  # fmt: skip
def test_each_state_is_told_without_an_account(client, app_context, state):
    organisations = a_directory()
    slot = a_slot(
        a_visit(state="awaiting_hosts"),
        organisations["vakin"],
        starts_at=NOW + timedelta(days=30),
        state=state,
    )
    token = a_link(LinkPurpose.ANSWER_SLOT, slot.id, sequence=0)

    answer = client.get(f"/slots/{token}")

    assert answer.status_code == 200
    assert "KV-2027-" in answer.text


@pytest.mark.sqlite_only
def test_a_link_of_somebody_else_opens_nothing(client, app_context):
    own, [host] = a_released_visit(ONE)
    visitor = own.rpartition("/")[2]

    statuses = {
        client.get(f"/slots/{token}{part}").status_code
        for token in (visitor, "x")
        for part in ("", "/visit.ics")
    }

    assert statuses == {404}
    assert press(client, f"/slots/{visitor}/accept").status_code == 404
    assert "Yes, we receive them" in client.get(host).text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_the_answer_page(web_server, app_context, page, width, scheme):
    _own, [host] = a_released_visit(ONE)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)

    for address in (f"{host}?answer=propose", f"{host}?answer=decline"):
        page.goto(web_server.url + address)

        assert accessibility_faults(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.sqlite_only
def test_a_keyboard_alone_and_no_script_decline_with_a_reason(web_server, app_context, browser):
    _own, [host] = a_released_visit(ONE)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(web_server.url + host)

    press_summary(page, "No, we cannot")
    page.keyboard.press("Tab")
    page.keyboard.type("Closed for repair")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="You have declined").wait_for()
    assert "Closed for repair" in page.content()
    context.close()


def press_summary(page, text):
    page.locator("summary", has_text=text).focus()
    page.keyboard.press("Enter")
