"""A real browser, when the machine has one."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-*/axe.min.js"))
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# WCAG 2.2 at level AA and what axe calls best practice.
_TAGS = (*WCAG, "best-practice")


def find_browser() -> str | None:
    """The first Chromium on PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def browser_at(executable: str) -> Iterator[Browser]:
    """A headless browser with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS), headless=True)
        yield browser
        browser.close()


def accessibility_faults(
    page: Page,
    *,
    tags: Sequence[str] = _TAGS,
    rules: Sequence[str] | None = None,
    without: Sequence[str] = (),
) -> list[str]:
    """What axe finds on the page as it stands, one line per fault and element; by tags or by rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": tags}
    result = page.evaluate(
        """([only, without]) => axe.run(
          {include: ['html'], exclude: without.filter(one => document.querySelector(one))},
          {runOnly: only, resultTypes: ['violations']})""",
        [only, list(without)],
    )
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']} | {' '.join(map(str, node['target']))}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]
