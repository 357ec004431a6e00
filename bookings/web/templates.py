"""Ways in templates: those that stand in the frame of every page are built once, and where Back leads."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import has_request_context, request, url_for
from flask.globals import request_ctx
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from bookings.domain.references import REFERENCE_IN_TEXT

_TAG_OR_REFERENCE = re.compile(f"<[^>]*>|(?P<reference>{REFERENCE_IN_TEXT})", re.ASCII)


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


def same_page(**changes: str | int) -> str:
    """The address that one is at, with these parts of its query changed, at its end.

    The query is never handed to `url_for`: whoever wrote it would say where the address leads to.
    """
    here = url_for(request.endpoint or "", **(request.view_args or {}))
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    return f"{here}?{urlencode([*kept, *changes.items()])}"


def opens_by_itself() -> bool:
    """Does the address of this answer to a form also open without the form?"""
    return request.method == "POST" and _find_page(request.path) is not None


def nearest_page() -> str:
    """The address that one is at where it opens by itself, else the page around it: that of its form."""
    path = request.path
    while path:
        if found := _find_page(path):
            return url_for(found[0], **found[1])
        path = path.rpartition("/")[0]
    return url_for("pages.front")


def _find_page(path: str) -> tuple[str, Mapping[str, Any]] | None:
    ways = request_ctx.url_adapter
    try:
        return ways.match(path, method="GET") if ways else None
    except HTTPException:
        return None


def keep_references_whole(text: object) -> Markup:
    """The text for a page, where no line ends within a reference. What one copies is the reference."""
    return Markup(_TAG_OR_REFERENCE.sub(_keep_whole, escape(text)))  # noqa: S704 - escaped


def _keep_whole(found: re.Match[str]) -> str:
    return f'<span class="nowrap">{found[0]}</span>' if found["reference"] else found[0]
