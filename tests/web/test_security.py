"""What every answer says to the browser, and what a strange request gets."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.support.apps import build_settings, close, create_app
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.own_pages import a_released_visit, an_own_page, at, everything_stored
from tests.support.staff import a_signed_in_client, csrf_of

pytestmark = pytest.mark.sqlite_only
SIGN_IN = "/staff/sign-in"
PRODUCTION = {
    "app": {"environment": "production"},
    "web": {"base_url": "https://visits.example", "trusted_hosts": ["visits.example"]},
}


@pytest.fixture
def production(settings, tmp_path):
    app = create_app(build_settings(settings.database_url, tmp_path, more=PRODUCTION))
    yield app
    close(app)


def get_page(app: Flask, path: str):
    return app.test_client().get(path, base_url="https://visits.example")


def test_every_page_says_what_it_may_load_and_who_may_frame_it(client):
    headers = client.get(SIGN_IN).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_page_of_a_link_tells_no_other_site_its_address(client):
    headers = client.get("/visits/no-such-token").headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [SIGN_IN, "/staff/account", "/staff"])
def test_nothing_personal_stays_in_a_cache(app, path):
    assert "no-store" in a_signed_in_client(app).get(path).headers["Cache-Control"]


def test_in_production_the_browser_is_told_to_keep_to_https(production, client):
    answer = get_page(production, SIGN_IN)

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get(SIGN_IN).headers


def test_in_production_the_session_cookie_is_bound_to_the_host(production):
    cookie = get_page(production, SIGN_IN).headers["Set-Cookie"]

    assert cookie.startswith("__Host-session=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


@pytest.mark.parametrize("host", ["evil.example", "visits.example.evil.example", "evil.example:443"])
def test_a_strange_host_gets_a_plain_page(production, host):
    answer = production.test_client().get(SIGN_IN, base_url=f"https://{host}")

    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_a_post_from_another_site_never_acts(app):
    client = a_signed_in_client(app)
    token = csrf_of(client.get("/staff/account").text)

    statuses = {
        site: client.post(
            "/staff/account/sign-ins/end-others", data={"csrf_token": token}, headers={"Sec-Fetch-Site": site}
        ).status_code
        for site in ("cross-site", "same-site", "same-origin", "none")
    }

    assert statuses == {"cross-site": 403, "same-site": 403, "same-origin": 303, "none": 303}


def test_a_post_without_a_token_changes_nothing(app):
    client = a_signed_in_client(app)

    answer = client.post("/staff/account", data={"name": "Somebody else", "language": "en"})

    assert answer.status_code == 400
    assert "Somebody else" not in client.get("/staff/account").text


def test_a_form_that_was_open_too_long_comes_back_with_what_was_typed(app):
    client = a_signed_in_client(app)

    answer = client.post(
        "/staff/account",
        data={"name": "Åsa Öst", "language": "fi", "csrf_token": "stale"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    again = client.post(
        "/staff/account", data={"name": "Åsa Öst", "language": "fi", "csrf_token": csrf_of(answer.text)}
    )

    assert answer.status_code == 400
    assert 'value="Åsa Öst"' in answer.text
    assert "was not sent" in answer.text
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("own", "part", "fields"),
    [
        (True, "wish", {"wish": "One more day, please"}),
        (False, "decline", {"reason": "One more day, please"}),
        (False, "propose", {"time1-day": "2027-03-17", "time1-starts": "10:00", "comment": "As it suits"}),
    ],
)
def test_a_part_of_a_page_that_was_open_too_long_comes_back_open(app, own, part, fields):
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        page, hosts = a_released_visit()
        before = everything_stored()
    address = f"{page if own else hosts[0]}/{part}"

    answer = app.test_client().post(address, data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 400
    assert "was not sent" in answer.text
    shown = re.search(r"<details[^>]* open[^>]*>(.*?)</details>", answer.text, re.DOTALL)[1]
    assert [words for words in fields.values() if words not in shown] == []
    with app.app_context():
        assert everything_stored() == before


def test_an_answer_to_a_question_is_not_lost_when_the_page_was_open_too_long(app):
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        page = an_own_page(state="needs_info", question="How many?", answer_by=NOW + timedelta(days=3))

    answer = app.test_client().post(
        f"{page}/answer", data={"answer": "Twelve of us"}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert (answer.status_code, "Twelve of us</textarea>" in answer.text) == (400, True)


def test_a_form_whose_page_shows_only_what_is_stored_can_be_sent_again_from_the_answer(app):
    app.extensions["clock"] = at(NOW)
    client = a_signed_in_client(app)
    with app.app_context():
        address = f"/staff/visits/{a_visit(state='planning').reference}/labels"

    def send(token, origin):
        fields = {"label": "0", "text": "Bring helmets", "csrf_token": token}
        return client.post(address, data=fields, headers={"Origin": origin})

    foreign, stale = send("stale", "https://evil.example"), send("stale", "http://localhost")
    again = send(csrf_of(stale.text), "http://localhost")

    assert (foreign.status_code, "Bring helmets" in foreign.text) == (400, False)
    assert (stale.status_code, 'value="Bring helmets"' in stale.text) == (400, True)
    assert again.status_code != 400


def test_the_sign_in_page_comes_back_with_the_address_when_its_cookie_is_gone(client):
    answer = client.post(
        SIGN_IN,
        data={"email": "anna@staff.example", "password": "secret words", "csrf_token": "stale"},
        headers={"Origin": "http://localhost"},
    )

    assert answer.status_code == 400
    assert 'value="anna@staff.example"' in answer.text
    assert "secret words" not in answer.text


def test_another_site_cannot_fill_in_a_form_for_the_reader(client):
    answer = client.post(
        SIGN_IN, data={"email": "mallory@evil.example"}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 400
    assert "mallory" not in answer.text


def multipart(fields):
    parts = (f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    return ("".join(parts) + "--x--\r\n").encode()


@pytest.mark.parametrize("write", [multipart, lambda fields: urlencode(fields).encode()])
@pytest.mark.parametrize(
    "fields",
    [{f"field{number}": "x" for number in range(300)}, {"email": "x" * 1_100_000}],
    ids=["many fields", "a long field"],
)
def test_a_form_that_is_too_large_gets_a_plain_page(client, fields, write):
    kind = "multipart/form-data; boundary=x" if write is multipart else "application/x-www-form-urlencoded"

    answer = client.post(SIGN_IN, data=write(fields), content_type=kind)

    assert answer.status_code == 413
    assert "This is too large" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no-such-page", 404),
        ("POST", "/no-such-page", 404),
        ("DELETE", SIGN_IN, 405),
        ("GET", "/staff/sign-out", 405),
        ("GET", "/staff/tf-setup", 404),
        ("GET", "/staff/sign-in/code%00", 404),
    ],
)
def test_wrong_addresses_get_our_own_page(app, method, path, status):
    app.config["WTF_CSRF_ENABLED"] = False

    answer = app.test_client().open(path, method=method)

    assert answer.status_code == status
    assert '<html lang="en">' in answer.text
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("query", ["lang=%00", "lang=xx", "lang=sv&lang=fi", "%ff=%fe", "page=" + "9" * 4000])
def test_strange_questions_are_no_fault(client, query):
    assert client.get(f"{SIGN_IN}?{query}").status_code in (200, 302, 414)


def test_the_language_is_the_only_thing_that_an_address_of_the_sign_in_may_carry(client):
    assert client.get(f"{SIGN_IN}?lang=fi").status_code == 200
    assert client.get(f"{SIGN_IN}?anything=else").location == SIGN_IN
