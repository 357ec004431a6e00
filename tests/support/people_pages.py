"""The pages about people, in a site where somebody is invited."""

from collections.abc import Iterator

from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole
from bookings.models.staff import StaffUser
from bookings.services.people import Duties, Invitation, invite_person
from tests.support.clock import NOW
from tests.support.own_pages import a_link

# Ways in that an installation has only when it wants them: tests/web/test_sign_in_links.py, test_oidc.py.
OFF_UNLESS_WANTED = {
    "staff_links.ask",
    "staff_links.show",
    "staff_oidc.answer",
    "staff_oidc.begin",
    "staff_oidc.refused",
}


def list_people_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    for endpoint, name in (
        ("account", ""),
        ("change_password", "/password"),
        ("second_factor", "/second-factor"),
        ("switch_off_second_factor", "/second-factor/off"),
        ("renew_recovery_codes", "/recovery-codes"),
    ):
        # Administrators have connected an app by then, readers have not.
        yield f"staff.{endpoint}", f"/staff/account{name}", "admin"
    yield "staff.account", "/staff/account", "reader"
    yield "staff.second_factor", "/staff/account/second-factor", "reader"
    new = Invitation(
        email="invited@staff.example",
        name="Nea Nyström",
        duties=Duties(role=StaffRole.COORDINATOR, towns=frozenset({"vaasa", "umea"})),
    )
    invited = invite_person(new, who=SYSTEM, now=NOW)
    active = read_session().scalar(
        select(StaffUser.id).where(StaffUser.password.is_not(None)).order_by(StaffUser.id).limit(1)
    )
    yield "staff_people.index", "/staff/people", "admin"
    yield "staff_audit.index", "/staff/audit?kind=all", "admin"
    yield "staff_audit.index", "/staff/audit?name=Nobody", "admin"
    yield "staff_erasure.index", "/staff/erasure", "admin"
    yield "staff_erasure.hold", "/staff/erasure/hold", "admin"
    yield "staff_people.invite", "/staff/people/invite", "admin"
    yield "staff_people.person", f"/staff/people/{invited}", "admin"
    yield "staff_people.person", f"/staff/people/{active}", "admin"
    yield "staff_passkeys.index", "/staff/account/passkeys", "admin"
    yield "staff_passkeys.sign_in", "/staff/sign-in/passkey", "nobody"
    token = a_link(LinkPurpose.STAFF_INVITATION, invited)
    yield "staff_invitations.show", f"/staff/invitation/{token}", "nobody"
