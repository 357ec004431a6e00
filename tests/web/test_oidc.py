"""Signing in at a provider: who gets in by it, and that nobody else does."""

import base64
import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import select

from bookings.adapters import oidc
from bookings.db import read_session, transaction
from bookings.domain.staff import StaffRole
from bookings.models.audit import AuditEntry
from bookings.models.staff import StaffPasskey, StaffSession, StaffUser
from tests.support.apps import build_settings
from tests.support.browsers import accessibility_faults
from tests.support.clock import NOW
from tests.support.oidc_provider import SECRET, oidc_provider, says
from tests.support.ports import free_port
from tests.support.staff import an_account

pytestmark = pytest.mark.sqlite_only
BEGIN = "/staff/sign-in/oidc"
ANSWER = f"{BEGIN}/answer"
REFUSED = f"{BEGIN}/refused"
OTHER = "another one, of the same length as it"


@pytest.fixture
def provider(tmp_path, request):
    with oidc_provider(tmp_path, is_secure="page" not in request.fixturenames) as provider:
        yield provider


@pytest.fixture
def settings(database_url, tmp_path, provider, request):
    more = {"oidc": provider.settings, "web": {"base_url": "http://localhost"}}
    if "web_server" in request.fixturenames:
        port = free_port()
        more["web"] = {"port": port, "base_url": f"http://127.0.0.1:{port}"}
    for marker in request.node.iter_markers("settings"):
        for section, table in marker.kwargs.items():
            more.setdefault(section, {}).update(table)
    return build_settings(database_url, tmp_path, more=more)


@pytest.fixture(autouse=True)
def clock(app):
    moment = [NOW]
    app.extensions["clock"] = lambda: moment[0]

    def move(**distance):
        moment[0] += timedelta(**distance)

    return move


def walk(client, provider):
    """There and back."""
    return client.get(provider.authorise(client.get(BEGIN).location))


def told(client, answer):
    """What the page says to which a refusal leads."""
    assert (answer.status_code, answer.location) == (303, REFUSED), answer.text
    page = client.get(REFUSED)
    assert "Sign in by password instead" in page.text
    assert client.get("/staff/account").status_code == 302
    return page.status_code, page.text


def test_somebody_whom_the_provider_vouches_for_is_signed_in(app, client, provider):
    an_account(app)
    provider.email = "Coordinator@Staff.example"

    button = f'href="{BEGIN}">Sign in at City of Vaasa<' in client.get("/staff/sign-in").text
    entered = walk(client, provider)

    assert button
    assert (entered.status_code, entered.location) == (303, "/staff")
    assert client.get("/staff/account").status_code == 200
    with app.app_context():
        acts = read_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert acts[-2:] == ["prove_at_provider", "sign_in"]
        assert len(read_session().scalars(select(StaffSession)).all()) == 1


def unsigned(claims):
    parts = ({"alg": "none"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def signed_with_secret(claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.encode()), algorithms=["HS256"])


def signed_with_own_key(claims):
    return jwt.encode({"alg": "ES256", "kid": "first"}, claims, ECKey.generate_key("P-256", {"kid": "first"}))


WRONG_CLAIMS = [
    {"nonce": OTHER},
    {"nonce": None},
    {"aud": "somebody-else"},
    {"aud": ["kvarken", "somebody-else"]},
    {"aud": None},
    {"aud": "somebody-else", "azp": "kvarken"},
    {"azp": "somebody-else"},
    {"iss": "https://localhost"},
    {"iss": None},
    {"exp": int(NOW.timestamp()) - 61},
    {"exp": None},
    {"iat": int(NOW.timestamp()) + 3600},
    {"email_verified": False},
    {"email_verified": "true"},
    {"email_verified": None},
    {"email": None},
    {"email": ["coordinator@staff.example"]},
]


def test_a_token_that_does_not_prove_it_lets_nobody_in(app, client, provider):
    an_account(app)

    for claims in WRONG_CLAIMS:
        provider.claims = claims
        status, text = told(client, walk(client, provider))

        assert status == 422
        assert "City of Vaasa did not confirm an e-mail address of yours." in text, claims


def test_a_letter_that_folds_into_another_is_not_that_letter(app, client, provider):
    """The sign of Kelvin's degrees becomes a k in small letters."""
    an_account(app, email="kim@staff.example")
    provider.email = "\u212aim@staff.example"

    assert told(client, walk(client, provider))[0] == 422


def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(app, client, provider):
    an_account(app)

    for sign in (
        unsigned,
        signed_with_secret,
        signed_with_own_key,
        lambda _claims: "a.b.c",
        lambda _claims: "",
        str,
    ):
        provider.sign = sign

        assert told(client, walk(client, provider))[0] == 422, sign


def test_the_providers_next_key_is_fetched(app, client, provider):
    an_account(app)
    walk(app.test_client(), provider)
    provider.key = ECKey.generate_key("P-256", {"kid": "second"})

    entered = walk(client, provider)

    assert entered.location == "/staff"
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize("email", ["nobody@staff.example", "closed@staff.example"])
def test_no_account_is_made_or_opened(app, client, provider, email):
    an_account(app, email="closed@staff.example")
    with app.app_context(), transaction() as session:
        session.scalars(select(StaffUser)).unique().one().active = False
    provider.email = email

    status, text = told(client, walk(client, provider))

    assert status == 422
    assert "There is no account for you here" in text
    with app.app_context():
        assert len(read_session().scalars(select(StaffUser.id)).all()) == 1


def test_an_answer_that_nobody_asked_for_is_not_exchanged(app, client, provider, clock):
    an_account(app)
    way = provider.authorise(client.get(BEGIN).location)
    other = app.test_client()

    stolen = told(other, other.get(way))
    wrong = told(client, client.get(way.replace("state=", "state=x")))
    once = told(client, client.get(way))
    late_way = provider.authorise(client.get(BEGIN).location)
    clock(minutes=16)
    late = told(client, client.get(late_way))
    mixed = provider.authorise(client.get(BEGIN).location).replace("iss=https", "iss=http")
    mixed_up = told(client, client.get(mixed))

    assert {status for status, _text in (stolen, wrong, once, late, mixed_up)} == {422}
    assert all("This sign-in has ended" in text for _status, text in (stolen, wrong, once, late, mixed_up))
    assert "/token" not in provider.asked


def test_a_code_of_somebody_elses_sign_in_is_worth_nothing(app, client, provider):
    """The verifier stays in the browser that asked."""
    an_account(app)
    theirs = provider.authorise(app.test_client().get(BEGIN).location)
    own = provider.authorise(client.get(BEGIN).location)
    mixed = own.replace("code-1", "code-0")

    assert theirs != own
    assert told(client, client.get(mixed))[0] == 422
    assert provider.asked.count("/token") == 1


def test_who_cancels_is_told_so(client, provider):
    state = provider.authorise(client.get(BEGIN).location).partition("state=")[2].partition("&")[0]

    status, text = told(client, client.get(f"{ANSWER}?error=access_denied&state={state}"))

    assert status == 422
    assert "The sign-in at City of Vaasa was cancelled." in text


OUT_OF_ORDER = [
    ("/token", says(b"{}", 500)),
    ("/token", says(b"{}", 302, Location="http://127.0.0.1:9/")),
    ("/token", says(b"<p>Welcome</p>")),
    ("/token", says(b"[]")),
    ("/token", says(b'{"id_token": "' + b"x" * 300_000 + b'"}')),
    ("/keys", says(b"", 404)),
    ("/keys", says(b'{"keys": [{"kty": "EC", "kid": "first"}]}')),
]


def test_a_provider_that_is_out_of_order_stops_nobody_with_a_password(app, client, provider):
    an_account(app)

    for path, answer in OUT_OF_ORDER:
        app.extensions.pop("oidc", None)
        provider.say = {path: answer}
        status, text = told(client, walk(client, provider))

        assert status == 503
        assert "City of Vaasa does not answer" in text


ELSEWHERE = [
    {"issuer": "https://elsewhere.example"},
    {"token_endpoint": "https://169.254.169.254/latest"},
    {"jwks_uri": "https://localhost:1/keys"},
    {"authorization_endpoint": "http://localhost/authorize"},
    {"token_endpoint": None},
    {"jwks_uri": "file:///etc/passwd"},
    {"jwks_uri": "https://localhost:many/"},
]


def test_a_description_that_leads_elsewhere_is_not_followed(app, client, provider):
    for provider.metadata in ELSEWHERE:
        app.extensions.pop("oidc", None)

        assert told(client, client.get(BEGIN))[0] == 503
    assert provider.asked == ["/.well-known/openid-configuration"] * len(ELSEWHERE)


@pytest.mark.settings(oidc={"ca_file": ""})
def test_a_certificate_that_nobody_vouches_for_is_refused(client, provider):
    assert told(client, client.get(BEGIN))[0] == 503
    assert provider.asked == []


def test_nobody_waits_long_for_a_provider_that_drips(client, provider, monkeypatch):
    monkeypatch.setattr(oidc, "SECONDS", 0.5)

    def drip(handler):
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
            handler.wfile.write(bytes([letter]))
            time.sleep(0.1)

    provider.say["/.well-known/openid-configuration"] = drip

    status = told(client, client.get(BEGIN))[0]
    client.get(BEGIN)

    assert status == 503
    assert len(provider.asked) == 1  # the second is told so at once


def give_passkey(app):
    with app.app_context(), transaction() as session:
        owner = session.scalar(select(StaffUser.id))
        key = {"name": "phone", "credential_id": b"id", "credential": b"key", "sign_count": 0}
        session.add(StaffPasskey(staff_user_id=owner, created_at=NOW, **key))


def test_the_own_second_factor_is_asked_for_whatever_the_provider_says(app, client, provider):
    an_account(app)
    give_passkey(app)
    provider.claims = {"amr": ["pwd", "mfa"], "acr": "high"}

    entered = walk(client, provider)

    assert entered.location == "/staff/sign-in/passkey"
    assert client.get("/staff/account").status_code == 302


@pytest.mark.settings(oidc={"second_factors": ["mfa", "high"]}, session={"admins_need_second_factor": True})
@pytest.mark.parametrize(
    ("claims", "leads_to"),
    [({"amr": ["pwd", "mfa"]}, 200), ({"acr": "high"}, 200), ({"amr": ["pwd"]}, 303), ({}, 303)],
)
def test_a_second_factor_of_the_providers_counts_where_the_settings_name_it(
    app, client, provider, claims, leads_to
):
    an_account(app, StaffRole.ADMIN)
    provider.email, provider.claims = "admin@staff.example", claims

    walk(client, provider)

    assert client.get("/staff/people").status_code == leads_to


def test_thirty_answers_an_hour_are_enough(client):
    answers = [client.get(ANSWER).status_code for _ in range(31)]

    assert answers == [303] * 30 + [429]


@pytest.mark.settings(oidc={"issuer": "", "client_id": "", "client_secret": "", "label": ""})
def test_without_a_provider_there_is_no_such_way_in(client):
    assert [client.get(way).status_code for way in (BEGIN, ANSWER, REFUSED)] == [404] * 3
    assert BEGIN not in client.get("/staff/sign-in").text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("sv", "Logga in med lösenord i stället"), ("fi", "Kirjaudu sen sijaan salasanalla")],
)
def test_the_refusal_is_said_in_the_readers_language(client, language, sentence):
    client.get(ANSWER)

    assert sentence in client.get(f"{REFUSED}?lang={language}").text


def test_the_start_waits_for_none_of_it():
    loaded = "import sys, bookings.app; print(*(set(sys.modules) & {'joserfc', 'bookings.adapters.oidc'}))"

    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout

    assert said.split() == []


def test_a_browser_goes_there_and_back(app, web_server, page):
    """The policy of the pages lets it, the cookie comes along, and axe has nothing to say."""
    page.goto(f"{web_server.url}/staff/sign-in")
    faults = accessibility_faults(page)
    page.get_by_role("link", name="Sign in at City of Vaasa").click()
    page.wait_for_url(f"{web_server.url}{REFUSED}")
    heading = page.locator("h1").inner_text()
    faults += accessibility_faults(page)

    assert heading == "You did not sign in"
    assert page.url == f"{web_server.url}{REFUSED}"
    assert faults == []
