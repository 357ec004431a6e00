"""A half-filled form as the request that it makes."""

from bookings.db import read_session
from bookings.domain.requests import NewRequest
from bookings.queries.directory import Directory
from bookings.queries.requests import DraftView, find_draft
from bookings.web.clock import utc_now
from bookings.web.requests.forms import ContactForm, InterestsForm, VisitForm
from bookings.web.requests.steps import STEPS, bind_draft, find_open_step
from bookings.web.requests.wish import build_wish

DRAFT = "draft"
"""The session's key of the form that this browser began."""


def read_wish(token: str, directory: Directory) -> tuple[DraftView, NewRequest | None]:
    """The draft with the request that it makes; None while a step is open or when it was sent."""
    now = utc_now()
    draft = find_draft(read_session(), token, now=now)
    if draft.visit_id is not None:
        return draft, None
    forms = bind_draft(draft, directory=directory, now=now)
    if find_open_step(draft, forms) is not None:
        return draft, None
    about, visit, contact = (forms[step] for step in STEPS)
    assert isinstance(about, InterestsForm)
    assert isinstance(visit, VisitForm)
    assert isinstance(contact, ContactForm)
    return draft, build_wish(about, visit, contact, directory=directory)
