"""Kvarken Visits: visit booking and event registration over two countries.

The floors, top to bottom; imports go down only (import-linter holds this):

    app          create_app(): the only module that sees every floor
    web          HTTP, one package per feature: views, forms
    cli          the `bookings …` commands
    jobs         the worker: outbox, reminders, expiry, retention
    foundation   create_base(): the application without its pages, for a mail that comes by pipe
    services     use cases that write: one public function, one transaction
    queries      reads for pages, mails and exports
    models       tables
    adapters     the outside world: mail, calendars, holidays, files
    extensions   unbound Flask extensions; templating: templates that speak three languages
    db i18n settings (and kept, late, turns)
    planner      pure: problem, plan, explanation
    domain       pure: rules, states, refusals, time

One word finds a feature on every floor: `visits` is domain/visits.py, models/visits.py,
queries/visits/, services/visits/, web/visits/, templates/visits/, tests/*/test_visits.py.
"""

import sys

# Flask-Security loads Authlib's client for Flask at every start where there is one: half a second.
sys.modules.setdefault("authlib.integrations.flask_client", None)  # type: ignore[arg-type]
