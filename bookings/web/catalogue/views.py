"""The printable catalogue, as the worker set it last."""

from flask import Blueprint, Response, request

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.i18n import current_language
from bookings.queries.catalogue import find_catalogue
from bookings.web.security import public

catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/companies/catalogue.pdf")
@public
def show() -> Response:
    language = current_language()
    found = find_catalogue(read_session(), language)
    if found is None:
        raise NotFoundError("catalogue", language)
    stamp, content = found
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="companies-{language}.pdf"'
    answer.headers["Content-Language"] = language
    answer.set_etag(stamp)
    answer.make_conditional(request)
    return answer
