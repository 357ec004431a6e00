"""Ways in templates: those that stand in the frame of every page are built once, and where Back leads."""

from typing import Any

from flask import has_request_context, request, url_for
from flask.globals import request_ctx


class PlainWays:
    """`url_for` of templates: the ways in the frame of every page are built once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:
        """The way to a page. Only what has no values of its own, and no relative name, is kept."""
        if values or endpoint.startswith(".") or not has_request_context():
            return url_for(endpoint, **values)
        key = (request.script_root, endpoint)
        if key not in self._kept:
            self._kept[key] = url_for(endpoint)
        return self._kept[key]


def opens_by_itself() -> bool:
    """Does the address of this answer to a form also open without the form?"""
    ways = request_ctx.url_adapter
    return request.method == "POST" and ways is not None and "GET" in ways.allowed_methods()
