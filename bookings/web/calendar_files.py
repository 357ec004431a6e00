"""Calendar files over HTTP: programs fetch them again and again, so 304 says that nothing changed."""

from collections.abc import Callable, Sequence

from flask import Response, request

_TYPE = "text/calendar; charset=utf-8"


def calendar_response(body: bytes, *, name: str) -> Response:
    """The file for a feed; with `?download=1` the browser saves it under `name`."""
    response = _private(Response(body, content_type=_TYPE))
    if "download" in request.args:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.add_etag()
    response.make_conditional(request)
    return response


def feed_response(etag: str, build: Callable[[], Sequence[bytes]]) -> Response:
    """A feed whose version is known before it is built; who has this version is told so and nothing else."""
    is_known = request.if_none_match.contains_weak(etag)
    response = _private(Response(status=304) if is_known else _in_pieces(build()))
    response.set_etag(etag)
    return response


def _in_pieces(body: Sequence[bytes]) -> Response:
    # With its length beforehand a reader can tell a feed that broke off from a short one.
    response = Response(body, content_type=_TYPE)
    response.content_length = sum(map(len, body))
    return response


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    return response
