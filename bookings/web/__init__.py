"""HTTP: one package per feature. `BLUEPRINTS` is all that `app.py` needs to know."""

from bookings.web.advisers import advisers, staff_advisers
from bookings.web.audit import staff_audit
from bookings.web.calendar import calendar, staff_calendar
from bookings.web.catalogue import catalogue
from bookings.web.closures import staff_closures
from bookings.web.copying import staff_copying
from bookings.web.directory import companies, plan, staff_directory
from bookings.web.doors import doors, staff_doors
from bookings.web.erasure import staff_erasure
from bookings.web.events import events, staff_event_parts, staff_events
from bookings.web.find import staff_find
from bookings.web.health import health
from bookings.web.history import staff_history
from bookings.web.hosts import host_page, staff_hosts
from bookings.web.imports import staff_exports, staff_imports
from bookings.web.inbox import inbox
from bookings.web.labels import staff_labels
from bookings.web.letters import staff_letters
from bookings.web.mailbox import mailbox
from bookings.web.mailings import staff_mailings
from bookings.web.meetings import meetings, staff_meetings
from bookings.web.merging import staff_merging
from bookings.web.newsletter import newsletter
from bookings.web.outbox import outbox
from bookings.web.pages import pages
from bookings.web.papers import certificates, staff_papers
from bookings.web.people import staff_invitations, staff_people
from bookings.web.planning import staff_planning
from bookings.web.printed import printed
from bookings.web.questions import staff_questions
from bookings.web.registrations import registrations, staff_registration_files, staff_registrations
from bookings.web.releases import staff_releases
from bookings.web.reports import staff_reports
from bookings.web.requests import book, staff_drafts
from bookings.web.sailings import staff_sailings
from bookings.web.settings import logos, staff_settings
from bookings.web.slots import slots, staff_slots
from bookings.web.staff import staff, staff_links, staff_oidc, staff_passkeys
from bookings.web.surveys import staff_surveys, surveys
from bookings.web.tasks import staff_tasks
from bookings.web.today import staff_today
from bookings.web.visits import staff_visits, visits

BLUEPRINTS = (
    pages,
    meetings,
    staff_meetings,
    companies,
    catalogue,
    plan,
    book,
    visits,
    slots,
    events,
    printed,
    newsletter,
    calendar,
    staff,
    staff_passkeys,
    staff_links,
    staff_oidc,
    staff_people,
    staff_invitations,
    staff_audit,
    staff_erasure,
    staff_today,
    staff_drafts,
    staff_visits,
    staff_tasks,
    staff_find,
    staff_labels,
    staff_letters,
    staff_merging,
    staff_copying,
    staff_slots,
    staff_planning,
    staff_sailings,
    staff_closures,
    staff_events,
    staff_event_parts,
    staff_mailings,
    staff_releases,
    staff_reports,
    staff_calendar,
    staff_directory,
    staff_imports,
    staff_exports,
    staff_hosts,
    host_page,
    staff_settings,
    staff_history,
    doors,
    staff_doors,
    surveys,
    staff_surveys,
    certificates,
    staff_papers,
    advisers,
    registrations,
    staff_registrations,
    staff_registration_files,
    staff_questions,
    staff_advisers,
    logos,
    inbox,
    outbox,
    health,
)
DEMO_BLUEPRINTS = (mailbox,)
