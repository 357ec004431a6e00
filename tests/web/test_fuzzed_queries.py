"""Queries that no page makes: nobody meets a fault, and none says where a link leads to."""

import html
import os
import re
from random import Random
from urllib.parse import parse_qsl, quote, quote_from_bytes, urlsplit

import pytest

from tests.support.browsing import read_forms
from tests.support.mangling import spoiled_text
from tests.support.shown import Shown
from tests.support.site_forms import Senders

QUERIES = int(os.environ.get("BOOKINGS_TEST_QUERIES", "600"))
"""What the suite can afford."""
_WORDS_OF_ADDRESSES = ("endpoint", "values", "_anchor", "_external", "_method", "_scheme")
"""Arguments of Flask's `url_for`."""
_LINK = re.compile(r'href="([^"]+)"')
_LANGUAGE_LINK = re.compile(r'href="([^"]+lang=(?:en|sv|fi))" lang=')

pytestmark = [pytest.mark.slow, pytest.mark.settings(app={"demo": True}, mail={"transport": "folder"})]


def test_no_query_of_any_page_meets_a_fault(app):
    senders, chance = Senders(app), Random(QUERIES)
    pages = list({page.endpoint: page for page in senders.list_good_pages()}.values())
    names = {page.endpoint: _list_names(senders, page) for page in pages}
    anywhere = sorted(set().union(*names.values()))
    faults = []

    for number in range(QUERIES):
        page = pages[number % len(pages)]
        asked = chance.choices(
            [*names[page.endpoint], *chance.sample(anywhere, 3)], k=chance.choice((1, 2, 4))
        )
        query = "&".join(f"{quote(name)}={quote_from_bytes(spoiled_text(chance))}" for name in asked)
        status = senders.open(page, query).status_code
        if status >= 500:
            faults.append(f"{number} {page.endpoint}: {status}, {query[:300]}")

    print(f"{QUERIES} queries of {len(pages)} pages with {len(anywhere)} names")
    assert not faults, "\n".join(faults)


def test_a_query_that_speaks_as_the_code_does_leads_nowhere_else(app):
    senders, faults = Senders(app), []
    for page in {page.endpoint: page for page in senders.list_good_pages()}.values():
        words = [*_WORDS_OF_ADDRESSES, *_path_words(app, page)]

        answer = senders.open(page, "&".join(f"{word}=elsewhere" for word in words))

        links = [html.unescape(link) for link in _LANGUAGE_LINK.findall(answer.text)]
        here = page.address.partition("?")[0]
        if answer.status_code >= 500 or any(urlsplit(link).path != here for link in links):
            faults.append(f"{page.endpoint}: {answer.status_code}, {links}")
    assert not faults, "\n".join(faults)


def _list_names(senders: Senders, page: Shown) -> set[str]:
    """The parameters that the page's own links and forms know, and those of every page."""
    answer, here = senders.open(page), page.address.partition("?")[0]
    if answer.mimetype != "text/html":
        return {"page"}
    links = [urlsplit(html.unescape(link)) for link in _LINK.findall(answer.text)]
    names = {name for link in links if link.path == here for name, _ in parse_qsl(link.query)}
    searches = [form for form in read_forms(answer.text, here) if form.method == "get"]
    return names | {name for form in searches for name in form.kinds} | {"page", "lang"}


def _path_words(app, page: Shown) -> set[str]:
    return {word for rule in app.url_map.iter_rules(page.endpoint) for word in rule.arguments}
