"""What a page points to within itself is there, once."""

import pytest

from tests.support.references import list_wrong_references
from tests.support.site_forms import Senders

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite_only,
    pytest.mark.settings(app={"demo": True}, mail={"transport": "folder"}),
]


def test_every_id_stands_once_on_its_page_and_nothing_points_to_one_that_is_not_there(app):
    """A label whose id another field has, too, ticks that one: nobody sees why."""
    senders, faults = Senders(app), []
    pages = senders.list_good_pages()
    for page in pages:
        wrong = list_wrong_references(senders.open(page).text)
        faults += [f"{page.endpoint} {page.address}: {fault}" for fault in wrong]

    assert len(pages) > 100
    assert not faults, "\n".join(faults)


def test_a_broken_page_would_be_found():
    page = '<label for="a">One</label><input id="a"><input id="a"><a href="#b">Two</a>'

    assert list_wrong_references(page) == ["2 times id=a", "a href=#b"]
