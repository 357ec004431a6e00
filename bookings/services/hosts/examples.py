"""Visit offers that show what could be: the demo's, in our own words, and marked as examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from bookings.adapters.spreadsheet import read_csv
from bookings.db import transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.directory import split_list
from bookings.domain.offers import OfferPlan, PhotoPolicy, SeasonHours, StepAccess, check_offer
from bookings.models.directory import DirectoryVersion, Organisation, Site
from bookings.models.offers import VisitOffer
from bookings.services.audit import add_audit
from bookings.services.directory_tables import read_interest_ids
from bookings.services.hosts.offers import build_row
from bookings.settings import asset_folder

_FILE = "offers.csv"
_WINDOWS, _PARTS = "|", ":"


def load_example_offers(*, now: datetime) -> int:
    """Add the demo's offers to the first sites of their hosts, where there are none yet; returns how many."""
    sheet = read_csv((asset_folder("config") / "demo" / _FILE).read_bytes())
    with transaction() as session:
        session.execute(update(DirectoryVersion).values(number=DirectoryVersion.number + 1))
        found = session.execute(
            select(Organisation.slug, Site.id).join(Site).order_by(Site.id.desc())  # the first site stays
        )
        sites = {row.slug: row.id for row in found}
        taken = set(session.scalars(select(VisitOffer.site_id)))
        rows = [row.cells for row in sheet.rows if sites.get(row.cells["organisation"], 0) not in (0, *taken)]
        known = read_interest_ids(session)
        for cells in rows:
            plan = build_plan(cells)
            plan = replace(plan, topics=tuple(topic for topic in plan.topics if topic in known))
            check_offer(plan)
            build_row(session, sites[cells["organisation"]], plan, is_example=True)
        if rows:
            add_audit(
                session,
                SYSTEM,
                "directory.imported",
                noun="visit_offer",
                subject_id=0,
                now=now,
                new=len(rows),
            )
        return len(rows)


def build_plan(cells: Mapping[str, str]) -> OfferPlan:
    """An offer of a row of the file."""
    fee = cells["fee"]
    return OfferPlan(
        titles=(cells["title_en"], cells["title_sv"], cells["title_fi"]),
        descriptions=(cells["description_en"], cells["description_sv"], cells["description_fi"]),
        topics=split_list(cells["topics"]),
        minutes=int(cells["minutes"]),
        languages=split_list(cells["languages"]),
        group_min=_number(cells["group_min"]),
        group_max=_number(cells["group_max"]),
        people_per_guide=_number(cells["people_per_guide"]),
        guides=_number(cells["guides"]),
        lead_days=_number(cells["lead_days"]),
        monthly_cap=_number(cells["monthly_cap"]),
        fee_cents=round(float(fee) * 100) if fee else None,
        fee_currency=cells["fee_currency"],
        clothing=cells["clothing"],
        photo_policy=PhotoPolicy(cells["photo_policy"]),
        needs_identity_list=cells["needs_identity_list"] == "yes",
        minimum_age=_number(cells["minimum_age"]),
        step_access=StepAccess(cells["step_access"]),
        hours=tuple(_build_hours(text) for text in cells["hours"].split(_WINDOWS) if text),
    )


def _build_hours(text: str) -> SeasonHours:
    """One window: `05-01:10-15:12345:09:00-15:00`."""
    from_day, to_day, weekdays, clocks = text.split(_PARTS, 3)
    opens, closes = clocks.split("-")
    return SeasonHours(from_day, to_day, weekdays, opens, closes)


def _number(text: str) -> int | None:
    return int(text) if text else None
