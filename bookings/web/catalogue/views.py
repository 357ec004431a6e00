"""The printable catalogue, as the worker set it last."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.i18n import current_language
from bookings.queries.catalogue import find_catalogue
from bookings.web.security import public

catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/companies/catalogue.pdf")
@public
def show() -> ResponseReturnValue:
    language = current_language()
    found = find_catalogue(read_session(), language)
    if found is None:  # nobody has printed it yet: the same, to read
        return redirect(url_for("companies.index"))
    stamp, content = found
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="companies-{language}.pdf"'
    answer.headers["Content-Language"] = language
    answer.set_etag(stamp)
    answer.make_conditional(request)
    return answer
