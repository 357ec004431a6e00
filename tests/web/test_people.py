"""Admins invite people, give them roles and towns, and close accounts; the invited open theirs."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bookings.db import database, read_session, transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import LastAdminError, VisitOfOthersError
from bookings.domain.staff import Member, StaffRole, VisitTies, may_change_visit
from bookings.domain.visits import Actor
from bookings.models.staff import StaffSession, StaffUser
from bookings.models.visits import VisitPlace, VisitRequest
from bookings.services import people
from bookings.services.feeds import create_staff_feed
from bookings.services.people import Duties
from bookings.services.visits import add_note
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.staff import PASSWORD, a_signed_in_client, an_account, csrf_of, send_sign_in, sign_in
from tests.support.statements import recorded_statements
from tests.support.stories import mails

pytestmark = pytest.mark.sqlite_only
PEOPLE = "/staff/people"
NEW = {
    "email": "New@Staff.example",
    "name": "Nea Nyström",
    "language": "sv",
    "role": "coordinator",
    "reach": "some",
    "towns": ["vaasa", "kokkola"],
}


@pytest.fixture(autouse=True)
def clock(app):
    moment = [NOW]
    app.extensions["clock"] = lambda: moment[0]

    def move(**distance):
        moment[0] += timedelta(**distance)

    return move


@pytest.fixture
def admin(app):
    return a_signed_in_client(app, StaffRole.ADMIN)


def post(client, path, *, on=PEOPLE + "/invite", **fields):
    return client.post(path, data={"csrf_token": csrf_of(client.get(on).text), **fields})


def the_invitation(app):
    with app.app_context():
        mail = [one for one in mails() if one.kind == "staff_invitation"][-1]
    return mail, re.search(r"http://[^/]+(/staff/invitation/\S+)", mail.text)[1]


def the_id(app, email):
    with app.app_context():
        return read_session().scalar(select(StaffUser.id).where(StaffUser.email == email))


def test_somebody_is_invited_and_opens_the_account(app, admin):
    answer = post(admin, PEOPLE + "/invite", **NEW)
    mail, way = the_invitation(app)
    guest = app.test_client()
    page = guest.get(way).text
    joined = guest.post(
        way,
        data={"csrf_token": csrf_of(page), "name": "Nea Nyström", "new": PASSWORD, "again": PASSWORD},
    )

    assert (answer.status_code, answer.location) == (303, PEOPLE)
    assert mail.recipient == "new@staff.example"
    assert "Test Admin" in mail.text
    assert (joined.status_code, joined.location) == (303, "/staff/account/second-factor")
    assert guest.get("/staff/account").status_code == 200
    assert send_sign_in(app.test_client(), "new@staff.example").status_code == 302
    assert guest.get(way).status_code == 404


def test_the_link_ends_with_its_days_with_a_new_one_and_when_it_is_withdrawn(app, admin, clock):
    post(admin, PEOPLE + "/invite", **NEW)
    _mail, first = the_invitation(app)
    person = the_id(app, "new@staff.example")
    here = f"{PEOPLE}/{person}"

    clock(minutes=1)
    post(admin, f"{here}/invitation", on=here)
    _mail, second = the_invitation(app)
    replaced, works = (app.test_client().get(way).status_code for way in (first, second))
    clock(days=7)
    late = app.test_client().get(second).status_code
    sign_in(admin, "admin@staff.example")
    post(admin, f"{here}/withdraw", on=here)

    assert (replaced, works, late) == (404, 200, 410)
    assert app.test_client().get(second).status_code in (404, 410)
    assert the_id(app, "new@staff.example") is None


def test_what_is_wrong_in_an_invitation_stands_beside_the_field(app, admin):
    an_account(app)

    taken = post(admin, PEOPLE + "/invite", **{**NEW, "email": "coordinator@staff.example"})
    nowhere = post(admin, PEOPLE + "/invite", **{**NEW, "towns": []})
    no_address = post(admin, PEOPLE + "/invite", **{**NEW, "email": "nobody"})

    assert [taken.status_code, nowhere.status_code, no_address.status_code] == [422] * 3
    assert "coordinator@staff.example has an account already." in taken.text
    assert "Choose at least one town." in nowhere.text
    assert 'value="Nea Nyström"' in nowhere.text


def test_a_role_and_towns_count_from_the_next_click(app, admin):
    other = a_signed_in_client(app)
    here = f"{PEOPLE}/{the_id(app, 'coordinator@staff.example')}"

    answer = post(admin, here, on=here, role="reader", seen="coordinator:")

    assert answer.status_code == 303
    assert other.get("/staff/visits").status_code == 200
    assert other.get("/staff/directory/import").status_code == 403


def test_two_admins_at_once_the_second_sees_what_is_so_now_and_keeps_what_was_typed(app, admin):
    an_account(app)
    here = f"{PEOPLE}/{the_id(app, 'coordinator@staff.example')}"

    post(admin, here, on=here, role="reader", seen="coordinator:")
    late = post(admin, here, on=here, role="coordinator", reach="some", towns="umea", seen="coordinator:")
    again = post(admin, here, on=here, role="coordinator", reach="some", towns="umea", seen="reader:")

    assert late.status_code == 409
    assert "What is so now" in late.text
    assert re.search(r'value="umea" checked', late.text)
    assert 'value="reader:"' in late.text
    assert again.status_code == 303


def test_one_admin_stays(app, admin):
    here = f"{PEOPLE}/{the_id(app, 'admin@staff.example')}"

    demoted = post(admin, here, on=here, role="reader", seen="admin:")
    closed = post(admin, f"{here}/close", on=here)

    assert (demoted.status_code, closed.status_code) == (409, 409)
    assert "Make somebody else an administrator first" in demoted.text


def test_a_closed_account_is_out_at_once_and_in_again_when_it_is_opened(app, admin):
    other = a_signed_in_client(app)
    here = f"{PEOPLE}/{the_id(app, 'coordinator@staff.example')}"

    post(admin, f"{here}/close", on=here)
    closed = (
        other.get("/staff/account").status_code,
        send_sign_in(other, "coordinator@staff.example").status_code,
    )
    post(admin, f"{here}/open", on=here)

    assert closed == (302, 422)
    assert send_sign_in(app.test_client(), "coordinator@staff.example").status_code == 302


def test_the_calendar_address_of_a_closed_account_is_gone_for_good(app, admin):
    a_signed_in_client(app)
    person = the_id(app, "coordinator@staff.example")
    with app.app_context():
        token = create_staff_feed(person, who=SYSTEM, now=NOW)
    feed, here = f"/calendar/{token}.ics", f"{PEOPLE}/{person}"
    before = app.test_client().get(feed).status_code

    post(admin, f"{here}/close", on=here)
    closed = app.test_client().get(feed).status_code
    post(admin, f"{here}/open", on=here)

    assert (before, closed, app.test_client().get(feed).status_code) == (200, 404, 404)


def test_an_admin_signs_somebody_out_everywhere(app, admin):
    other = a_signed_in_client(app)
    here = f"{PEOPLE}/{the_id(app, 'coordinator@staff.example')}"

    answer = post(admin, f"{here}/sign-ins/end", on=here)

    assert "Signed out on 1 device." in admin.get(answer.location).text
    assert other.get("/staff/account").status_code == 302


def test_the_list_costs_the_same_however_many_there_are(app, admin):
    with app.app_context(), recorded_statements() as few:
        admin.get(PEOPLE)
    for number in range(20):
        an_account(app, email=f"more{number}@staff.example")
    with app.app_context(), recorded_statements() as many:
        admin.get(PEOPLE)

    assert len(many) == len(few) <= 6


UMEA, VAASA = frozenset({"umea"}), frozenset({"vaasa"})


@pytest.mark.parametrize(
    ("role", "towns", "ties", "may"),
    [
        ("admin", VAASA, VisitTies(9, "Eva", UMEA, UMEA), True),
        ("reader", frozenset(), VisitTies(), False),
        ("coordinator", frozenset(), VisitTies(9, "Eva", UMEA, UMEA), True),
        ("coordinator", VAASA, VisitTies(9, "Eva", UMEA, UMEA), False),
        ("coordinator", VAASA, VisitTies(9, "Eva", UMEA, UMEA | VAASA), True),
        ("coordinator", VAASA, VisitTies(9, "Eva", UMEA | VAASA, UMEA), True),
        ("coordinator", VAASA, VisitTies(1, "Oneself", VAASA, UMEA), True),
        ("coordinator", VAASA, VisitTies(None, "", frozenset(), UMEA), True),
        ("coordinator", VAASA, VisitTies(9, "Eva", frozenset(), frozenset()), False),
    ],
)
def test_who_may_change_a_visit(role, towns, ties, may):
    member = Member(1, frozenset({StaffRole(role)}), towns)

    assert may_change_visit(member, ties) is may


def test_no_use_case_gets_past_the_rule(app):
    owner = an_account(app, email="eva@staff.example")
    member = Member(0, frozenset({StaffRole.COORDINATOR}), VAASA)
    stranger = Who(Actor.STAFF, "Stranger", member)
    with app.app_context():
        visit = a_visit(reference="KV-2026-0001", places=("umea",))
        visit.owner_id = owner
        database.session.commit()

        with pytest.raises(VisitOfOthersError):
            add_note("KV-2026-0001", "not mine", who=stranger, now=NOW)
        with transaction() as session:
            session.add(VisitPlace(visit_id=session.scalar(select(VisitRequest.id)), place_slug="vaasa"))
        add_note("KV-2026-0001", "goes to Vaasa", who=stranger, now=NOW)


def test_two_admins_who_close_each_other_leave_one(app):
    ids = [an_account(app, StaffRole.ADMIN, email=f"{name}@staff.example") for name in ("a", "b")]
    with app.app_context():
        people.deactivate_person(ids[0], who=SYSTEM, now=NOW)

        with pytest.raises(LastAdminError):
            people.change_duties(
                ids[1], Duties(role=StaffRole.READER), seen=Duties(role=StaffRole.ADMIN), who=SYSTEM, now=NOW
            )
        assert read_session().scalar(select(func.count()).select_from(StaffSession)) == 0
