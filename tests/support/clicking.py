"""A person with a real browser and a mouse: fills in what is on the page and presses its buttons."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.support.reading import Complaints
from tests.support.staff import PASSWORD


class Clicker:
    """One browser profile with one tab; `complaints` may be shared with others."""

    def __init__(self, browser: Browser, url: str, complaints: Complaints, **more: Any) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(
            locale="en-GB", timezone_id="Europe/Tallinn", **more
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        complaints.listen_to(self.page)

    def open(self, address: str) -> "Clicker":
        """Type an address, as after pressing a link in a mail."""
        self.page.goto(self.url + address)
        return self

    def sign_in(self, email: str) -> "Clicker":
        self.open("/staff/sign-in").fill_in(email=email, password=PASSWORD)
        self.press("Sign in")
        return self

    def fill_in(self, **values: str | list[str]) -> None:
        """Fill in fields by their names, whatever they are; several values tick several boxes."""
        for name, value in values.items():
            fields = self.page.locator(f'[name="{name}"]:visible, details:not([open]) [name="{name}"]')
            kind = fields.first.evaluate("one => one.type")
            if kind in ("checkbox", "radio"):
                self._tick(name, value if isinstance(value, list) else [value])
            elif kind == "select-one":
                fields.first.select_option(value)
            else:
                fields.first.fill(str(value))

    def press(self, label: str) -> None:
        """Press the button with this label."""
        self.page.get_by_role("button", name=label).first.click()

    def follow(self, label: str, *, within: Locator | None = None) -> None:
        """Follow the link with this label."""
        (within or self.page).get_by_role("link", name=label).first.click()

    def unfold(self, label: str) -> None:
        """Open what is folded under this label."""
        self.page.locator("summary", has_text=label).first.click()

    def sees(self, text: str) -> None:
        """Wait until this text is there."""
        self.page.get_by_text(text).first.wait_for()

    def _tick(self, name: str, values: list[str]) -> None:
        for value in values:
            box = self.page.locator(f'[name="{name}"][value="{value}"]')
            folded = self.page.locator("details:not([open])", has=box)
            if folded.count():
                folded.locator("summary").click()
            box.check()
