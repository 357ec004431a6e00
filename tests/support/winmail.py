"""Winmail.dat as Outlook writes it (MS-OXTNEF): the opposite of our reader, made on its own."""

import struct
from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

APPOINTMENT = UUID("00062002-0000-0000-C000-000000000046")
MEETING = UUID("6ED8DA90-450B-101B-98DA-00AA003F1305")
COMMON = UUID("00062008-0000-0000-C000-000000000046")
INTEGER, BOOLEAN, STRING, UNICODE, TIME, BINARY = 0x03, 0x0B, 0x1E, 0x1F, 0x40, 0x102

ACCEPT, DECLINE, MAYBE = (f"IPM.Schedule.Meeting.Resp.{one}" for one in ("Pos", "Neg", "Tent"))
HEAD = bytes.fromhex("040000008200e00074c5b7101a82e008")


def object_id(uid: str, *, day: bytes = bytes(4)) -> bytes:
    """The identity of an invitation that another program made."""
    data = b"vCal-Uid" + struct.pack("<I", 1) + uid.encode() + b"\0"
    return HEAD + day + bytes(8) + bytes(8) + struct.pack("<I", len(data)) + data


def ticks(moment: datetime) -> int:
    return (moment - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


def one_property(name, kind, value) -> bytes:
    """A property by its number, or by the set and the number in it."""
    group, number = (None, name) if isinstance(name, int) else name
    head = struct.pack("<HH", kind, 0x8000 + number % 0x100 if group else number)
    if group:
        head += group.bytes_le + struct.pack("<II", 0, number)
    if kind == INTEGER:
        return head + struct.pack("<i", value)
    if kind == BOOLEAN:
        return head + struct.pack("<HH", value, 0)
    if kind == TIME:
        return head + struct.pack("<Q", ticks(value))
    if kind != BINARY:
        value = value.encode("cp1252") + b"\0" if kind == STRING else (value + "\0").encode("utf-16-le")
    return head + struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)


def properties(*found: bytes) -> bytes:
    return struct.pack("<I", len(found)) + b"".join(found)


def attribute(name: int, content: bytes, *, level: int = 1) -> bytes:
    return struct.pack("<BII", level, name, len(content)) + content + struct.pack("<H", sum(content) % 65536)


def winmail(message_class: str, *found: bytes, files: bytes = b"") -> bytes:
    """The whole file around these properties."""
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(0x00089006, struct.pack("<I", 0x00010000))
        + attribute(0x00069007, struct.pack("<II", 1252, 0))
        + attribute(0x00078008, message_class.encode() + b"\0")
        + attribute(0x0004800D, struct.pack("<H", 2))
        + attribute(0x00069003, properties(*found))
        + files
    )


def attached(name: str, content: bytes) -> bytes:
    """An attached file."""
    return (
        attribute(0x00069002, bytes(14), level=2)
        + attribute(0x00018010, name.encode() + b"\0", level=2)
        + attribute(0x0006800F, content, level=2)
        + attribute(0x00069005, properties(one_property(0x3707, UNICODE, name)), level=2)
    )


def reply(
    host,
    message_class: str = ACCEPT,
    *,
    answered_at: datetime,
    uid: str | None = None,
    sequence: int | None = None,
    sender: str = "",
    more: tuple[bytes, ...] = (),
    day: bytes = bytes(4),
) -> bytes:
    """What Outlook writes when its owner presses a button; `host` is as in `tests.support.inbox`."""
    identity = host.uid if uid is None else uid
    return winmail(
        message_class,
        one_property(0x001A, STRING, message_class),
        one_property(0x0037, UNICODE, "Hyväksytty: käynti"),
        one_property(0x0042, UNICODE, "Pekka Niemi"),
        one_property(0x0065, STRING, "/O=HOUSE/OU=ONE/CN=RECIPIENTS/CN=PEKKA"),
        one_property(0x5D02, UNICODE, host.email),
        one_property(0x5D01, UNICODE, sender or host.email),
        # Words by name, and several values at once: to be passed over.
        struct.pack("<HH", BOOLEAN, 0x8055) + COMMON.bytes_le
        + struct.pack("<II", 1, 10) + "Kind\0".encode("utf-16-le") + bytes(2) + struct.pack("<I", 1),
        struct.pack("<HHIII", 0x1003, 0x1234, 2, 7, 8),
        one_property((MEETING, 0x0003), BINARY, object_id(identity, day=day)),
        one_property((MEETING, 0x0023), BINARY, object_id(identity)),
        one_property((MEETING, 0x0001), TIME, answered_at),
        one_property((APPOINTMENT, 0x8201), INTEGER, host.sequence if sequence is None else sequence),
        one_property((APPOINTMENT, 0x820D), TIME, host.starts_at),
        one_property((APPOINTMENT, 0x820E), TIME, host.ends_at),
        *more,
    )  # fmt: skip


def proposal(starts_at: datetime, ends_at: datetime) -> tuple[bytes, ...]:
    return (
        one_property((APPOINTMENT, 0x8257), BOOLEAN, 1),
        one_property((APPOINTMENT, 0x8250), TIME, starts_at),
        one_property((APPOINTMENT, 0x8251), TIME, ends_at),
    )


def mangled_reply(host, generator: Random, *, answered_at: datetime) -> bytes:
    """An answer with octets changed, lost and added among its properties; its sums are right again."""
    times = proposal(host.starts_at, host.ends_at)
    whole = reply(host, answered_at=answered_at, more=times)
    begin = whole.index(struct.pack("<I", 0x00069003)) + 8
    content = bytearray(whole[begin:-2])
    for _ in range(generator.randint(1, 6)):
        at = generator.randrange(len(content) - 8)
        width = generator.randrange(8)
        # Most keep their length: else nearly all lists would break off, and none would be read further.
        content[at : at + width] = generator.randbytes(generator.choice([width] * 9 + [0, 8]))
    return whole[: begin - 9] + attribute(0x00069003, bytes(content))


def mail_with(octets: bytes, *, to: str, sender: str, text: str = "", number: str) -> bytes:
    """A mail whose answer stands in a winmail.dat only."""
    head = (
        f"From: Pekka Niemi <{sender}>\nTo: {to}\nSubject: =?utf-8?q?Hyv=C3=A4ksytty=3A_k=C3=A4ynti?=\n"
        f"Date: Mon, 01 Feb 2027 10:00:00 +0000\nMessage-ID: <{number}@mail.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="_outlook_"\n\n'
        f"--_outlook_\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--_outlook_\n"
        'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\n'
    )
    return head.encode() + encodebytes(octets) + b"--_outlook_--\n"
