"""A visitor's browser as a program: keeps its connection and its cookies, counts requests and bytes."""

import re
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r"<input\b[^>]*type=\"hidden\"[^>]*>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
Fields = list[tuple[str, str]]


@dataclass
class Visitor:
    """One keep-alive connection with cookies."""

    port: int
    requests: int = 0
    bytes_received: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    location: str = ""
    _connection: HTTPConnection | None = None

    def get(self, path: str) -> str:
        """The page at a path; raises AssertionError for anything but 200."""
        status, text = self._send("GET", path, None)
        assert status == 200, (status, path, text[:300])
        return text

    def submit(self, page: str, fields: Fields) -> str:
        """Fill the main form of `page`, send it and follow the redirect."""
        path, hidden = read_form(page, default=self.location)
        status, text = self._send("POST", path, urlencode(hidden + fields))
        assert status == 303, (
            status,
            path,
            re.findall(r"<title>.*?</title>|error-summary.*?</div>", text, re.DOTALL),
        )
        return self.get(self.location)

    def read_token(self, path: str) -> str:
        """What a form of the page at a path sends to show that it is ours."""
        return dict(read_form(self.get(path), default=path)[1])["csrf_token"]

    def send(self, path: str, fields: Fields) -> int:
        """The status of the answer to these fields; a redirect is not followed."""
        return self._send("POST", path, urlencode(fields))[0]

    def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            self._connection.close()

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = self._connection = self._connection or HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        self.requests += 1
        self.bytes_received += len(content)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        target = urlsplit(answer.getheader("Location") or path)
        self.location = target.path + (f"?{target.query}" if target.query else "")
        return answer.status, content.decode()


def read_form(page: str, *, default: str) -> tuple[str, Fields]:
    """Where the main form goes and its hidden fields: the post form with most in it is the main one."""
    forms = [form for form in _FORM.findall(page) if 'method="post"' in form.partition(">")[0]]
    form = max(forms, key=len)
    action = dict(_ATTRIBUTE.findall(form.partition(">")[0])).get("action") or default
    hidden = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(form)]
    return action, [(tag["name"], tag.get("value", "")) for tag in hidden]
