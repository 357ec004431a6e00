"""People who read pages in a real browser and say what is wrong with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sqlalchemy import select

from bookings.db import database
from bookings.extensions import security
from bookings.models.staff import StaffUser
from tests.support.browsers import WCAG, accessibility_faults
from tests.support.refused_pages import SEND_EMPTY
from tests.support.shown import Shown
from tests.support.staff import PASSWORD

NARROW, WIDE = (320, 640), (1280, 800)
# What can differ between the light and the dark page of one width.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
LOOKS: tuple[tuple[tuple[int, int], tuple[Literal["light", "dark"], ...]], ...] = (
    (WIDE, ("dark", "light")),
    (NARROW, ("light", "dark")),
)
# The same on all pages of one reader.
FRAME = (".site-header", ".site-footer", ".staff-nav")


@dataclass
class Complaints:
    """What the browser's console says against a page: faults of scripts, refused by the policy, not found."""

    said: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> "Complaints":
        """Keep what this page complains of from now on."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(f"script: {error}"))
        return self

    def take(self) -> list[str]:
        """What was said since the last time."""
        said, self.said = self.said, []
        return said

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(f"console: {message.text} ({message.location.get('url', '')})")


class Readers:
    """One browser for everybody: a stranger, staff, and somebody who has typed the password but no code."""

    def __init__(self, app: Flask, url: str, browser: Browser) -> None:
        self.app, self.url, self.browser = app, url, browser
        self.language = ""
        self.contexts: dict[str, BrowserContext] = {}
        self.pages: dict[str, Page] = {}
        self.complaints: dict[str, Complaints] = {}

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()

    def page_of(self, reader: str) -> Page:
        """This reader's tab, signed in when the reader is one of staff."""
        if reader not in self.pages:
            self.contexts[reader] = self.browser.new_context(
                locale="en-GB", timezone_id="Europe/Tallinn", reduced_motion="reduce"
            )
            page = self.pages[reader] = self.contexts[reader].new_page()
            page.set_default_timeout(15_000)
            if reader != "nobody":
                self._sign_in(page, reader)
            if self.language:
                self.contexts[reader].add_cookies(
                    [{"name": "language", "value": self.language, "url": self.url}]
                )
            self.complaints[reader] = Complaints().listen_to(page)
        return self.pages[reader]

    def _sign_in(self, page: Page, reader: str) -> None:
        """The administrator connects an app then, so that one who signs in later is asked for a code."""
        is_half_way = reader == "half-way"
        if is_half_way:
            self.page_of("admin")
        email = f"{'admin' if is_half_way else reader}@staff.example"
        page.goto(f"{self.url}/staff/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/sign-in/code*" if is_half_way else re.compile(r"/staff/(\?.*)?$"))
        if reader == "admin":
            self._connect_app(email)

    def _connect_app(self, email: str) -> None:
        """From now on this account is asked for a code."""
        with self.app.app_context():
            found = database.session.scalars(select(StaffUser).where(StaffUser.email == email))
            person = found.unique().one()
            person.tf_primary_method = "authenticator"
            person.tf_totp_secret = security.totp_factory.generate_totp_secret()
            database.session.commit()

    def open(self, shown: Shown) -> list[str]:
        """Open a page in its reader's tab; what is wrong at first sight."""
        page = self.page_of(shown.reader)
        answer = page.goto(self.url + shown.address)
        arrived_at = page.url
        if shown.sends:
            with page.expect_navigation() as sent:
                page.evaluate(SEND_EMPTY, shown.sends)
            answer = sent.value
        content = answer.text() if answer and shown.is_sandboxed else ""
        status = answer.status if answer else 0
        found = [] if status == shown.status else [f"status {status} instead of {shown.status}"]
        if not arrived_at.endswith(shown.address):
            found.append(f"leads to {arrived_at}")
        if content:
            # No script may run there, and axe is one: the same page without the policy.
            page.goto("about:blank")
            page.set_content(content)
        expected = f"responded with a status of {shown.status}" if shown.status >= 400 else "nothing"
        return found + [line for line in self.complaints[shown.reader].take() if expected not in line]

    def inspect(self, shown: Shown, *, thoroughly: bool) -> list[str]:
        """Everything that is wrong with a page, narrow and wide, in light and dark."""
        found = self.open(shown)
        # A mail stands within another page, which has the landmarks.
        tags = WCAG if shown.is_sandboxed else (*WCAG, "best-practice")
        found += inspect_page(self.page_of(shown.reader), tags=tags, thoroughly=thoroughly)
        return [f"{shown.address} ({shown.endpoint}) {fault}" for fault in found]


def inspect_page(page: Page, *, tags: Sequence[str], thoroughly: bool) -> list[str]:
    """The page as it stands, with all that can be unfolded: its frame, its width, and what axe finds.

    Colours are looked at in both widths and schemes, all the rest in both widths. Without `thoroughly`:
    everything narrow in light, colours wide in dark, no frame; for other states of a page seen before.
    """
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = frame_faults(page)
    for width, schemes in LOOKS:
        page.set_viewport_size({"width": width[0], "height": width[1]})
        for scheme in schemes if thoroughly else schemes[:1]:
            page.emulate_media(color_scheme=scheme)
            rules = None if scheme == "light" else COLOUR_RULES
            without = () if thoroughly else FRAME
            faults = accessibility_faults(page, tags=tags, rules=rules, without=without)
            found += [f"{width[0]} {scheme}: {fault}" for fault in faults]
        found += [f"{width[0]}: {fault}" for fault in width_faults(page)]
    return found


def frame_faults(page: Page) -> list[str]:
    """A page has a title, a language and one heading of the first level."""
    headings, title, language = page.evaluate(
        "[document.querySelectorAll('h1').length, document.title.trim(), document.documentElement.lang]"
    )
    found = [] if headings == 1 else [f"{headings} headings of the first level"]
    return found + [f"no {name}" for name, value in (("title", title), ("language", language)) if not value]


def width_faults(page: Page) -> list[str]:
    """What sticks out of the window, so that one would have to scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.scrollWidth
          if (wide <= innerWidth) return []
          const out = [...document.querySelectorAll('body *')].filter(
            one => one.getBoundingClientRect().right > innerWidth + 0.5)
          const names = out.slice(-3).map(
            one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)
          return [`${wide} wide: ${names.join(' | ')}`]
        }"""
    )
    return found
