"""Files in and out of the directory by the pages of staff, in a browser that runs no scripts."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from bookings.adapters.sheet_writer import write_xlsx
from bookings.domain.staff import StaffRole
from bookings.services.catalogue import render_catalogue
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client
from tests.web.directory_pages import text_of, token_on

START = "/staff/directory/import"
GOOD = "Short name,Nimi,Typ,Country,Town,E-post\nnew,Nytt Åbo,company,FI,vaasa,visits@new.example\n"


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    with app.app_context():
        a_directory()
    return a_signed_in_client(app)


def send(client: FlaskClient, action: str = START, page: str = START, **fields):
    return client.post(action, data={"csrf_token": token_on(text_of(client, page)), **fields})


def upload(client: FlaskClient, content: bytes, name: str = "list.csv", **fields):
    return send(client, file=(io.BytesIO(content), name), **fields)


def upload_whole(client: FlaskClient, content: bytes, page: str = START) -> int:
    """The body in one piece: the test client would leave a temporary file open."""
    fields = {
        "csrf_token": token_on(text_of(client, page)),
        "file": FileStorage(io.BytesIO(content), "list.csv"),
    }
    boundary, body = encode_multipart(fields)
    return client.post(START, data=body, content_type=f"multipart/form-data; boundary={boundary}").status_code


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_staff_bring_a_file_in(app, staff, form):
    rows = [line.split(",") for line in GOOD.splitlines()]
    content = (
        GOOD.encode()
        if form == "csv"
        else write_xlsx("x", rows[0], [dict(zip(rows[0], rows[1], strict=True))])
    )

    uploaded = upload(staff, content, f"list.{form}")
    kept = uploaded.location
    page = text_of(staff, kept)
    ours = ("slug", "name", "kind", "country", "place", "contact_email")
    guessed = {f"column-{number}": column for number, column in enumerate(ours)}
    assert all(f'value="{column}" selected' in page for column in ours)
    looked = send(staff, f"{kept}/columns", kept, **guessed)
    preview = text_of(staff, looked.location)
    assert "<ins>Nytt Åbo</ins>" in preview
    assert "Nytt Åbo" not in text_of(app.test_client(), "/companies?q=abo")
    done = send(staff, f"{kept}/carry-out", kept)

    assert [answer.status_code for answer in (uploaded, looked, done)] == [303, 303, 303]
    assert "The file is imported" in text_of(staff, kept)
    assert "Nytt Åbo" in text_of(app.test_client(), "/companies?q=abo")
    assert send(staff, f"{kept}/carry-out").status_code == 303


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        ("Åland".encode("cp1252"), "The file is not saved as UTF-8"),
        (b"slug,name\n", "There is no row below the header"),
        (b"slug,slug\na,b\n", "The column stands there twice"),
        (b"PK\x03\x04 no workbook", "The workbook cannot be read"),
    ],
)
def test_files_that_nobody_can_read_are_told_at_once(staff, content, sentence):
    answer = upload(staff, content)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Error:" in answer.text
    assert START in answer.request.path


@pytest.mark.sqlite_only
def test_a_bomb_is_not_unpacked(staff):
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)

    answer = upload(staff, packed.getvalue(), "bomb.xlsx")

    assert (len(packed.getvalue()) < 1_000_000, answer.status_code) == (True, 422)
    assert "far larger than it looks" in answer.text


@pytest.mark.sqlite_only
def test_files_may_be_ten_times_as_large_as_other_forms_for_staff_alone(app, staff):
    filler = b"slug,name,kind,country,summary_en\n" + b"x,X,company,SE,%b\n" % (b"a" * 90_000) * 25

    assert upload_whole(staff, filler) == 303
    assert upload_whole(staff, filler * 6) == 413
    assert upload_whole(app.test_client(), filler, "/companies") == 413


@pytest.mark.sqlite_only
def test_an_upload_without_a_file_asks_for_one(staff):
    answer = send(staff)

    assert answer.status_code == 422
    assert "Choose a CSV or XLSX file first." in answer.text


@pytest.mark.sqlite_only
def test_missing_and_double_columns_are_asked_for_beside_their_fields(staff):
    kept = upload(staff, GOOD.encode()).location

    answer = send(staff, f"{kept}/columns", kept, **{"column-0": "name", "column-1": "name"})

    assert answer.status_code == 422
    assert "Choose which column holds “Short name”: it is needed." in answer.text
    assert answer.text.count("“Name” is chosen twice.") == 2
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.sqlite_only
def test_wrong_rows_are_listed_and_nothing_can_be_carried_out(staff):
    kept = upload(staff, GOOD.replace("vaasa", "<b>atlantis</b>").encode()).location
    fields = {f"column-{i}": c for i, c in enumerate(("slug", "name", "kind", "country", "place"))}
    send(staff, f"{kept}/columns", kept, **fields)

    page = text_of(staff, kept)

    assert "There is no such town (“&lt;b&gt;atlantis&lt;/b&gt;”)" in page
    assert "carry-out" not in page
    assert send(staff, f"{kept}/carry-out").status_code == 409


@pytest.mark.sqlite_only
def test_a_large_file_waits_for_the_worker_on_a_page_that_loads_itself_again(staff):
    rows = "".join(f"new-{number},New,company,SE\n" for number in range(400))
    kept = upload(staff, f"slug,name,kind,country\n{rows}".encode()).location
    fields = {f"column-{i}": c for i, c in enumerate(("slug", "name", "kind", "country"))}
    send(staff, f"{kept}/columns", kept, **fields)

    answer = staff.get(kept)

    assert answer.headers["Refresh"] == "3"
    assert "0 of 400" in answer.text


@pytest.mark.sqlite_only
def test_a_file_that_was_thrown_away_is_gone(staff):
    kept = upload(staff, GOOD.encode()).location

    send(staff, f"{kept}/discard", kept)

    assert staff.get(kept).status_code == 404


@pytest.mark.sqlite_only
def test_exports_open_in_a_spreadsheet_and_readers_get_no_contacts(app, staff):
    page = "/staff/directory/export"
    everything = send(staff, page, page, table="organisations", form="xlsx")
    reader = a_signed_in_client(app, StaffRole.READER)
    less = send(reader, page, page, table="organisations", form="csv")

    sheet = load_workbook(io.BytesIO(everything.data)).active
    header = [cell.value for cell in sheet[1]]
    assert "visits@vakin.example" in [row[header.index("contact_email")].value for row in sheet.rows]
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}
    assert everything.headers["Content-Disposition"].endswith('.xlsx"')
    assert "@" not in less.text
    for _ in range(20):
        last = send(staff, page, page, table="offers", form="csv")
    assert last.status_code == 429


@pytest.mark.sqlite_only
@pytest.mark.settings(session={"admins_need_second_factor": True})
def test_nobody_exports_with_a_password_alone(staff):
    page = staff.get("/staff/directory/export")
    sent = send(staff, "/staff/directory/export", table="offers", form="csv")

    assert (page.status_code, page.location) == (303, "/staff/account/second-factor")
    assert (sent.status_code, sent.location) == (303, "/staff/account/second-factor")
    assert "Whoever exports data signs in with a code" in text_of(staff, page.location)


@pytest.mark.sqlite_only
def test_readers_and_strangers_import_nothing(app, staff):
    reader = a_signed_in_client(app, StaffRole.READER)

    assert reader.get(START).status_code == 403
    assert send(reader, START, "/companies").status_code == 403
    assert send(app.test_client(), START, "/companies").status_code == 401


@pytest.mark.sqlite_only
def test_the_catalogue_is_linked_with_its_size_and_answers_from_what_is_there(app, client):
    with app.app_context():
        a_directory()
    assert "catalogue.pdf" not in text_of(client, "/companies")
    assert client.get("/companies/catalogue.pdf").location == "/companies"
    with app.app_context():
        while render_catalogue(now=NOW):
            pass

    page = text_of(client, "/companies?lang=sv")
    answer = client.get("/companies/catalogue.pdf?lang=sv")

    assert "/companies/catalogue.pdf?lang=sv" in page
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer.headers["Content-Language"] == "sv"
    again = client.get("/companies/catalogue.pdf?lang=sv", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
