"""Settings by page: saved, refused with what was typed, kept from the other who saved meanwhile."""

import re
import struct
import zlib
from io import BytesIO

import pytest

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.queries.settings import read_settings
from bookings.services.settings.saving import save_deadlines, save_mail_words
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF

pytestmark = pytest.mark.sqlite_only
MAIL = "/staff/settings/mails/question/en"


def a_picture(width=40, height=20):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.fixture
def admin(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app, StaffRole.ADMIN)


def saved(app, key):
    with app.app_context():
        return read_settings(read_session()).find(key)


def version_on(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def send(client, address, **values):
    page = client.get(address).text
    return client.post(address, data={"csrf_token": csrf_of(page), "version": version_on(page), **values})


def test_what_an_admin_sets_is_kept_and_the_next_reader_sees_the_standard_beside_it(app, admin):
    answer = send(admin, "/staff/settings/deadlines", notice_days="21", first_reminder_percent="")

    page = admin.get("/staff/settings/deadlines").text
    assert answer.status_code == 303
    assert saved(app, "deadlines").value == {"notice_days": 21}
    assert 'name="notice_days" value="21"' in page
    assert "Standard: 28" in page


@pytest.mark.parametrize(
    ("address", "values", "field"),
    [
        ("/staff/settings/deadlines", {"notice_days": "soon"}, "notice_days"),
        ("/staff/settings/deadlines", {"notice_days": "999"}, "notice_days"),
        ("/staff/settings/hours", {"opens": "08:00"}, "closes"),
        (
            "/staff/settings/closed-days",
            {"first_on": "2027-03-02", "last_on": "2027-03-01", "name": "x", "where": ""},
            "last_on",
        ),
        ("/staff/settings/cost-clauses", {"name": "1", "effective_on": "2020-01-01"}, "text_en"),
        (MAIL, {"opening": "{password} {question}"}, "opening"),
        (MAIL, {"subject": "{{7*7}} {nobody}"}, "subject"),
        ("/staff/settings/pages/front_lede/en", {"text": "{secret_key}"}, "text"),
        ("/staff/settings/logos", {"name": "x", "alt_en": "x", "alt_sv": "x", "alt_fi": "x"}, "file"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_what_was_typed_stays(
    app, admin, address, values, field
):
    answer = send(admin, address, **values)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert all(text.replace('"', "") in answer.text for text in values.values())
    assert own_nothing(app)


def own_nothing(app):
    with app.app_context():
        return not read_settings(read_session()).saved


def test_the_second_of_two_who_save_sees_what_the_first_saved_and_loses_nothing(app, admin):
    page = admin.get(MAIL).text
    with app.app_context():
        save_mail_words("question", "en", {"subject": "By Anna"}, version=0, who=STAFF, now=NOW)
    typed = {"csrf_token": csrf_of(page), "version": version_on(page), "subject": "By me"}

    first = admin.post(MAIL, data=typed)
    second = admin.post(MAIL, data={**typed, "version": version_on(first.text)})

    assert first.status_code == 409
    assert "Anna Coordinator saved it" in first.text
    assert "By Anna" in first.text
    assert 'value="By me"' in first.text
    assert second.status_code == 303
    assert saved(app, "mail.question.en").value == {"subject": "By me"}


def test_a_preview_shows_the_mail_with_the_new_words_and_saves_nothing(app, admin):
    words = "Dear guest, {question} <b>{{7*7}}</b>"

    answer = send(admin, MAIL, opening=words, act="preview")

    assert answer.status_code == 200
    assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in answer.text
    assert "<b>{{7*7}}" not in answer.text
    assert own_nothing(app)


def test_going_back_to_the_standard_empties_the_text(app, admin):
    send(admin, MAIL, subject="Mine")

    send(admin, MAIL, subject="Mine, too", act="reset")

    assert saved(app, "mail.question.en").value is None


def test_pages_show_staffs_own_text_in_its_language_only(app, admin):
    send(admin, "/staff/settings/pages/front_lede/sv", text="Välkommen <script>alert(1)</script>\n\nTill oss")

    swedish, english = (app.test_client().get(f"/?lang={code}").text for code in ("sv", "en"))

    assert "Välkommen &lt;script&gt;" in swedish
    assert "<p>Till oss</p>" in swedish
    assert "Välkommen" not in english


def test_a_new_cost_clause_stands_in_the_form_from_its_day_on(app, admin):
    texts = {f"text_{code}": f"Pay yourselves, {code}." for code in ("en", "sv", "fi")}

    answer = send(
        admin, "/staff/settings/cost-clauses", name="2027-1", effective_on=NOW.date().isoformat(), **texts
    )

    assert answer.status_code == 303
    assert "In force: 2027-1" in admin.get("/staff/settings/cost-clauses").text


def test_a_logo_is_shown_to_everybody_as_the_picture_that_it_is(app, admin):
    alt = {f"alt_{code}": f"Programme {code}" for code in ("en", "sv", "fi")}
    picture = (BytesIO(a_picture() + b"<script>"), "logo.html")

    answer = send(admin, "/staff/settings/logos", file=picture, name="Programme", **alt)

    page = app.test_client().get("/").text
    source = re.search(r'src="(/logos/[0-9a-f]{64})" alt="Programme en" width="40" height="20"', page)[1]
    shown = app.test_client().get(source)
    assert answer.status_code == 303
    assert (shown.mimetype, shown.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in shown.headers["Cache-Control"]


def test_what_is_no_picture_is_refused_whatever_its_name(app, admin):
    alt = {f"alt_{code}": "x" for code in ("en", "sv", "fi")}
    for content in (b"<svg onload='x'/>", b"GIF89a", a_picture(0, 5), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        answer = send(admin, "/staff/settings/logos", file=(BytesIO(content), "a.png"), name="x", **alt)

        assert answer.status_code == 422

    assert own_nothing(app)


def test_coordinators_read_settings_and_do_not_change_them(app):
    coordinator = a_signed_in_client(app)
    page = coordinator.get("/staff/settings/deadlines").text

    answer = coordinator.post(
        "/staff/settings/deadlines", data={"csrf_token": csrf_of(page), "notice_days": "1"}
    )

    assert "Administrators change this" in page
    assert answer.status_code == 403


def test_a_settings_page_costs_the_same_whatever_was_set(app, admin):
    def statements(address):
        with recorded_statements() as found:
            admin.get(address)
        return len(found)

    addresses = ("/staff/settings", MAIL, "/staff/settings/mails", "/staff/settings/closed-days")
    admin.get("/staff/settings/closed-days")  # the directory is read once
    before = [statements(address) for address in addresses]
    with app.app_context():
        save_deadlines({"notice_days": 5}, version=0, who=STAFF, now=NOW)
        for language in ("en", "sv", "fi"):
            save_mail_words("invitation", language, {"subject": "x"}, version=0, who=STAFF, now=NOW)

    assert [statements(address) for address in addresses] == before
    assert max(before) <= 12
