"""References on pages: no line ends at their hyphens, and what one copies is the reference."""

import re

import pytest
from markupsafe import Markup

from bookings.web.templates import keep_references_whole
from tests.support.own_pages import an_own_page

WHOLE = '<span class="nowrap">{}</span>'


@pytest.mark.parametrize("reference", ["KV-2026-0042", "KV-2026-123456789", "KR-7HQ2-M4XC"])
def test_a_reference_among_other_words_stays_on_one_line(reference):
    assert keep_references_whole(f"Visit {reference}: A & B") == f"Visit {WHOLE.format(reference)}: A &amp; B"


@pytest.mark.parametrize("text", ["", "KV-20-1", "XKV-2026-0042", "kv-2026-0042", "on 2026-10-12"])
def test_other_words_stay_as_they_are(text):
    assert keep_references_whole(text) == text


def test_the_address_behind_a_reference_stays_whole():
    link = Markup('<a href="/staff/visits/KV-2026-0042">KV-2026-0042</a>')

    kept = keep_references_whole(link)

    assert kept == f'<a href="/staff/visits/KV-2026-0042">{WHOLE.format("KV-2026-0042")}</a>'


@pytest.mark.sqlite_only
def test_no_reference_is_broken_on_a_narrow_page(page, web_server, app_context):
    page.set_viewport_size({"width": 320, "height": 800})

    page.goto(web_server.url + an_own_page(state="confirmed"))

    found = page.locator("main .nowrap").filter(has_text=re.compile("^K[VR]-"))
    lines = found.evaluate_all("all => all.map(one => one.getClientRects().length)")
    assert lines == [1, 1]
