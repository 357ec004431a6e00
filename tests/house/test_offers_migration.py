"""The step that brought offers goes down and up with data; what was there before it stays."""

from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.models.directory import HostContact, Organisation
from bookings.models.links import ActionLink
from bookings.models.offers import VisitOffer
from bookings.settings import asset_folder
from tests.support.builders import a_directory
from tests.support.host_pages import fill_host
from tests.support.offers import first_contact
from tests.support.own_pages import a_link

DIRECTORY = str(asset_folder("migrations"))


def test_offers_go_with_their_step_and_everything_older_stays(app_context):
    host = a_directory()["stormossen"]
    fill_host()
    contact = first_contact(host).id
    a_link(LinkPurpose.HOST_PAGE, contact)
    a_link(LinkPurpose.MANAGE_VISIT, 1)
    names = database.session.scalars(select(Organisation.name).order_by(Organisation.id)).all()
    database.session.remove()

    downgrade(directory=DIRECTORY, revision="0007")
    below = database.session.execute(text("SELECT purpose FROM action_link ORDER BY id")).scalars().all()
    database.session.remove()
    upgrade(directory=DIRECTORY, revision="head")

    assert "manage_visit" in below
    assert "host_page" not in below
    assert database.session.scalars(select(Organisation.name).order_by(Organisation.id)).all() == names
    assert database.session.scalars(select(VisitOffer)).all() == []
    found = database.session.get_one(HostContact, contact)
    assert (found.languages, found.ended_at, found.version) == ([], None, 1)
    assert LinkPurpose.MANAGE_VISIT in database.session.scalars(select(ActionLink.purpose)).all()
