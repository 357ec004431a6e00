"""The directory for visitors: the list with its filters, and a page for each organisation."""

from flask import Blueprint, render_template, request

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.i18n import current_language
from bookings.queries.catalogue import list_catalogues
from bookings.queries.directory import load_directory
from bookings.queries.directory_search import search_companies
from bookings.web.clock import utc_now
from bookings.web.directory.cards import CHIPS_ON_CARD, build_cards
from bookings.web.directory.filters import (
    build_chosen,
    build_facets,
    filter_parameters,
    list_url,
    read_filter,
    read_page_number,
)
from bookings.web.plan import read_plan
from bookings.web.security import public

companies = Blueprint("companies", __name__)


@companies.get("/companies")
@public
def index() -> str:
    directory = load_directory(read_session())
    wanted = read_filter(request.args, directory)
    found = search_companies(directory, wanted, page=read_page_number(request.args))
    return render_template(
        "directory/index.html",
        found=found,
        cards=build_cards(directory, found.companies, plan=read_plan(), now=utc_now()),
        facets=build_facets(directory, wanted, found.counts),
        chosen=build_chosen(directory, wanted),
        wanted=wanted,
        parameters=filter_parameters(wanted),
        page_url=lambda number: list_url(wanted, page=number),
        chips_on_card=CHIPS_ON_CARD,
        catalogue=list_catalogues(read_session()).get(current_language()),
    )


@companies.get("/companies/<slug>")
@public
def show(slug: str) -> str:
    directory = load_directory(read_session())
    company = directory.find_published(slug)
    if company is None:
        raise NotFoundError("organisation", slug)
    [card] = build_cards(directory, [company], plan=read_plan(), now=utc_now())
    return render_template("directory/show.html", company=card)
