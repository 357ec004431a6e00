"""Calendar files over HTTP: programs fetch them again and again, so 304 says that nothing changed."""

from flask import Response, request


def calendar_response(body: bytes, *, name: str) -> Response:
    """The file for a feed; with `?download=1` the browser saves it under `name`."""
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.add_etag()
    response.make_conditional(request)
    return response
