"""Front page, privacy, accessibility."""

from datetime import date

from flask import Blueprint, render_template

from bookings.db import read_session
from bookings.queries.pages import load_front_facts
from bookings.queries.settings import refresh_settings
from bookings.settings import current_settings
from bookings.web.security import public

pages = Blueprint("pages", __name__)

# The day on which these texts were last gone through: change it together with them.
PRIVACY_REVIEWED_ON = date(2026, 11, 22)
ACCESSIBILITY_REVIEWED_ON = date(2026, 11, 22)


@pages.get("/")
@public
def front() -> str:
    facts = load_front_facts(read_session())
    return render_template("pages/front.html", facts=facts, notice_days=current_settings().visits.notice_days)


@pages.get("/privacy")
@public
def privacy() -> str:
    refresh_settings(read_session())
    return render_template("pages/privacy.html", settings=current_settings(), reviewed_on=PRIVACY_REVIEWED_ON)


@pages.get("/accessibility")
@public
def accessibility() -> str:
    refresh_settings(read_session())
    return render_template("pages/accessibility.html", reviewed_on=ACCESSIBILITY_REVIEWED_ON)
