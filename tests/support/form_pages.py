"""Pages of the form "Book a visit", for the visitor and for staff who fill it in for somebody."""

from collections.abc import Iterator

from flask import Flask

from tests.support.booking import Visitor, answers
from tests.support.shown import Shown


def list_form_pages(app: Flask) -> Iterator[Shown]:
    """A form that waits on its last page, and one that was sent."""
    yield Shown("book.start", "/book")
    begun, sent = Visitor(app.test_client()), Visitor(app.test_client())
    begun.fill_in(answers(languages=["en", "sv"], group_size="70"), until="check")
    draft = begun.here.removesuffix("/check")
    for step in ("interests", "visit", "contact"):
        yield Shown("book.show_step", f"{draft}/{step}")
    yield Shown("book.check", begun.here)
    yield Shown("book.check", begun.here, "coordinator")
    yield Shown("staff_drafts.show", draft.replace("/book/", "/staff/drafts/"), "coordinator")
    for step in ("visit", "contact"):
        yield Shown("book.show_step", f"{draft}/{step}", status=422, sends="main form")
    yield Shown("book.check", begun.here, status=422, sends="main form")
    sent.fill_in(answers())
    yield Shown("book.sent", sent.here)
