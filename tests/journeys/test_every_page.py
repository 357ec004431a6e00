"""Every page in a real browser: narrow and wide, light and dark, in three languages, without a fault."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.support.all_pages import PARTS, fill_site, list_pages, page_endpoints
from tests.support.reading import NARROW, Readers, width_faults
from tests.support.servers import WebServer

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.slow,
    pytest.mark.settings(app={"demo": True}, mail={"transport": "folder"}),
]


@pytest.fixture
def readers(app: Flask, web_server: WebServer, browser: Browser) -> Iterator[Readers]:
    fill_site(app)
    readers = Readers(app, web_server.url, browser)
    yield readers
    readers.close()


def test_no_page_of_the_application_is_left_out(app: Flask) -> None:
    fill_site(app)

    listed = {page.endpoint for part in PARTS for page in list_pages(app, part)}

    assert page_endpoints(app) - listed == set()


@pytest.mark.parametrize("part", PARTS)
def test_pages_are_without_fault_narrow_and_wide_in_light_and_dark(
    app: Flask, readers: Readers, part: str
) -> None:
    faults, seen = [], set()

    for page in list_pages(app, part):
        faults += readers.inspect(page, thoroughly=page.endpoint not in seen)
        seen.add(page.endpoint)

    assert faults == []


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_long_words_of_other_languages_fit_a_narrow_window(
    app: Flask, readers: Readers, language: str
) -> None:
    readers.language = language
    faults, seen = [], set()

    for page in [page for part in PARTS for page in list_pages(app, part)]:
        if page.endpoint not in seen:
            seen.add(page.endpoint)
            readers.page_of(page.reader).set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
            faults += [f"{page.address}: {fault}" for fault in readers.open(page)]
            faults += [f"{page.address}: {fault}" for fault in width_faults(readers.page_of(page.reader))]

    assert faults == []
