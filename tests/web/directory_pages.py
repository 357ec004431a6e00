"""Looking at the directory's pages and pressing their buttons, as a browser would."""

import re
from html import unescape

from flask.testing import FlaskClient

from bookings.db import database
from bookings.models.directory import Organisation, Place, Site
from tests.support.statements import recorded_statements


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
