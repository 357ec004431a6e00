"""A visit that is near and not confirmed: staff hear of it in time, so that no host waits in vain."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.models.slots import Slot
from bookings.services.slots import accept_slot
from bookings.services.visits import accept_programme, cancel_visit_by_staff, warn_of_unsettled
from tests.services.test_notices import OFFICE, notices, the_reference, token
from tests.support.own_pages import a_proposed_visit, a_released_visit
from tests.support.stories import STAFF

pytestmark = pytest.mark.usefixtures("app_context")


def first_start():
    database.session.rollback()
    return database.session.scalars(select(Slot.starts_at).order_by(Slot.starts_at)).first()


def test_staff_hear_of_it_a_week_and_two_days_before_and_once_each(now):
    _own, hosts = a_released_visit()
    accept_slot(token(hosts[0]), now=now)
    starts_at = first_start()

    sent = []
    for days, hours in ((8, 0), (7, 0), (6, 23), (3, 0), (2, 0), (1, 0), (0, 1), (-1, 0)):
        warn_of_unsettled(now=starts_at - timedelta(days=days, hours=hours))
        sent.append(sum(mail.kind == "staff_unsettled" for mail in notices()))

    assert sent == [0, 1, 1, 1, 2, 2, 2, 2]
    mail = next(mail for mail in notices() if mail.kind == "staff_unsettled")
    assert mail.recipient == OFFICE
    assert "is near and not confirmed" in mail.subject
    assert "Stormossen, Tuesday 16 March 2027, 09:00–10:30 EET" in mail.text


def test_a_worker_that_slept_sends_one_mail_and_not_two(now):
    a_proposed_visit()

    warn_of_unsettled(now=first_start() - timedelta(days=1))

    assert [mail.kind for mail in notices()].count("staff_unsettled") == 1


def test_of_confirmed_and_closed_visits_nobody_is_warned(now):
    own, _hosts = a_proposed_visit()
    accept_programme(token(own), now=now)
    warn_of_unsettled(now=first_start() - timedelta(days=1))
    cancel_visit_by_staff(the_reference(), "Snow", who=STAFF, now=now)
    warn_of_unsettled(now=first_start() - timedelta(days=1))

    assert "staff_unsettled" not in [mail.kind for mail in notices()]
