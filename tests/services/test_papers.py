"""Papers of an event, opened by a foreign reader: badges, lists with their hash, certificates."""

import io

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.papers import BadgeLayout, BadgeSize, ListKind
from bookings.models.audit import AuditEntry
from bookings.services.doors import record_check_ins
from bookings.services.papers import (
    ListOrder,
    Order,
    make_list,
    print_badges,
    print_certificate,
    print_own_certificate,
)
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration, a_scan, part_of
from tests.support.own_pages import a_link
from tests.support.stories import STAFF

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("app_context")]
ORDER = Order(1, STAFF, NOW)
MM = 72 / 25.4


def opened(made):
    reader = PdfReader(io.BytesIO(made.content))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def size_of(page):
    return (round(float(page.mediabox.width) / MM), round(float(page.mediabox.height) / MM))


def came(event, *people):
    read_session().rollback()
    record_check_ins(event.slug, [a_scan(person) for person in people], who=STAFF, now=NOW)


@pytest.mark.parametrize(
    ("size", "layout", "pages", "expected"),
    [
        (BadgeSize.A6, BadgeLayout.SINGLE, 11, (105, 148)),
        (BadgeSize.CARD, BadgeLayout.SINGLE, 11, (86, 54)),
        (BadgeSize.A6, BadgeLayout.SHEET, 3, (210, 297)),
        (BadgeSize.CARD, BadgeLayout.SHEET, 2, (210, 297)),
    ],
)
def test_badges_have_the_sizes_of_their_holders_and_hide_nothing_in_their_codes(
    size, layout, pages, expected
):
    event = a_door_event()
    for number in range(9):
        a_registration(event, name=f"Person Number {number}", language="sv")
    a_registration(event, name="#panic() $x$ *b*", organisation_name="Åbo & Co <lab>", country="FI")
    a_registration(event, name="Maximiliana Wolfeschlegelsteinhausenbergerdorff-Öberg")
    a_registration(event, state="cancelled", name="Not Coming")
    read_session().rollback()

    made = print_badges(event.slug, size, layout, ORDER)

    reader, text = opened(made)
    assert len(reader.pages) == pages
    assert {size_of(page) for page in reader.pages} == {expected}
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for words in ("Person Number 8", "#panic() $x$ *b*", "Åbo & Co <lab>", "Finland", "SV"):
        assert words in text
    assert "Not Coming" not in text


def test_the_attendance_list_proves_who_was_there_and_its_hash_is_kept():
    event = a_door_event(parts=["Grid"])
    here = a_registration(event, name="Aino Berg", organisation_number="1234567-8", country="FI")
    a_registration(event, name="Stayed Away")
    came(event, here)

    pdf = make_list(event.slug, ListOrder(ListKind.CAME, "pdf"), ORDER)
    xlsx = make_list(event.slug, ListOrder(ListKind.CAME, "xlsx"), ORDER)

    reader, text = opened(pdf)
    for words in (
        "Attendance list",
        "Wind seminar",
        "City hall",
        "Grid",
        "Aino Berg",
        "1234567-8",
        "QR code",
    ):
        assert words in text
    assert pdf.sha256 in text.replace(" ", "")
    assert "Stayed Away" not in text
    assert reader.metadata
    assert "Wind seminar" in (reader.metadata.title or "")
    cells = [cell for row in load_workbook(io.BytesIO(xlsx.content)).active.values for cell in row if cell]
    assert {"Aino Berg", "1234567-8", pdf.sha256} <= set(cells)
    entries = read_session().scalars(select(AuditEntry).where(AuditEntry.action == "export")).all()
    assert [entry.detail["sha256"] for entry in entries] == [pdf.sha256, pdf.sha256]


def test_another_content_has_another_hash():
    event = a_door_event()
    people = [a_registration(event) for _ in range(2)]
    came(event, people[0])
    first = make_list(event.slug, ListOrder(ListKind.CAME, "csv"), ORDER)
    again = make_list(event.slug, ListOrder(ListKind.CAME, "csv"), ORDER)
    came(event, people[1])

    changed = make_list(event.slug, ListOrder(ListKind.CAME, "csv"), ORDER)

    assert first.sha256 == again.sha256 != changed.sha256


def test_the_list_to_sign_has_everybody_and_the_other_one_who_stayed_away():
    event = a_door_event()
    here, away = a_registration(event, name="Aino Berg"), a_registration(event, name="=cmd()")
    came(event, here)

    to_sign = make_list(event.slug, ListOrder(ListKind.TO_SIGN, "pdf"), ORDER)
    missed = make_list(event.slug, ListOrder(ListKind.NO_SHOWS, "csv"), ORDER)

    assert "Signature" in opened(to_sign)[1]
    assert away.reference in opened(to_sign)[1]
    lines = missed.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",'=cmd()," in lines[1]


def test_whoever_was_there_has_a_certificate_and_nobody_else():
    event = a_door_event(parts=["Grid", "Hydrogen"])
    here = a_registration(event, name="Aino Berg", parts=[part_of(event)])
    away = a_registration(event)
    token, other = (a_link(LinkPurpose.MANAGE_REGISTRATION, one.id) for one in (here, away))
    record_check_ins(event.slug, [a_scan(here, part_id=part_of(event).id)], who=STAFF, now=NOW)

    own = print_own_certificate(token, now=NOW)
    by_staff = print_certificate(event.slug, here.id, ORDER)

    for made in (own, by_staff):
        text = opened(made)[1]
        assert "Certificate of attendance" in text
        assert "Aino Berg" in text
        assert "Grid" in text
        assert "Hydrogen" not in text
    with pytest.raises(NotFoundError):
        print_own_certificate(other, now=NOW)
    with pytest.raises(NotFoundError):
        print_certificate(a_door_event().slug, here.id, ORDER)
