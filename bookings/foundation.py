"""The application without its pages: settings, database, languages and templates. `app.py` builds on it.

A mail that comes by pipe needs no more: it would wait longer for the pages to be loaded than for its answer.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from bookings import i18n
from bookings.db import database, engine_options
from bookings.queries.settings import own_settings
from bookings.services.outbox import FULL_SITE, site_url
from bookings.services.settings.wordings import page_paragraphs, page_text
from bookings.settings import Settings, asset_folder, load_settings
from bookings.templating import TranslatingEnvironment

babel = i18n.PoBabel()

MAILED_PAGES = {
    "calendar.feed": "/calendar/<token>.ics",
    "printed.for_host": "/slots/<token>/programme.pdf",
    "printed.for_visitor": "/visits/<token>/programme.pdf",
    "slots.show": "/slots/<token>",
    "staff.account": "/staff/account",
    "staff_visits.show": "/staff/visits/<reference>",
    "visits.programme": "/visits/<token>/programme.ics",
    "visits.show": "/visits/<token>",
}
"""Where the pages are that answers to a host's answer lead to. What is not here is asked of the full site."""


class _PlainFlask(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view and no hook is a coroutine; Flask would look at each of them again with every request."""
        return func


def create_base(settings: Settings) -> Flask:
    """An application that use cases can work in, with no page."""
    app = _PlainFlask("bookings", template_folder=str(asset_folder("templates")), static_folder=None)
    app.jinja_environment = TranslatingEnvironment
    app.extensions["settings"] = settings
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_list_words(settings))
    database.init_app(app)
    babel.init_app(app)
    return app


def create_small_app(load_full: Callable[[Settings], Flask], settings: Settings | None = None) -> Flask:
    """For a process that takes in a mail and ends; `load_full` brings the site where a mail leads to a page
    that is not among `MAILED_PAGES`. Raises SettingsError."""
    app = create_base(settings or load_settings())
    for endpoint, rule in MAILED_PAGES.items():
        app.url_map.add(Rule(rule, endpoint=endpoint))
    app.extensions[FULL_SITE] = load_full
    return app


def _list_words(settings: Settings) -> dict[str, Any]:
    """Functions that every template may call; all of them are cheap and read no database."""
    return {
        "app_name": settings.app.name,
        "is_demo": settings.app.demo,
        "contact_address": settings.mail.contact_address,
        "current_locale": i18n.current_language,
        "format_day": i18n.format_day,
        "format_clock": i18n.format_clock,
        "format_instant": i18n.format_instant,
        "format_instant_on": i18n.format_instant_on,
        "format_day_on": i18n.format_day_on,
        "format_interval": i18n.format_interval,
        "format_local_day": i18n.format_local_day,
        "say": i18n.say,
        "format_people": i18n.format_people,
        "format_tenths": i18n.format_tenths,
        "zone_label": i18n.zone_label,
        "country_name": i18n.country_name,
        "site_url": site_url,
        "own_settings": own_settings,
        "page_text": page_text,
        "page_paragraphs": page_paragraphs,
    }
