"""The visit plan: a basket of organisations in a cookie. No account, nothing on the server."""

from collections.abc import Iterable

from flask import Response, request

from bookings.domain.directory import is_slug

MOST_HOSTS = 20
COOKIE = "plan"
_SEPARATOR = "."
_KEPT_SECONDS = 90 * 24 * 3600


def read_plan() -> list[str]:
    """The slugs of the chosen organisations, oldest first; whether they exist is for the directory to say."""
    return clean_plan(request.cookies.get(COOKIE, "").split(_SEPARATOR))


def clean_plan(slugs: Iterable[str]) -> list[str]:
    """What of a stranger's list can be slugs: each once, not more than fit."""
    return [slug for slug in dict.fromkeys(slugs) if is_slug(slug)][:MOST_HOSTS]


def write_plan(response: Response, slugs: Iterable[str]) -> None:
    """Keep this plan in the visitor's browser."""
    response.set_cookie(
        COOKIE,
        _SEPARATOR.join(clean_plan(slugs)),
        max_age=_KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
