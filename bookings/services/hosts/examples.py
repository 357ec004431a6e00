"""Visit offers that show what could be: the demo's, in our own words, and marked as examples."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from bookings.adapters.spreadsheet import read_csv
from bookings.db import transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.offer_rows import build_offer_plan
from bookings.domain.offers import check_offer
from bookings.models.directory import DirectoryVersion, Organisation, Site
from bookings.models.offers import VisitOffer
from bookings.services.audit import add_audit
from bookings.services.directory_tables import read_interest_ids
from bookings.services.hosts.offers import build_row
from bookings.settings import asset_folder

_FILE = "offers.csv"


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
            plan = build_offer_plan(cells)
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
