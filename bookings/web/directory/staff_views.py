"""The directory for staff: everybody with sites and contacts."""

from flask import Blueprint, render_template, request, url_for

from bookings.db import read_session
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.queries.directory import list_contacts, load_directory
from bookings.queries.directory_search import CompanyFilter, search_companies
from bookings.queries.host_files import list_changes_by_hosts, list_silent_hosts
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.directory.cards import build_cards
from bookings.web.directory.filters import filter_parameters, read_filter, read_page_number
from bookings.web.hosts.words import CHANGES
from bookings.web.security import signed_in, staff_gate

staff_directory = Blueprint("staff_directory", __name__)

STAFF_PAGE_SIZE = 50


@staff_directory.get("/staff/directory")
@staff_gate(StaffRole.READER)
def index() -> str:
    return _page()


def _page() -> str:
    session = read_session()
    directory = load_directory(session)
    wanted = CompanyFilter(text=read_filter(request.args, directory).text)
    found = search_companies(
        directory, wanted, page=read_page_number(request.args), size=STAFF_PAGE_SIZE, with_hidden=True
    )
    contacts = list_contacts(session, [company.id for company in found.companies])
    cards = build_cards(directory, found.companies, plan=[], now=utc_now())
    silent = list_silent_hosts(session)
    note_list("contacts", sum(map(len, contacts.values())))
    return render_template(
        "directory/staff_index.html",
        staff_page="directory",
        zone=zone_of_town(signed_in().town),
        found=found,
        rows=[
            (card, company.status, contacts.get(company.id, []))
            for card, company in zip(cards, found.companies, strict=True)
        ],
        wanted=wanted,
        page_url=lambda number: url_for(
            "staff_directory.index", **filter_parameters(wanted), **({"page": number} if number > 1 else {})
        ),
        silent={company.slug for company in found.companies if company.id in silent},
        changes=list_changes_by_hosts(session),
        change_words=CHANGES,
        can_import=has_role(signed_in().roles, StaffRole.COORDINATOR),
    )
