"""The programme of a visit as PDF: behind the visitor's link, behind a host's, and for staff."""

import logging

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole
from bookings.services.printed import (
    PrintingError,
    Sheet,
    build_host_sheet,
    build_staff_sheet,
    build_visitor_sheet,
    hash_sheet,
    print_sheet,
)
from bookings.web.clock import utc_now
from bookings.web.security import link_gate, staff_gate

printed = Blueprint("printed", __name__)
log = logging.getLogger("bookings.printing")


@printed.get("/visits/<token>/programme.pdf")
@link_gate(LinkPurpose.MANAGE_VISIT)
def for_visitor(token: str) -> ResponseReturnValue:
    sheet = build_visitor_sheet(read_session(), token, now=utc_now())
    return _answer(sheet, instead=url_for("visits.show", token=token))


@printed.get("/slots/<token>/programme.pdf")
@link_gate(LinkPurpose.ANSWER_SLOT)
def for_host(token: str) -> ResponseReturnValue:
    sheet = build_host_sheet(read_session(), token, now=utc_now())
    return _answer(sheet, instead=url_for("slots.show", token=token))


@printed.get("/staff/visits/<reference>/programme.pdf")
@staff_gate(StaffRole.READER)
def for_staff(reference: str) -> ResponseReturnValue:
    sheet = build_staff_sheet(read_session(), reference, now=utc_now())
    return _answer(sheet, instead=url_for("staff_visits.show", reference=reference))


def _answer(sheet: Sheet | None, *, instead: str) -> ResponseReturnValue:
    """The PDF; what the browser holds already is not set again. Without it, the page says the same."""
    if sheet is None:
        return redirect(instead)
    answer = Response(content_type="application/pdf")
    answer.set_etag(hash_sheet(sheet))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Language"] = sheet.language
    answer.headers["Content-Disposition"] = f'inline; filename="{sheet.reference}-{sheet.language}.pdf"'
    answer.make_conditional(request)
    if answer.status_code == 304:
        return answer
    try:
        answer.data = print_sheet(read_session(), sheet)
    except PrintingError:
        log.exception("the programme was not printed")
        return redirect(instead)
    return answer
