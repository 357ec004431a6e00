"""A person with a browser that runs no scripts: opens pages, reads the forms on them, fills in, sends."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlencode, urljoin, urlsplit

Fields = list[tuple[str, str]]


@dataclass
class PageForm:
    """A form with what its fields hold when it is opened."""

    action: str
    method: str
    fields: Fields = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    """What each field is, also those that hold nothing yet: the type of an input, or select or textarea."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """What can be chosen in those that let one choose."""


@dataclass
class Person:
    """One browser: cookies, the page it shows, and where that is."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    here: str = "/"
    page: str = ""
    status: int = 0

    def open(self, address: str) -> "Person":
        """Follow a link, and redirects."""
        self._ask("GET", address, None)
        return self

    def send(self, action: str, **values: str | list[str]) -> "Person":
        """Fill in the form whose action ends like this (the page's own: ""), send it, follow the redirect."""
        form = self.form(action)
        names = set(values)
        sent = [pair for pair in form.fields if pair[0] not in names]
        for name, value in values.items():
            sent += [(name, text) for text in (value if isinstance(value, list) else [value])]
        if form.method == "get":
            return self.open(f"{form.action}?{urlencode(sent)}")
        self._ask("POST", form.action, urlencode(sent))
        return self

    def form(self, action: str) -> PageForm:
        """The form of this page whose action ends so; a missing one is an error that shows what there is."""
        here = urlsplit(self.here).path
        forms = list(read_forms(self.page, self.here))
        wanted = [form for form in forms if urlsplit(form.action).path.endswith(action or here)]
        if not action:
            wanted = [form for form in wanted if form.method == "post"] or wanted
        assert wanted, (
            f"no form {action!r} on {self.here} ({self.status}); there are {[f.action for f in forms]}"
        )
        return wanted[-1] if not action else wanted[0]

    def _ask(self, method: str, address: str, body: str | None) -> None:
        for _hop in range(6):
            target = urlsplit(urljoin(self.base + self.here, address))
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            path = target.path + (f"?{target.query}" if target.query else "")
            with closing(HTTPConnection("127.0.0.1", target.port or 80, timeout=60)) as connection:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                self.page, self.status, self.here = answer.read().decode(), answer.status, path
            for value in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            if self.status not in (302, 303, 308):
                return
            method, body, address = "GET", None, answer.headers["Location"]
        raise AssertionError(f"redirected for ever: {address}")


def read_forms(page: str, here: str) -> Iterator[PageForm]:
    """Every form of a page with its default values."""
    parser = _FormParser(here)
    parser.feed(page)
    yield from parser.forms


class _FormParser(HTMLParser):
    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.forms: list[PageForm] = []
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.here, values.get("action") or self.here)
            self.forms.append(PageForm(action, values.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "input":
            self._read_input(values, dict(attrs))
        elif tag == "select":
            self._select, self._options = values.get("name", ""), []
            self.forms[-1].kinds[self._select] = tag
        elif tag == "option" and self._select:
            self._options.append((values.get("value", ""), "selected" in dict(attrs)))
            self.forms[-1].choices.setdefault(self._select, []).append(values.get("value", ""))
        elif tag == "textarea":
            self._textarea, self._text = values.get("name", ""), ""
            self.forms[-1].kinds[self._textarea] = tag

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._options:
            # Without a chosen option a browser sends the first one.
            chosen = [value for value, is_chosen in self._options if is_chosen] or [self._options[0][0]]
            self._put(self._select, chosen[0])
            self._select = ""
        elif tag == "textarea" and self._textarea is not None:
            self._put(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None

    def _read_input(self, values: dict[str, str], attrs: dict[str, str | None]) -> None:
        kind = values.get("type", "text")
        if name := values.get("name"):
            self.forms[-1].kinds[name] = kind
            if kind in ("checkbox", "radio"):
                self.forms[-1].choices.setdefault(name, []).append(values.get("value", "on"))
        if kind in ("checkbox", "radio") and "checked" not in attrs:
            return
        if kind not in ("submit", "button", "file") and values.get("name"):
            self._put(values["name"], values.get("value", "on" if kind == "checkbox" else ""))

    def _put(self, name: str, value: str) -> None:
        self.forms[-1].fields.append((name, value))
