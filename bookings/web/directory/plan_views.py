"""The visit plan: choose organisations, share the choice as a link, take it along to the form."""

from typing import Any

from flask import Blueprint, Response, flash, has_request_context, redirect, render_template, request, url_for

from bookings.db import read_session
from bookings.i18n import gettext as _
from bookings.i18n import ngettext
from bookings.queries.directory import Directory, load_directory
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.directory.cards import CompanyCard, build_cards
from bookings.web.directory.filters import list_url, read_filter, read_page_number
from bookings.web.plan import MOST_HOSTS, clean_plan, read_plan, write_plan
from bookings.web.security import public

plan = Blueprint("plan", __name__)


@plan.app_context_processor
def add_plan_words() -> dict[str, Any]:
    """The header shows how many organisations are chosen; mails have no header."""
    if not has_request_context():
        return {}
    return {"plan_count": len(read_plan()), "plan_url": url_for("plan.show")}


@plan.get("/plan")
@public
def show() -> str:
    directory = load_directory(read_session())
    shared = clean_plan(request.args.get("hosts", "").split(","))
    if shared:
        return _show_shared(directory, shared)
    cards = _cards(directory, read_plan())
    hosts = ",".join(card.slug for card in cards)
    share_url = f"{current_settings().web.base_url}{url_for('plan.show')}?hosts={hosts}"
    return render_template("directory/plan.html", cards=cards, share_url=share_url, limit=MOST_HOSTS)


@plan.post("/plan")
@public
def change() -> Response:
    """Add or remove one organisation, then back to where the button stood."""
    directory = load_directory(read_session())
    chosen = read_plan()
    added, removed = request.form.get("add", ""), request.form.get("remove", "")
    if added and added not in chosen:
        chosen = _add(directory, chosen, added)
    elif removed in chosen:
        chosen = [slug for slug in chosen if slug != removed]
        flash(_("Taken off your visit plan: %(name)s", name=_name(directory, removed)), "info")
    answer = _see_other(_way_back(directory, added or removed))
    write_plan(answer, chosen)
    return answer


@plan.post("/plan/use")
@public
def use() -> Response:
    """Take over a plan that somebody shared; what was chosen before stays."""
    directory = load_directory(read_session())
    own = read_plan()
    offered = clean_plan(request.form.get("hosts", "").split(","))
    merged = list(dict.fromkeys([*own, *(slug for slug in offered if directory.find_published(slug))]))
    if len(merged) > MOST_HOSTS:
        _say_full()
    answer = _see_other(url_for("plan.show"))
    write_plan(answer, merged)
    return answer


def _show_shared(directory: Directory, shared: list[str]) -> str:
    cards = _cards(directory, shared)
    return render_template(
        "directory/shared_plan.html",
        cards=cards,
        hosts=",".join(card.slug for card in cards),
        missing=len(shared) - len(cards),
        has_own=bool(read_plan()),
    )


def _cards(directory: Directory, slugs: list[str]) -> list[CompanyCard]:
    companies = [company for slug in slugs if (company := directory.find_published(slug))]
    return build_cards(directory, companies, plan=read_plan(), now=utc_now())


def _name(directory: Directory, slug: str) -> str:
    return directory.companies[slug].name if slug in directory.companies else slug


def _add(directory: Directory, chosen: list[str], slug: str) -> list[str]:
    if not directory.find_published(slug):
        flash(_("This organisation is not in the directory any more."), "warning")
        return chosen
    if len(chosen) >= MOST_HOSTS:
        _say_full()
        return chosen
    flash(_("Added to your visit plan: %(name)s", name=_name(directory, slug)), "success")
    return [*chosen, slug]


def _say_full() -> None:
    flash(
        ngettext(
            "A visit plan holds %(num)d organisation at most. Take one off first.",
            "A visit plan holds %(num)d organisations at most. Take one off first.",
            MOST_HOSTS,
        ),
        "warning",
    )


def _way_back(directory: Directory, slug: str) -> str:
    """Only to pages of ours, built from what the form says it stood on."""
    origin = request.form.get("origin")
    if origin == "list":
        wanted = read_filter(request.form, directory)
        number = read_page_number(request.form)
        return list_url(wanted, page=number, anchor=slug if slug in directory.companies else None)
    if origin == "company" and directory.find_published(slug):
        return url_for("companies.show", slug=slug)
    return url_for("plan.show")


def _see_other(url: str) -> Response:
    answer = redirect(url, code=303)
    assert isinstance(answer, Response)
    return answer
