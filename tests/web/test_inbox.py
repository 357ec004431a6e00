"""Staff's inbox: what waits, why, and one press for each decision."""

import pytest

from bookings.domain.staff import StaffRole
from bookings.services.inbox import receive_mail
from tests.support.clock import NOW
from tests.support.inbox import an_invited_host, answer, inbox_rows, mail, situation
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.sqlite_only
ADDRESS = "/staff/inbox"


@pytest.fixture
def host(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        (host,) = an_invited_host()
        return host


def receive(app, *raws):
    with app.app_context():
        for raw in raws:
            receive_mail(raw, now=NOW)


def press(client, path, **fields):
    token = csrf_of(client.get(path.rpartition("/")[0]).text)
    return client.post(path, data={"csrf_token": token, **fields})


def test_an_empty_inbox_says_that_nothing_waits(app, host):
    client = a_signed_in_client(app)

    assert "Nothing waits for you" in client.get(ADDRESS).text


def test_an_answer_from_an_unknown_address_is_counted_by_one_press(app, host):
    receive(app, answer(host, "ACCEPTED", attendee="else@stormossen.example"))
    client = a_signed_in_client(app)

    page = client.get(f"{ADDRESS}/1").text
    done = press(client, f"{ADDRESS}/1/alias")

    assert f"It is {host.email}: count it" in page
    assert (done.status_code, done.location) == (303, ADDRESS)
    with app.app_context():
        assert situation(host.slot_id)["state"] == "accepted"


def test_a_mail_s_text_is_shown_as_text_and_can_be_replied_to(app, host):
    receive(app, mail(to=host.address, sender=host.email, text="<b>Which gate?</b>"))
    client = a_signed_in_client(app)

    page = client.get(f"{ADDRESS}/1").text
    empty = press(client, f"{ADDRESS}/1/reply", text=" ")
    done = press(client, f"{ADDRESS}/1/reply", text="The north gate.")

    assert "&lt;b&gt;Which gate?&lt;/b&gt;" in page
    assert (empty.status_code, done.status_code) == (422, 303)
    with app.app_context():
        assert [row.resolution for row in inbox_rows()] == ["reply"]


def test_of_a_mail_that_nobody_can_read_the_headers_are_shown_without_its_secret(app, host):
    opening = f"From: <b>Kai</b> <kai@x.example>\r\nTo: {host.address}\r\n\x07Subject: Hei\r\n"
    receive(app, f"{opening}X: {'y' * 70_000}\r\n\r\nwords".encode())

    page = a_signed_in_client(app).get(f"{ADDRESS}/1").text

    assert "From: &lt;b&gt;Kai" in page
    assert "answer+…@" in page
    assert (host.token in page, "words" in page) == (False, False)


def test_what_is_decided_cannot_be_decided_again(app, host):
    receive(app, mail(to=host.address, sender=host.email, text="Hello"))
    client = a_signed_in_client(app)
    token = csrf_of(client.get(f"{ADDRESS}/1").text)

    answers = [client.post(f"{ADDRESS}/1/ignore", data={"csrf_token": token}).status_code for _ in range(2)]

    assert answers == [303, 409]


def test_readers_see_and_do_not_decide(app, host):
    receive(app, mail(to=host.address, sender=host.email, text="Hello"))
    client = a_signed_in_client(app, StaffRole.READER)

    assert client.get(f"{ADDRESS}/1").status_code == 200
    assert "Nothing to do" not in client.get(f"{ADDRESS}/1").text


def test_a_longer_list_asks_the_database_no_more_often(app, host):
    client = a_signed_in_client(app)
    counts = []
    for number in range(3):
        receive(app, mail(to=host.address, sender=host.email, text=f"Hello {number}"))
        with recorded_statements() as statements:
            client.get(ADDRESS)
        counts.append(len(statements))

    assert counts[0] == counts[2]


@pytest.mark.parametrize("path", ["/1", "", "?state=logged", "?page=x"])
def test_every_page_of_the_inbox_shows(app, host, path):
    receive(app, answer(host, "ACCEPTED", sequence=9), answer(host, "TENTATIVE"))
    client = a_signed_in_client(app)

    assert client.get(ADDRESS + path).status_code == 200
