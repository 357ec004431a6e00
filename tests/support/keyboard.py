"""A person with a real browser and a keyboard alone, who has to see where the focus is."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.support.staff import PASSWORD

_MOST_TABS = 250
# Is the focus on the wanted element; and if it is on any: can one see that, and is nothing laid over it?
_FOCUS = """wanted => {
  const one = document.activeElement
  if (!one || one === document.body) return {arrived: false, fault: ''}
  const style = getComputedStyle(one)
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  const box = one.getClientRects()[0]
  const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  const covered = !top || !(one.contains(top) || top.contains(one))
  const name = `${one.tagName} ${one.name || one.textContent.trim().slice(0, 30)}`
  const fault = !outlined ? 'focus not seen' : covered ? 'covered' : ''
  return {arrived: one.matches(wanted), fault: fault && `${name}: ${fault} (${location.pathname})`}
}"""


class Typist:
    """One tab without a mouse. `faults`: where the focus could not be seen."""

    def __init__(self, browser: Browser, url: str, **more: Any) -> None:
        self.url = url
        self.context = browser.new_context(locale="en-GB", timezone_id="Europe/Tallinn", **more)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.faults: list[str] = []

    def open(self, address: str) -> "Typist":
        """Type an address, as after pressing a link in a mail."""
        self.page.goto(self.url + address)
        return self

    def sign_in(self, email: str) -> None:
        self.open("/staff/sign-in").type_into("[name=email]", email)
        self.type_into("[name=password]", PASSWORD)
        self.enter("main form button")

    def go_to(self, wanted: str) -> None:
        """Press Tab until this element has the focus."""
        for _ in range(_MOST_TABS):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(_FOCUS, wanted)
            if focus["fault"] and focus["fault"] not in self.faults:
                self.faults.append(focus["fault"])
            if focus["arrived"]:
                return
        refused = self.page.locator(".error-summary").all_inner_texts()
        raise AssertionError(f"Tab never reaches {wanted} on {self.page.url} {refused}")

    def enter(self, wanted: str) -> None:
        """Go to a link or button, press Enter, and wait for the next page."""
        self.go_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def tick(self, wanted: str) -> None:
        """Go to a box or to a group of radio buttons and press Space, unless it is ticked already."""
        self.go_to(wanted)
        if not self.page.evaluate("document.activeElement.checked"):
            self.page.keyboard.press("Space")

    def type_into(self, wanted: str, text: str) -> None:
        """Go to a field and type; in a list of options this chooses the one that begins so."""
        self.go_to(wanted)
        self.page.keyboard.type(text)

    def type_parts(self, wanted: str, value: str, *ways: str) -> None:
        """Type a date or a time: a browser asks for its parts in the order of its own language."""
        self.go_to(wanted)
        for keys in ways:
            self.page.keyboard.type(keys)
            if self.page.evaluate("document.activeElement.value") == value:
                return
            # Back to before the field, whose parts each take a Tab.
            while self.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                self.page.keyboard.press("Shift+Tab")
            self.go_to(wanted)
        raise AssertionError(f"{wanted} does not take {value}")

    def type_date(self, wanted: str, value: str) -> None:
        year, month, day = value.split("-")
        self.type_parts(wanted, value, f"{month}{day}{year}", f"{day}{month}{year}", f"{year}{month}{day}")

    def type_time(self, wanted: str, value: str) -> None:
        hour, minute = value.split(":")
        half = "PM" if int(hour) >= 12 else "AM"
        twelve = (int(hour) + 11) % 12 + 1
        self.type_parts(wanted, value, f"{hour}{minute}", f"{twelve:02}{minute}{half}")
