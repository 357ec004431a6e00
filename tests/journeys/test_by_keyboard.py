"""The main job with a keyboard alone, with and without JavaScript: from the form to the visitor's yes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.builders import a_directory
from tests.support.keyboard import Typist
from tests.support.mailbox import SMTPSink
from tests.support.servers import WebServer
from tests.support.staff import an_account
from tests.support.told_visits import Story, address_of, link_in, working

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
VISITOR = "mari@towns.example"


@pytest.fixture
def story(app: Flask, web_server: WebServer, smtp_sink: SMTPSink) -> Iterator[Story]:
    with app.app_context():
        a_directory()
    an_account(app)
    story = Story(app, web_server, smtp_sink)
    with working(story):
        yield story


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_visit_is_booked_planned_and_confirmed_by_keyboard(
    story: Story, browser: Browser, *, has_scripts: bool
) -> None:
    typist = Typist(browser, story.server.url, java_script_enabled=has_scripts)

    _skip_to_the_content(typist)
    _send_request(typist)
    typist.open(link_in(story.newest_mail(VISITOR), "/book/verify/")).enter("main form button")
    _plan_and_release(typist)
    typist.open(link_in(story.newest_mail(address_of("stormossen")), "/slots/"))
    typist.enter("form[action$='/accept'] button")
    typist.open(link_in(story.newest_mail(VISITOR, "please say yes"), "/visits/"))
    typist.enter("form[action$='/accept'] button")

    typist.page.get_by_text("Your visit is confirmed").first.wait_for()
    assert typist.faults == []
    typist.context.close()


def _skip_to_the_content(typist: Typist) -> None:
    """The first Tab offers to jump over the header; the next one is in the content then."""
    typist.open("/").go_to("a.skip")
    typist.page.keyboard.press("Enter")
    typist.page.keyboard.press("Tab")
    assert typist.page.evaluate("document.activeElement.closest('main') !== null")


def _send_request(typist: Typist) -> None:
    going_on = "main form .button-row button"
    typist.open("/").enter("header a[href='/book']")
    typist.tick("[name=interests][value=waste-circular]")
    typist.tick("[name=visit_kind]")
    typist.type_into("[name=purpose]", "See how biogas is made from waste on both shores.")
    typist.enter(going_on)
    typist.tick("[name=places][value=vaasa]")
    typist.type_date("#first-earliest_on", "2027-04-12")
    typist.type_date("#first-latest_on", "2027-04-16")
    typist.type_into("#first-half_days", "2 days")
    typist.type_into("[name=group_size]", "10")
    typist.tick("[name=languages][value=en]")
    typist.enter(going_on)
    typist.type_into("[name=organisation]", "West Estonian towns")
    typist.type_into("[name=country]", "Eston")
    typist.tick("[name=organisation_kind]")
    typist.type_into("[name=contact_name]", "Mari Tamm")
    typist.type_into("[name=email]", VISITOR)
    typist.enter(going_on)
    typist.tick("[name=accepts_costs]")
    typist.enter(going_on)


def _plan_and_release(typist: Typist) -> None:
    typist.sign_in("coordinator@staff.example")
    typist.enter(".staff-main a[href*='/staff/visits/KV-']")
    typist.enter(".staff-main a[href$='/plan']")
    typist.enter(".staff-main form button")
    typist.enter(".staff-main a[href*='host=stormossen']")
    typist.type_date("[name=day]", "2027-04-13")
    typist.type_time("[name=starts]", "10:00")
    typist.enter(".staff-main .button-row button")
    typist.enter(".staff-main a[href$='/release']")
    typist.enter(".staff-main .button-row button")
