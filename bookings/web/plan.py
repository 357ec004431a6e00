"""The visit plan: a basket of companies in a cookie, without an account."""

import re

from flask import request

COOKIE = "plan"
MOST_HOSTS = 20
_SLUG = re.compile(r"[a-z0-9-]{1,80}")


def read_plan() -> list[str]:
    """Slugs of the chosen companies in their order; what cannot be a slug is left out."""
    slugs = dict.fromkeys(request.cookies.get(COOKIE, "").split("."))
    return [slug for slug in slugs if _SLUG.fullmatch(slug)][:MOST_HOSTS]
