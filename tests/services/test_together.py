"""What is taken along and what is left when requests are taken together or copied, and who gets a letter."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from bookings.db import database
from bookings.domain.errors import NotFoundError, SlotTimeNotUsableError, TransitionNotAllowedError
from bookings.domain.labels import LabelTone
from bookings.domain.tasks import TaskKind
from bookings.models.directory import HostContact, Organisation
from bookings.models.labels import LabelledVisit
from bookings.models.tasks import VisitTask
from bookings.models.visits import WantedHost
from bookings.services.copying import copy_visit
from bookings.services.labels import add_label, set_labels
from bookings.services.letters import Letter, write_letter
from bookings.services.merging import merge_visits
from bookings.services.slots import add_slot
from bookings.services.tasks import TaskWish, add_task
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.stories import STAFF, mails, plan, visit_row

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("app_context")]
LATER = date(2027, 4, 20)


def all_of(column, table, reference: str) -> list:
    of_visit = table.visit_id == visit_row(reference).id
    return sorted(database.session.scalars(select(column).where(of_visit)))


def test_what_staff_and_visitor_chose_for_either_request_stays_with_the_one_that_goes_on():
    hosts = {slug: host.id for slug, host in a_directory().items()}
    gone, kept = a_visit().reference, a_visit().reference
    press, vip = (add_label(name, LabelTone.CALM, who=STAFF, now=NOW) for name in ("Press", "VIP"))
    set_labels(gone, [press, vip], who=STAFF, now=NOW)
    set_labels(kept, [press], who=STAFF, now=NOW)
    add_task(gone, TaskWish(text="Call the bus"), who=STAFF, now=NOW)
    for reference, slug in ((gone, "vakin"), (gone, "stormossen"), (kept, "vakin")):
        save(WantedHost(visit_id=visit_row(reference).id, organisation_id=hosts[slug]))

    merge_visits(gone, kept, who=STAFF, now=NOW)

    assert all_of(LabelledVisit.label_id, LabelledVisit, kept) == sorted([press, vip])
    assert all_of(WantedHost.organisation_id, WantedHost, kept) == sorted(
        [hosts["vakin"], hosts["stormossen"]]
    )
    own = select(VisitTask.visit_id).where(VisitTask.kind == TaskKind.OWN)
    assert database.session.scalars(own).all() == [visit_row(kept).id]
    assert all_of(VisitTask.id, VisitTask, gone) == []


def test_a_copy_leaves_out_hosts_who_are_gone_and_names_them():
    a_directory()
    reference = a_visit(state="planning").reference
    for slug, hour in (("vakin", 9), ("stormossen", 13)):
        add_slot(reference, plan(slug, hour), who=STAFF, now=NOW)
    of_vakin = select(Organisation.id).where(Organisation.slug == "vakin").scalar_subquery()
    database.session.execute(
        update(HostContact).where(HostContact.organisation_id == of_vakin).values(ended_at=NOW)
    )
    database.session.commit()

    copied = copy_visit(reference, LATER, who=STAFF, now=NOW)

    assert copied.left_out == ("Vakin",)


def test_nobody_copies_what_was_never_proved_nor_into_the_past():
    unproved = a_visit(state="unverified", verified_at=None).reference
    proved = a_visit().reference

    with pytest.raises(TransitionNotAllowedError):
        copy_visit(unproved, LATER, who=STAFF, now=NOW)
    with pytest.raises(SlotTimeNotUsableError):
        copy_visit(proved, NOW.date() - timedelta(days=1), who=STAFF, now=NOW)


def test_no_host_hears_of_a_visit_by_a_letter_before_the_release_or_of_anothers():
    a_directory()
    reference, other = (a_visit(state="planning").reference for _ in range(2))
    draft = add_slot(reference, plan("vakin", 9), who=STAFF, now=NOW)
    told = add_slot(other, plan("stormossen", 9), who=STAFF, now=NOW)
    release_visit(other, who=STAFF, now=NOW)
    before = len(mails())

    for slot_id in (draft, told):
        letter = Letter(text="Dear host", form_key=f"key-{slot_id}", slot_id=slot_id)
        with pytest.raises(NotFoundError):
            write_letter(reference, letter, who=STAFF, now=NOW)

    assert len(mails()) == before
