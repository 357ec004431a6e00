"""The directory and the visit plan, as visitors and staff meet them."""

import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bookings.db import database
from bookings.domain.staff import StaffRole
from bookings.models.directory import Organisation, Place, Site
from bookings.services.directory import load_demo_directory
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements

SCREENS = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
def some(app: Flask) -> Flask:
    with app.app_context():
        a_directory()
    return app


@pytest.fixture
def real(app: Flask, now) -> Flask:
    with app.app_context():
        load_demo_directory(now=now)
    return app


def text_of(client: FlaskClient, url: str, **more) -> str:
    answer = client.get(url, **more)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def names_on(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'class="card-link"[^>]*>([^<]+)<', html)]


def found_on(client: FlaskClient, query: str) -> list[str]:
    return names_on(text_of(client, f"/companies?{query}"))


def token_on(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]


def press(client: FlaskClient, action: str, **fields: str):
    token = token_on(text_of(client, "/companies"))
    return client.post(action, data={"csrf_token": token, **fields})


def plan_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("plan")
    return cookie.value if cookie else ""


def test_the_list_shows_everybody_by_name(some, client):
    html = text_of(client, "/companies")

    assert names_on(html) == ["Skellefteå Kraft", "Stormossen", "Vakin", "Westenergy"]
    assert "4 organisations" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=STORM", ["Stormossen"]),
        ("q=skelleftea+kraft", ["Skellefteå Kraft"]),
        ("q=vasa+biogas", ["Stormossen"]),
        ("q=vaasa", ["Stormossen", "Westenergy"]),
        ("interest=waste-circular", ["Stormossen", "Vakin", "Westenergy"]),
        ("interest=waste-circular/recycling", ["Stormossen", "Vakin"]),
        ("town=vaasa&kind=company&language=sv&interest=bioeconomy", ["Stormossen"]),
        ("kind=public", ["Vakin"]),
        ("town=atlantis&kind=shop&interest=wine&language=xx&page=no", None),
        ("q=%00%1f&page=99999", None),
        ("q=nothing-like-it", []),
    ],
)
def test_words_and_filters_narrow_the_list(some, client, query, names):
    everybody = ["Skellefteå Kraft", "Stormossen", "Vakin", "Westenergy"]

    assert found_on(client, query) == (everybody if names is None else names)


def test_each_choice_says_how_many_it_leads_to(some, client):
    html = text_of(client, "/companies?kind=company")

    links = re.findall(r'<a href="(/companies[^"]*)"[^>]*><span>([^<]+)</span> <span class="n">(\d+)', html)
    for url, label, count in links:
        assert len(found_on(client, urlsplit(unescape(url)).query)) == int(count) or "kind" not in url, label
    assert ("/companies?town=vaasa&amp;kind=company", "Vaasa", "2") in links
    assert ("/companies", "Company", "3") in links
    assert ("/companies?kind=public", "Public body or utility", "1") in links


def test_names_of_towns_are_in_the_readers_language(some, client):
    assert "Vasa" in text_of(client, "/companies?lang=sv")
    assert "Uumaja" in text_of(client, "/companies?lang=fi")


def test_an_empty_list_says_what_to_do(some, client):
    html = text_of(client, "/companies?q=nothing-like-it")

    assert "No organisation fits" in html
    assert 'href="/companies"' in html
    assert 'href="/book"' in html


def test_an_empty_directory_shows_a_page(client):
    assert "No organisation fits" in text_of(client, "/companies")


def test_the_real_directory_comes_in_pages(real, client):
    pages = [names_on(text_of(client, f"/companies?page={number}")) for number in range(1, 9)]

    assert [len(page) for page in pages] == [24] * 7 + [1]
    assert len({name for page in pages for name in page}) == 169


def test_the_page_of_an_organisation_says_what_it_is(some, client):
    html = text_of(client, "/companies/stormossen")

    assert "<h1>Stormossen</h1>" in html
    assert 'href="/companies?interest=bioeconomy/biogas"' in html
    assert "Local time: EET" in html
    assert "Europe/Helsinki" in html
    assert "English · Swedish" in html


def test_a_website_is_a_link_that_tells_nothing_of_us(real, client):
    html = text_of(client, "/companies/arctic-aviation-hub")

    assert (
        '<a href="https://arcticaviationhub.com" rel="noopener noreferrer external">arcticaviationhub.com</a>'
        in html
    )


@pytest.mark.parametrize("slug", ["unknown", "vakin", "%00", "a" * 500])
def test_an_unknown_or_hidden_organisation_is_a_page_that_says_so(some, client, slug):
    with some.app_context():
        database.session.query(Organisation).filter_by(slug="vakin").update({"status": "hidden"})
        database.session.commit()

    answer = client.get(f"/companies/{slug}")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "Vakin" not in text_of(client, "/companies")


def test_the_button_adds_and_then_takes_off(some, client):
    added = press(client, "/plan", add="stormossen", origin="company")
    page = text_of(client, "/companies/stormossen")
    removed = press(client, "/plan", remove="stormossen", origin="company")

    assert (added.status_code, added.location) == (303, "/companies/stormossen")
    assert 'name="remove" value="stormossen"' in page
    assert "Added to your visit plan: Stormossen" in page
    assert (removed.status_code, plan_of(client)) == (303, "")


def test_the_way_back_is_the_same_list_at_the_same_card(some, client):
    answer = press(client, "/plan", add="vakin", origin="list", q="va", kind="public", page="1")

    assert answer.location == "/companies?q=va&kind=public#vakin"


@pytest.mark.parametrize("origin", ["https://evil.example", "//evil.example", ""])
def test_the_way_back_never_leaves_the_site(some, client, origin):
    assert press(client, "/plan", add="vakin", origin=origin).location == "/plan"


def test_the_header_counts_the_plan(some, client):
    press(client, "/plan", add="stormossen")
    press(client, "/plan", add="vakin")

    html = text_of(client, "/companies")

    assert '<span class="sr">Chosen: </span>2</span>' in html
    assert html.index('value="vakin"') > html.index('name="remove" value="stormossen"')


def test_a_plan_is_full_at_twenty(real, client):
    with real.app_context():
        slugs = [
            slug
            for (slug,) in database.session.query(Organisation.slug).order_by(Organisation.slug).limit(21)
        ]
    for slug in slugs:
        press(client, "/plan", add=slug)

    html = text_of(client, "/plan")

    assert plan_of(client).split(".") == slugs[:20]
    assert "A visit plan holds 20 organisations at most" in html


def test_a_cookie_that_somebody_made_up_is_no_fault(some, client):
    for value in [
        "",
        "..",
        "x" * 4000,
        "<script>.stormossen",
        "stormossen.unknown." + ".".join("abcdefghijklmnopqrstuvwxyz"),
    ]:
        client.set_cookie("plan", value)

        assert client.get("/plan").status_code == 200
        assert client.get("/companies").status_code == 200


def test_a_plan_is_shared_as_a_link_and_taken_over(some, client):
    press(client, "/plan", add="stormossen")
    press(client, "/plan", add="vakin")
    link = re.search(r'value="(http[^"]+/plan\?hosts=[^"]+)"', text_of(client, "/plan"))
    other = some.test_client()
    press(other, "/plan", add="westenergy")

    shared = text_of(other, f"/plan?{urlsplit(unescape(link[1])).query},gone")
    hosts = re.search(r'name="hosts" value="([^"]+)"', shared)
    answer = press(other, "/plan/use", hosts=hosts[1])

    assert parse_qs(urlsplit(unescape(link[1])).query) == {"hosts": ["stormossen,vakin"]}
    assert "1 organisation of this plan is not in the directory any more" in shared
    assert (answer.status_code, answer.location) == (303, "/plan")
    assert plan_of(other) == "westenergy.stormossen.vakin"


def test_looking_at_a_shared_plan_changes_nothing(some, client):
    text_of(client, "/plan?hosts=stormossen,vakin")

    assert plan_of(client) == ""


def test_an_empty_plan_says_what_to_do(some, client):
    html = text_of(client, "/plan")

    assert "Your visit plan is empty" in html
    assert 'href="/companies"' in html


def test_a_post_without_its_key_does_nothing(some, client):
    answer = client.post("/plan", data={"add": "vakin"})

    assert answer.status_code in (400, 403, 409, 422)
    assert plan_of(client) == ""


@pytest.mark.parametrize("url", ["/companies", "/companies/org-0", "/plan"])
def test_a_page_costs_the_same_for_one_for_three_and_for_300(app, url):
    counts = []
    for total in (1, 3, 300):
        with app.app_context():
            add_organisations(total)
        client = app.test_client()
        client.set_cookie("plan", ".".join(f"org-{number}" for number in range(min(total, 20))))
        counts.append((statements_of(client, url), statements_of(client, url)))

    assert counts[0] == counts[1] == counts[2]
    assert counts[0][1] <= 2


def statements_of(client: FlaskClient, url: str) -> int:
    with recorded_statements() as statements:
        text_of(client, url)
    return len([statement for statement in statements if statement.startswith("SELECT")])


def add_organisations(total: int) -> None:
    """So many organisations in all, each with a town and a site."""
    session = database.session
    place = session.query(Place).first() or Place(
        slug="umea",
        name_en="Umeå",
        name_sv="Umeå",
        name_fi="Uumaja",
        country="SE",
        time_zone="Europe/Stockholm",
    )
    session.add(place)
    session.flush()
    for number in range(session.query(Organisation).count(), total):
        site = Site(slug="main", name="Main", place_id=place.id, time_zone=place.time_zone)
        session.add(
            Organisation(
                slug=f"org-{number}", name=f"Org {number}", kind="company", country="SE", place_id=place.id,
                languages=["sv"], sites=[site],
            )
        )  # fmt: skip
    session.commit()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_the_pages_can_be_used_by_everybody(real, web_server, page, width, colours):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=colours)
    faults = {}

    for url in (
        "/companies",
        "/companies?interest=water&q=va",
        "/companies/stormossen",
        "/plan?hosts=stormossen,vakin",
    ):
        page.goto(web_server.url + url)
        faults[url] = accessibility_faults(page) + overflows(page)
    page.get_by_role("button", name="Use this plan").click()
    faults["/plan"] = accessibility_faults(page) + overflows(page)

    assert {url: found for url, found in faults.items() if found} == {}


def overflows(page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


@pytest.mark.sqlite_only
def test_filters_fold_on_a_small_screen_and_stand_open_on_a_wide_one(real, web_server, page):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{web_server.url}/companies")
    link = page.get_by_role("link", name=re.compile("^Hydrogen and electrofuels"))
    folded = link.is_visible()
    page.get_by_text("Filters", exact=True).click()
    unfolded = link.is_visible()

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{web_server.url}/companies")

    assert (folded, unfolded, link.is_visible()) == (False, True, True)


GOOD = "slug,name,kind,country,place,contact_email\nnew,Nytt Åbo,company,FI,vaasa,visits@new.example\n"


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
