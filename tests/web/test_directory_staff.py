"""The directory for staff: search with sites and contacts, import of a file."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bookings.domain.staff import StaffRole
from tests.support.builders import a_directory
from tests.support.staff import a_signed_in_client
from tests.web.directory_pages import add_organisations, statements_of, text_of, token_on

GOOD = "slug,name,kind,country,place,contact_email\nnew,Nytt Åbo,company,FI,vaasa,visits@new.example\n"


@pytest.fixture
def some(app: Flask) -> Flask:
    with app.app_context():
        a_directory()
    return app


def send_import(client: FlaskClient, page: str = "/staff/directory", **fields):
    token = token_on(text_of(client, page))
    return client.post("/staff/directory/import", data={"csrf_token": token, **fields})


def upload(client: FlaskClient, content: bytes):
    return send_import(client, file=(io.BytesIO(content), "directory.csv"))


def test_staff_find_sites_and_contacts(some, client):
    staff = a_signed_in_client(some, StaffRole.READER)

    html = text_of(staff, "/staff/directory?q=storm")

    assert "Stormossen visitor centre, Vaasa (EET)" in html
    assert 'href="mailto:visits@stormossen.example"' in html
    assert "Vakin" not in html
    assert 'type="file"' not in html


def test_staff_import_a_file(some):
    staff = a_signed_in_client(some)

    answer = upload(staff, GOOD.encode())

    assert (answer.status_code, answer.location) == (303, "/staff/directory")
    assert "Imported: 1 new, 0 changed, 0 unchanged." in text_of(staff, "/staff/directory")
    assert "Nytt Åbo" in text_of(some.test_client(), "/companies?q=abo")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        ("Åland".encode("cp1252"), "The file is not saved as UTF-8"),
        (
            GOOD.replace("vaasa", "<b>atlantis</b>").encode(),
            "There is no such town (“&lt;b&gt;atlantis&lt;/b&gt;”)",
        ),
    ],
)
def test_a_broken_file_is_told_line_by_line_and_changes_nothing(some, content, sentence):
    staff = a_signed_in_client(some)

    answer = upload(staff, content)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Nothing was changed" in answer.text
    assert "4 organisations" in text_of(staff, "/staff/directory")


def test_an_import_without_a_file_asks_for_one(some):
    answer = send_import(a_signed_in_client(some))

    assert answer.status_code == 422
    assert "Choose a CSV file first." in answer.text


def test_readers_and_strangers_import_nothing(some, client):
    reader = send_import(a_signed_in_client(some, StaffRole.READER), "/companies")
    stranger = send_import(client, "/companies")

    assert (reader.status_code, stranger.status_code) == (403, 401)


def test_the_staff_page_costs_the_same_for_one_for_three_and_for_300(app):
    staff = a_signed_in_client(app)
    counts = []
    for total in (1, 3, 300):
        with app.app_context():
            add_organisations(total)
        counts.append((statements_of(staff, "/staff/directory"), statements_of(staff, "/staff/directory")))

    assert counts[0] == counts[1] == counts[2]
