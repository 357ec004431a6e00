"""Accounts and sign-ins as use cases, on both databases."""

from threading import Thread

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.errors import (
    NotFoundError,
    PasswordNotAllowedError,
    PasswordWrongError,
    StaffExistsError,
    TooManyAttemptsError,
)
from bookings.domain.staff import StaffRole
from bookings.models.audit import AuditEntry
from bookings.models.staff import StaffSession, StaffUser
from bookings.services.staff import (
    Client,
    NewStaff,
    add_staff,
    count_sign_in_try,
    end_own_sign_in,
    prove_password,
    start_sign_in,
)
from tests.support.clock import NOW
from tests.support.staff import PASSWORD, an_account

HERE = Client("192.0.2.17", "Firefox/140.0")


def new_staff(**facts):
    good = {"email": "Anna@Umea.example", "name": "Anna Ö", "role": StaffRole.ADMIN, "password": PASSWORD}
    return NewStaff(**{**good, **facts})


def test_a_new_account_has_its_role_and_stands_in_the_trail(app_context):
    staff_user_id = add_staff(new_staff(), who=SYSTEM, now=NOW)

    user = read_session().get(StaffUser, staff_user_id)
    trail = read_session().scalars(select(AuditEntry)).one()
    assert (user.email, user.name, [role.name for role in user.roles]) == (
        "anna@umea.example",
        "Anna Ö",
        ["admin"],
    )
    assert (trail.action, trail.noun, trail.subject_id) == ("add", "staff", staff_user_id)


def test_an_address_has_one_account_however_it_is_written(app_context):
    add_staff(new_staff(), who=SYSTEM, now=NOW)

    with pytest.raises(StaffExistsError):
        add_staff(new_staff(email=" ANNA@umea.example "), who=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    "password", ["too short", "Kvarken Visits 2027", "anna 1234567890", "lösenord lösenord"]
)
def test_a_weak_password_makes_no_account(app_context, password):
    with pytest.raises(PasswordNotAllowedError):
        add_staff(new_staff(password=password), who=SYSTEM, now=NOW)

    assert read_session().scalars(select(StaffUser)).unique().all() == []


def test_a_sign_in_keeps_a_network_and_no_address(app, app_context):
    start_sign_in(an_account(app), HERE, now=NOW)

    row = read_session().scalars(select(StaffSession)).one()
    assert row.network_address == "192.0.2.0/24"


def test_one_ends_only_ones_own_sign_ins(app, app_context):
    first, second = an_account(app), an_account(app, StaffRole.ADMIN)
    start_sign_in(first, HERE, now=NOW)
    session_id = read_session().scalars(select(StaffSession.id)).one()

    with pytest.raises(NotFoundError):
        end_own_sign_in(second, session_id, now=NOW)


def test_the_own_password_has_to_be_right(app, app_context):
    staff_user_id = an_account(app)

    prove_password(staff_user_id, PASSWORD, now=NOW)
    with pytest.raises(PasswordWrongError):
        prove_password(staff_user_id, PASSWORD.upper(), now=NOW)


def test_a_crowd_of_tries_gets_no_further_than_the_limit(app):
    refused = []

    def attempt():
        with app.app_context():
            try:
                count_sign_in_try("anna@umea.example", HERE, now=NOW)
            except TooManyAttemptsError:
                refused.append(1)
            finally:
                database.session.remove()

    crowd = [Thread(target=attempt) for _ in range(16)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert len(refused) == 6
