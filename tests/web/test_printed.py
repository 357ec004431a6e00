"""The programme as PDF: tagged, in the reader's language, and for each reader only what that one may see."""

import io
import struct
import zlib

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from bookings.db import database
from bookings.domain.pictures import read_picture
from bookings.domain.staff import StaffRole
from bookings.models.directory import HostContact
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import VisitRequest
from bookings.services.printed import setting
from bookings.services.settings.logos import add_logo
from bookings.services.slots import decline_slot
from bookings.services.visits import accept_programme, name_hosts
from tests.support.clock import NOW
from tests.support.own_pages import a_proposed_visit, a_released_visit, an_own_page, at
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(autouse=True)
def _clock(app):
    app.extensions["clock"] = at(NOW)
    setting._kept.clear()


def read(answer) -> tuple[PdfReader, str]:
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    reader = PdfReader(io.BytesIO(answer.data))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def a_reference() -> str:
    database.session.rollback()
    return database.session.scalars(select(VisitRequest.reference)).one()


def a_png(width: int = 4, height: int = 2) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = b"".join(b"\0" + b"\x20\x60\x90" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_the_visitor_reads_days_places_both_clocks_ways_and_costs_in_a_tagged_pdf(client, app_context):
    own, _hosts = a_proposed_visit(contact_time_zone="Asia/Tokyo")
    page = client.get(own).text

    for language, title in (("en", "Programme of the visit"), ("sv", "Besöksprogram"), ("fi", "Vierailu")):
        reader, text = read(client.get(f"{own}/programme.pdf?lang={language}"))
        root = reader.trailer["/Root"]
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (language, True)
        assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
        assert title in text

    _reader, text = read(client.get(f"{own}/programme.pdf?lang=en"))
    assert f"{own}/programme.pdf" in page
    for said in (
        "Tuesday 16 March 2027",
        "09:00–10:30 EET",
        "For you: 16:00–17:30 JST",
        "By ferry to Umeå",
        "Stormossen",
        "This programme is not confirmed yet",
        "We pay our own costs.",
        a_reference(),
    ):
        assert said in text


def test_contacts_are_printed_for_visitors_only_where_the_host_is_public_and_for_staff_always(app, client):
    with app.app_context():
        own, _hosts = a_proposed_visit()
        database.session.execute(
            update(HostContact)
            .where(HostContact.email == "visits@stormossen.example")
            .values(is_public=True, phone="+358 6 000 0000")
        )
        database.session.commit()
        page = f"/staff/visits/{a_reference()}"
    staff = a_signed_in_client(app, StaffRole.READER)

    _reader, for_visitor = read(client.get(f"{own}/programme.pdf"))
    _reader, for_staff = read(staff.get(f"{page}/programme.pdf"))

    assert "visits@stormossen.example" in for_visitor
    assert "+358 6 000 0000" in for_visitor
    assert "visits@vakin.example" not in for_visitor
    assert "visits@vakin.example" in for_staff
    assert f"{page}/programme.pdf" in staff.get(page).text
    assert client.get(f"{page}/programme.pdf").location.startswith("/staff/sign-in")


def test_a_host_reads_the_own_stop_and_of_others_only_names_where_staff_show_them(client, app_context):
    _own, hosts = a_proposed_visit()

    _reader, alone = read(client.get(f"{hosts[0]}/programme.pdf"))
    name_hosts(a_reference(), names=True, who=STAFF, now=NOW)
    _reader, named = read(client.get(f"{hosts[0]}/programme.pdf"))

    assert "Stormossen" in alone
    assert "Vakin" not in alone
    assert "costs" not in alone
    assert "Vakin" in named
    assert "visits@vakin.example" not in named
    assert f"{hosts[0]}/programme.pdf" in client.get(hosts[0]).text


def test_mails_lead_to_it_and_attach_nothing_but_the_invitation(client, app_context):
    own, _hosts = a_proposed_visit()
    accept_programme(own.rpartition("/")[2], now=NOW)
    database.session.rollback()
    mails = database.session.execute(select(OutboxMessage.kind, OutboxMessage.raw)).all()

    for kind in ("invitation", "programme_proposed", "programme_confirmed", "invitation_confirmed"):
        raws = [raw for one, raw in mails if one == kind]
        assert raws, kind
        for raw in raws:
            assert b"/programme.pdf" in raw.replace(b"=\n", b"").replace(b"=\r\n", b"")
            assert b"application/pdf" not in raw


def test_without_times_the_page_itself_is_the_answer(client, app_context):
    _own, hosts = a_released_visit()
    waiting = an_own_page(state="submitted")
    decline_slot(hosts[0].rpartition("/")[2], reason="", now=NOW)

    assert client.get(f"{waiting}/programme.pdf").location == waiting
    assert client.get(f"{hosts[0]}/programme.pdf").location == hosts[0]
    assert client.get("/visits/wrong/programme.pdf").status_code == 404


def test_it_is_set_once_for_each_content_and_costs_few_statements(client, app_context, monkeypatch):
    own, _hosts = a_proposed_visit()
    set_times = []
    printing = setting.print_document
    monkeypatch.setattr(
        setting, "print_document", lambda *args, **more: (set_times.append(1), printing(*args, **more))[1]
    )

    first = client.get(f"{own}/programme.pdf")
    with recorded_statements() as statements:
        again = client.get(f"{own}/programme.pdf")
    known = client.get(f"{own}/programme.pdf", headers={"If-None-Match": first.headers["ETag"]})
    accept_programme(own.rpartition("/")[2], now=NOW)
    changed = client.get(f"{own}/programme.pdf", headers={"If-None-Match": first.headers["ETag"]})

    assert again.data == first.data
    assert len(statements) <= 8
    assert (known.status_code, known.data) == (304, b"")
    assert changed.status_code == 200
    assert "not confirmed yet" not in read(changed)[1]
    assert len(set_times) == 2


def test_logos_of_the_settings_stand_on_top_and_a_broken_one_costs_nobody_the_programme(client, app_context):
    own, _hosts = a_proposed_visit()
    alt = {"en": "Flag of the programme", "sv": "Programmets flagga", "fi": "Ohjelman lippu"}
    add_logo(a_png(), "Programme", alt, version=0, who=STAFF, now=NOW)

    reader, _text = read(client.get(f"{own}/programme.pdf"))
    assert len(reader.pages[0].images) == 1

    broken = a_png()[:40]
    assert read_picture(broken)
    add_logo(broken, "Broken", alt, version=1, who=STAFF, now=NOW)

    reader, text = read(client.get(f"{own}/programme.pdf"))
    assert a_reference() in text
