"""All forms of a site full of visits, each with the browser of a reader who may send it."""

from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.all_pages import PARTS, fill_site, list_pages
from tests.support.browsing import PageForm, read_forms
from tests.support.mangling import Sending
from tests.support.shown import Shown
from tests.support.staff import sign_in

# They end the sign-in with which all other forms are sent.
_ENDINGS = {"security.logout", "staff.end_other_sign_ins", "staff.end_sign_in", "staff_people.end_sign_ins"}
_TELLING = ("kind", "name", "step", "answer", "way")


@dataclass
class SiteForm:
    """A form, and where it stands."""

    name: str
    page: Shown
    form: PageForm


@dataclass
class Senders:
    """Browsers of strangers and of staff."""

    app: Flask
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def list_forms(self) -> list[SiteForm]:
        """Every kind of form of the site once, at the first page that has it."""
        found: dict[str, SiteForm] = {}
        for page in self.list_good_pages():
            for form in self._read(page):
                found.setdefault(form.name, form)
        return [found[name] for name in sorted(found)]

    def list_good_pages(self) -> list[Shown]:
        """All pages of a filled site that open by themselves."""
        fill_site(self.app)
        pages = [page for part in PARTS for page in list_pages(self.app, part)]
        return [page for page in pages if page.status == 200 and page.reader != "half-way" and not page.sends]

    def open(self, page: Shown, query: str = "") -> TestResponse:
        """The page as its reader sees it, with another query."""
        address = f"{page.address.partition('?')[0]}?{query}" if query else page.address
        return self._client_of(page.reader).get(address)

    def send(self, form: SiteForm, sending: Sending) -> TestResponse:
        """Send it from its own page."""
        return self._client_of(form.page.reader).post(
            form.form.action,
            data=sending.body,
            content_type=sending.content_type,
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    def renew(self, form: SiteForm) -> bool:
        """Load its page anew. Is it still there? What one sends afterwards from a page that was loaded before
        is answered by a page that says how things stand now."""
        again = {other.name: other for other in self._read(form.page)}
        if form.name in again:
            form.form = again[form.name].form
        return form.name in again

    def _read(self, page: Shown) -> list[SiteForm]:
        answer = self.open(page)
        if answer.mimetype != "text/html":
            return []
        forms = [form for form in read_forms(answer.text, page.address) if form.method == "post"]
        named = [
            SiteForm(self._name_of(form), page, form) for form in forms if set(form.kinds) - {"csrf_token"}
        ]
        return [form for form in named if form.name.split()[0] not in _ENDINGS]

    def _name_of(self, form: PageForm) -> str:
        adapter = self.app.url_map.bind("localhost")
        endpoint, values = adapter.match(form.action.partition("?")[0], method="POST")
        return " ".join([endpoint, *(str(values[name]) for name in _TELLING if name in values)])

    def _client_of(self, reader: str) -> FlaskClient:
        if reader not in self.clients:
            self.clients[reader] = self.app.test_client()
            if reader != "nobody":
                sign_in(self.clients[reader], f"{reader}@staff.example")
        return self.clients[reader]
