"""The queue of requests, the visit page and what staff do there."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.staff import StaffRole
from bookings.models.directory import Interest, OrganisationInterest
from bookings.models.slots import ProposedTime
from bookings.models.visits import VisitNote, VisitRequest
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit, start_planning, wish_change
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory, a_slot, a_visit, save
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import PASSWORD, a_signed_in_client, an_account, csrf_of
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, kinds, plan, visitor_token

TEN = NOW + timedelta(days=43, hours=1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def reader(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app, StaffRole.READER)


def references(page: str) -> list[str]:
    return re.findall(r'<h2><a href="/staff/visits/(KV-[\d-]+)">', page)


def state_of(app, reference: str) -> str:
    with app.app_context():
        return database.session.scalars(
            select(VisitRequest.state).where(VisitRequest.reference == reference)
        ).one()


def a_draft(visit, slug="vakin", hour=9.0):
    """A visit in planning with one draft slot."""
    start_planning(visit.reference, who=STAFF, now=NOW)
    return add_slot(visit.reference, plan(slug, hour), who=STAFF, now=NOW)


@pytest.mark.sqlite_only
def test_an_empty_queue_says_what_will_come(staff):
    page = staff.get("/staff/visits").text

    assert "New requests appear here as soon as their senders have confirmed" in page


def test_what_needs_staff_stands_on_top(app, staff):
    with app.app_context():
        hosts = a_directory()
        waiting = a_visit(state="awaiting_hosts").reference
        confirmed = a_visit(state="confirmed").reference
        submitted = a_visit().reference
        countered_visit = a_visit(state="awaiting_hosts")
        a_slot(countered_visit, hosts["vakin"], starts_at=TEN, state="countered")
        countered = countered_visit.reference
        asked = database.session.scalars(select(VisitRequest).where(VisitRequest.reference == waiting)).one()
        a_slot(asked, hosts["vakin"], starts_at=TEN, state="pending")
        held = a_visit(state="unverified", is_held_for_moderation=True, verified_at=None).reference

    page = staff.get("/staff/visits").text

    assert references(page) == [held, countered, submitted, waiting, confirmed]


def test_requests_whose_address_is_not_proved_are_counted_and_not_shown(app, staff):
    with app.app_context():
        reference = a_visit(state="unverified", verified_at=None).reference

    page = staff.get("/staff/visits?state=all").text

    assert references(page) == []
    assert "1 more request waits for its sender" in page
    assert staff.get(f"/staff/visits/{reference}").status_code == 404


def test_the_queue_can_be_filtered(app, staff):
    with app.app_context():
        a_directory()
        estonia = a_visit(places=("vaasa",)).reference
        gdynia = a_visit(organisation="City of Gdynia", country="PL", places=("umea",)).reference
        done = a_visit(state="completed").reference

    def shown(query: str) -> list[str]:
        return references(staff.get(f"/staff/visits?{query}").text)

    assert shown("") == [estonia, gdynia]
    assert shown("town=umea") == [gdynia]
    assert shown("text=gdy") == [gdynia]
    assert shown("text=%25") == []
    assert shown("state=closed") == [done]
    assert shown("owner=none") == [estonia, gdynia]


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "town=%00",
        "owner=99999999999999999999",
        "text=a%00b",
        "page=-3",
        "page=999999999999",
    ],
)
def test_a_queue_address_that_makes_no_sense_shows_the_open_requests(app, staff, query):
    with app.app_context():
        reference = a_visit().reference

    answer = staff.get(f"/staff/visits?{query}")

    assert (answer.status_code, references(answer.text)) == (200, [reference])


def test_the_queue_costs_the_same_for_1_3_and_300_requests(app, staff):
    counts = []
    for more in (1, 2, 297):
        with app.app_context():
            for _ in range(more):
                a_visit()
        staff.get("/staff/visits")
        with recorded_statements() as statements:
            assert staff.get("/staff/visits").status_code == 200
        counts.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counts[0] == counts[1] == counts[2]


def test_the_visit_page_shows_request_suggestions_with_reasons_and_history(app, staff):
    with app.app_context():
        hosts = a_directory()
        interests = list(_interests_of(hosts["stormossen"].id))
        earlier = a_visit(state="completed", interests=interests, first_day=(NOW - timedelta(days=90)).date())
        earlier_reference = earlier.reference
        visit = a_visit(interests=list(_interests_of(hosts["stormossen"].id)), state="planning")
        reference = visit.reference

    page = staff.get(f"/staff/visits/{reference}").text

    assert "See how waste and biogas are handled" in page
    assert "We pay our own costs." in page
    assert "Stormossen" in page
    assert "Meets what was asked for: Recycling and Biogas" in page
    assert "The same organisation asked for similar things before" in page
    assert f"/staff/visits/{earlier_reference}" in page


def test_the_visit_page_costs_the_same_for_1_3_and_30_stops(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="awaiting_hosts")
        reference, counts = visit.reference, []
        for more in (1, 2, 27):
            for number in range(more):
                a_slot(visit, hosts["vakin"], starts_at=TEN + timedelta(hours=number), state="accepted")
            asked = a_slot(visit, hosts["stormossen"], starts_at=TEN, state="countered")
            other = {"starts_at": TEN + timedelta(days=1), "ends_at": TEN + timedelta(days=1, hours=1)}
            save(ProposedTime(slot_id=asked.id, proposed_at=NOW, **other))
            staff.get(f"/staff/visits/{reference}")
            with recorded_statements() as statements:
                assert staff.get(f"/staff/visits/{reference}").status_code == 200
            counts.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counts[0] == counts[1] == counts[2] <= 12, statements


def test_a_programme_that_is_too_tight_over_the_water_is_warned_of(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="planning")
        a_slot(visit, hosts["stormossen"], starts_at=TEN)
        a_slot(visit, hosts["vakin"], starts_at=TEN + timedelta(hours=3))
        reference = visit.reference

    page = staff.get(f"/staff/visits/{reference}").text

    assert "From Vaasa to Umeå takes 4 h with the ferry and check-in; the plan leaves 1 h 30 min." in page
    assert "The clocks there are 1 h behind." in page


def test_a_note_is_kept_and_an_empty_one_is_refused_beside_the_field(app, staff):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"

    refused = submit(staff, f"{page}/notes", {"text": " "}, page=page)
    unclean = submit(staff, f"{page}/notes", {"text": "a\x07b"}, page=page)
    kept = submit(staff, f"{page}/notes", {"text": "Call them\non Monday"}, page=page)

    assert (refused.status_code, unclean.status_code, kept.status_code) == (422, 422, 303)
    assert "Write the note first." in refused.text
    assert "Remove the invisible control characters" in unclean.text
    with app.app_context():
        assert database.session.scalars(select(VisitNote.text)).all() == ["Call them\non Monday"]


def test_a_visitors_wish_stands_on_top_until_staff_have_dealt_with_it(app, staff):
    with app.app_context():
        calm = a_visit(state="confirmed").reference
        wishing = a_visit(state="confirmed").reference
        wish_change(visitor_token(wishing), "Could we start at ten?", now=NOW)

    page = f"/staff/visits/{wishing}"
    submit(staff, f"{page}/notes", {"text": "Asked the host"}, page=page)
    wished = staff.get("/staff/visits").text
    form = staff.get(f"{page}/answer-wish").text
    done = submit(staff, f"{page}/answer-wish", {"text": ""}, page=f"{page}/answer-wish")
    dealt_with = staff.get("/staff/visits").text

    assert references(wished) == [wishing, calm]
    assert "The visitor wishes a change" in wished
    assert "Could we start at ten?" in form
    assert done.status_code == 303
    assert "The wish is dealt with." in dealt_with
    assert references(dealt_with) == [calm, wishing]
    assert "The visitor wishes a change" not in dealt_with


def test_somebody_looks_after_the_request(app, staff):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"

    saved = submit(staff, f"{page}/owner", {"owner": "1"}, page=page)
    foreign = submit(staff, f"{page}/owner", {"owner": "77"}, page=page)

    assert (saved.status_code, foreign.status_code) == (303, 404)
    assert references(staff.get("/staff/visits?owner=1").text) == [reference]
    assert "Chose who looks after the request" in staff.get(page).text


def test_a_question_goes_to_the_visitor(app, staff):
    with app.app_context():
        reference = a_visit().reference
    address = f"/staff/visits/{reference}/ask"

    refused = submit(staff, address, {"text": ""})
    sent = submit(staff, address, {"text": "How many of you speak Finnish?"})

    assert (refused.status_code, sent.status_code) == (422, 303)
    assert "Write something: it goes into the mail." in refused.text
    assert state_of(app, reference) == "needs_info"
    with app.app_context():
        assert len(kinds()) == 1


@pytest.mark.parametrize(
    ("name", "text", "state"), [("plan", "", "planning"), ("decline", "Not this year", "declined")]
)
def test_a_request_is_taken_up_or_declined(app, staff, name, text, state):
    with app.app_context():
        reference = a_visit().reference

    answer = submit(staff, f"/staff/visits/{reference}/{name}", {"text": text})

    assert (answer.status_code, state_of(app, reference)) == (303, state)


def test_what_is_not_possible_any_more_leads_back_to_the_visit(app, staff):
    with app.app_context():
        reference = a_visit(state="completed").reference

    answer = submit(staff, f"/staff/visits/{reference}/plan")

    assert answer.status_code == 409
    assert f'href="/staff/visits/{reference}"' in answer.text


def test_every_mail_is_shown_before_a_release_and_sent_by_it(app, staff):
    with app.app_context():
        a_directory()
        visit = a_visit()
        reference = visit.reference
        a_draft(visit)
    address = f"/staff/visits/{reference}/release"

    preview = staff.get(address).text
    with app.app_context():
        before = kinds()
    released = submit(staff, address)

    assert "visits@vakin.example" in preview
    assert "With calendar entry" in preview
    assert "1 host will get 1 mail" in preview
    assert before == []
    assert released.status_code == 303
    assert state_of(app, reference) == "awaiting_hosts"
    with app.app_context():
        assert len(kinds()) == 1


def test_a_release_of_a_taken_time_names_the_next_free_ones(app, staff):
    with app.app_context():
        a_directory()
        first, second = a_visit(), a_visit(organisation="City of Gdynia")
        a_draft(first)
        slot_id = a_draft(second, hour=9.5)
        release_visit(first.reference, who=STAFF, now=NOW)
        reference = second.reference

    answer = submit(staff, f"/staff/visits/{reference}/release")

    assert answer.status_code == 409
    assert "Vakin is not free at this time any more" in answer.text
    assert len(re.findall(rf'href="/staff/slots/{slot_id}/edit\?starts=', answer.text)) == 3
    assert state_of(app, reference) == "planning"


@pytest.mark.slow
def test_of_64_releases_of_one_hosts_time_one_wins_and_63_see_the_next_free_times(app, staff):
    with app.app_context():
        a_directory()
        visits = [a_visit(organisation=f"Delegation {number}") for number in range(64)]
        all_references = [visit.reference for visit in visits]
        for number, visit in enumerate(visits):
            # Overlapping, not equal: each begins some minutes later.
            a_draft(visit, hour=9 + number / 60)
    token = csrf_of(staff.get(f"/staff/visits/{all_references[0]}/release").text)
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in staff._cookies.values())

    def release(reference: str):
        contender = app.test_client(use_cookies=False)
        return contender.post(
            f"/staff/visits/{reference}/release", data={"csrf_token": token}, headers={"Cookie": cookies}
        )

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(release, all_references))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [303] + [409] * 63
    assert all("edit?starts=" in answer.text for answer in answers if answer.status_code == 409)


def test_readers_look_and_cannot_act(app, reader):
    with app.app_context():
        a_directory()
        visit = a_visit()
        reference = visit.reference
        a_draft(visit)

    page = reader.get(f"/staff/visits/{reference}")

    assert page.status_code == 200
    assert "Cancel the visit" not in page.text
    assert "/edit" not in page.text
    assert reader.get(f"/staff/visits/{reference}/release").status_code == 403


@pytest.mark.sqlite_only
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_the_screen(app, web_server, page, width, scheme):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(interests=list(_interests_of(hosts["stormossen"].id)), state="awaiting_hosts")
        a_slot(visit, hosts["vakin"], starts_at=TEN, state="countered")
        a_slot(visit, hosts["stormossen"], starts_at=TEN + timedelta(hours=2))
        reference = visit.reference
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()

    faults = {}
    for path in ("", f"/{reference}", f"/{reference}/cancel", f"/{reference}/release", f"/{reference}/hosts"):
        page.goto(f"{web_server.url}/staff/visits{path}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        faults[path] = [*accessibility_faults(page), *(["wider than the screen"] if wide else [])]

    assert {path: found for path, found in faults.items() if found} == {}


def _interests_of(organisation_id: int):
    return database.session.scalars(
        select(Interest)
        .join(OrganisationInterest, OrganisationInterest.interest_id == Interest.id)
        .where(OrganisationInterest.organisation_id == organisation_id)
    )
