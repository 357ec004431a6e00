"""Forms filled in by people, and then sent as no browser would: what anybody can send to any address."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote_from_bytes

from bookings.web.robots import TRAP
from tests.support.browsing import PageForm

BOUNDARY = "edge"
_CONTROLS = (
    "\0",
    "\a",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\r\nBcc: all@town.example",
)
_DAYS = (
    "2027-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2027-13-01", "2027-04-12T10:00",
    "٢٠٢٧-٠٤-١٢", "-2027-04-12", "12.4.2027", "25:61", "24:00", "02:30", "23:59:60", "2027-03-28T02:30",
)  # fmt: skip
_NUMBERS = (
    "-1", "0", "1e999", "NaN", "Infinity", "½", "²", "٣", "0x10", "1_000", "1,5", "true", "null", "[]", "{}",
    "2147483648", "9223372036854775808", "9" * 400, "9" * 5000, "__proto__", "{name}", "{{7*7}}", "%s",
    "%(a)s", "\\",
)  # fmt: skip
_ENCODINGS = (b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\xe5\xe4\xf6", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\0")
_LENGTHS = (101, 255, 4001, 20_000, 200_000)
_OTHER_TYPES = (
    "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
    "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=none",
    "",
)  # fmt: skip
_TYPED = ("text", "search", "email", "tel", "url", "number", "date", "time", "datetime-local", "textarea")
_SAMPLES = {
    "email": "kept{}@town.example", "tel": "+3584012345{}", "url": "https://kept{}.example", "number": "{}",
    "date": "2027-04-{}", "time": "{}:00", "datetime-local": "2027-04-{}T10:00", "password": "kept herons {}",
}  # fmt: skip
# The trap, which people never meet; codes of an app are used up within half a minute and never kept.
_NOT_TYPED = (TRAP, "code", "badge_code")
KEPT = re.compile(r"Kept \d+ Åsa|kept\d+@town\.example")


@dataclass
class Sending:
    """A form on its way: its fields as octets, and which of them are not what a person would type."""

    fields: list[tuple[str, bytes]]
    kinds: dict[str, str]
    chance: Random
    content_type: str = "application/x-www-form-urlencoded"
    spoiled: set[str] = field(default_factory=set)
    ways: list[str] = field(default_factory=list)
    is_read: bool = True
    """Do its fields arrive at all?"""

    @property
    def body(self) -> bytes:
        """As it goes over the line."""
        if self.content_type.startswith("multipart/form-data; boundary=edge"):
            return b"".join(map(self._part, self.fields)) + f"--{BOUNDARY}--\r\n".encode()
        pairs = [f"{quote_from_bytes(name.encode())}={quote_from_bytes(text)}" for name, text in self.fields]
        return "&".join(pairs).encode()

    def list_kept(self) -> list[tuple[str, str]]:
        """Fields whose texts the reader has to find again in a form that comes back."""
        texts = [(name, octets.decode(errors="replace")) for name, octets in self.fields]
        return [(name, text) for name, text in texts if name not in self.spoiled and KEPT.fullmatch(text)]

    def __str__(self) -> str:
        return f"{self.ways} of {sorted(self.spoiled)}"

    def spoil(self, change: Callable[[bytes], bytes]) -> None:
        """Change one field that can be typed in, chosen or is hidden; never the token."""
        names = [name for name, _ in self.fields if name != "csrf_token"]
        if not names:
            return
        wanted = self.chance.choice(names)
        self.spoiled.add(wanted)
        self.fields = [(name, change(text) if name == wanted else text) for name, text in self.fields]

    def _part(self, pair: tuple[str, bytes]) -> bytes:
        name, text = pair
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        return head.encode() + b"\r\n\r\n" + text + b"\r\n"


def open_too_long(form: PageForm, chance: Random) -> Sending:
    """The form, filled in, with a token that is not taken any more."""
    sending = Sending(_fill_in(form, chance), form.kinds, chance)
    spoil_token(sending)
    return sending


def mangle(form: PageForm, chance: Random) -> Sending:
    """The form, filled in, with one to three things wrong with it."""
    sending = Sending(_fill_in(form, chance), form.kinds, chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        way = chance.choice(WAYS)
        way(sending)
        sending.ways.append(way.__name__)
    return sending


def spoiled_text(chance: Random) -> bytes:
    """What no page expects as a part of an address."""
    text: str | bytes = chance.choice(
        (*_DAYS, *_NUMBERS, *_CONTROLS, *_ENCODINGS, "", " ", "x" * 3000, "😀", "../../etc/passwd", "month")
    )
    return text if isinstance(text, bytes) else text.encode()


def _fill_in(form: PageForm, chance: Random) -> list[tuple[str, bytes]]:
    values: dict[str, list[str]] = {}
    for name, value in form.fields:
        values.setdefault(name, []).append(value)
    for number, (name, kind) in enumerate(form.kinds.items(), 10):
        if name in form.choices:
            values[name] = chance.sample(form.choices[name], 1) if chance.random() < 0.8 else []
        elif _is_typed(name, kind) and (not any(values.get(name, ())) or chance.random() < 0.3):
            values[name] = [_SAMPLES.get(kind, "Kept {} Åsa").format(number)]
    return [(name, text.encode()) for name, texts in values.items() for text in texts]


def _is_typed(name: str, kind: str) -> bool:
    return kind in (*_TYPED, "password") and name not in _NOT_TYPED


def type_control_characters(sending: Sending) -> None:
    extra = sending.chance.choice(_CONTROLS).encode()
    place = sending.chance.random()
    sending.spoil(lambda text: text[: int(len(text) * place)] + extra + text[int(len(text) * place) :])


def type_too_much(sending: Sending) -> None:
    unit = sending.chance.choice(("x", "å", "😀", "a b\n", "é"))
    sending.spoil(lambda _: (unit * sending.chance.choice(_LENGTHS))[:200_000].encode())


def type_impossible_days(sending: Sending) -> None:
    sending.spoil(lambda _: sending.chance.choice(_DAYS).encode())


def type_wrong_types(sending: Sending) -> None:
    sending.spoil(lambda _: sending.chance.choice(_NUMBERS).encode())


def type_nothing(sending: Sending) -> None:
    sending.spoil(lambda _: sending.chance.choice((b"", b" ", "\u200b\u00a0".encode())))


def break_encoding(sending: Sending) -> None:
    sending.spoil(lambda text: text + sending.chance.choice(_ENCODINGS))


def repeat_fields(sending: Sending) -> None:
    if not sending.fields:
        return
    name, _ = sending.chance.choice(sending.fields)
    times = sending.chance.choice((1, 2, 50))
    sending.fields[:0] = [(name, b"again")] * times
    sending.spoiled.add(name)


def leave_out_field(sending: Sending) -> None:
    if not sending.fields:
        return
    name, _ = sending.chance.choice(sending.fields)
    sending.fields = [pair for pair in sending.fields if pair[0] != name]
    sending.spoiled.add(name)


def add_unknown_fields(sending: Sending) -> None:
    name = sending.chance.choice(
        ("go", "add", "drop", "a\0b", "å" * 300, "first-first-first", "__class__", "")
    )
    sending.fields.append((name, sending.chance.choice((b"back", b"99999999999999999999", b"-1", b"\xff"))))


def spoil_token(sending: Sending) -> None:
    token = sending.chance.choice((None, b"", b"\0", b"stale", b"\xff", b"x" * 10_000))
    sending.fields = [pair for pair in sending.fields if pair[0] != "csrf_token"]
    if token is not None:
        sending.fields.append(("csrf_token", token))


def send_in_parts(sending: Sending) -> None:
    sending.content_type = f"multipart/form-data; boundary={BOUNDARY}"


def send_as_other_type(sending: Sending) -> None:
    sending.content_type = sending.chance.choice(_OTHER_TYPES)
    sending.is_read = False


WAYS: tuple[Callable[[Sending], None], ...] = (
    type_control_characters,
    type_too_much,
    type_impossible_days,
    type_wrong_types,
    type_nothing,
    break_encoding,
    repeat_fields,
    leave_out_field,
    add_unknown_fields,
    spoil_token,
    send_in_parts,
    send_as_other_type,
)
