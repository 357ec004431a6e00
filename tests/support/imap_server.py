"""A small IMAP server on loopback: one mailbox with folders, enough of RFC 3501 for the door."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """What the server holds. `dies_after` ends the connection after so many FETCHes.

    `prefix` begins the names of all folders that may be made; a full server takes no copies.
    """

    port: int = 0
    uid_validity: int = 1
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    next_uid: int = 1
    dies_after: int | None = None
    prefix: str = ""
    is_full: bool = False

    def add(self, raw: bytes) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders["INBOX"][uid] = raw
        return uid


class _Session(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        self.selected = "INBOX"
        self._say("* OK ready")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            words = rest.split(" ")
            name = words[0].upper()
            if name == "UID":
                name = f"UID_{words[1].upper()}"
            try:
                if getattr(self, f"do_{name.lower()}")(rest, words) is False:
                    return
            except PermissionError as refusal:
                self._say(f"{tag} NO {refusal}")
                continue
            self._say(f"{tag} OK done")
            if name == "LOGOUT":
                return

    def _say(self, text: str | bytes) -> None:
        self.wfile.write((text.encode() if isinstance(text, str) else text) + b"\r\n")

    def do_capability(self, rest: str, words: list[str]) -> None:
        self._say("* CAPABILITY IMAP4rev1 MOVE")

    def do_login(self, rest: str, words: list[str]) -> None:
        pass

    def do_logout(self, rest: str, words: list[str]) -> None:
        self._say("* BYE")

    do_noop = do_expunge = do_login

    def do_select(self, rest: str, words: list[str]) -> None:
        self.selected = words[1].strip('"')
        self._say(f"* {len(self.mailbox.folders[self.selected])} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.mailbox.uid_validity}]")

    do_examine = do_select

    def do_status(self, rest: str, words: list[str]) -> None:
        self._say(f"* STATUS {words[1]} (UIDVALIDITY {self.mailbox.uid_validity})")

    def do_list(self, rest: str, words: list[str]) -> None:
        wanted = words[-1].strip('"')
        for name in self.mailbox.folders:
            if wanted in ("*", "%", name):
                self._say(f'* LIST () "/" "{name}"')

    def do_create(self, rest: str, words: list[str]) -> None:
        name = words[1].strip('"')
        if not name.startswith(self.mailbox.prefix):
            raise PermissionError("no such namespace")
        self.mailbox.folders.setdefault(name, {})

    def do_uid_search(self, rest: str, words: list[str]) -> None:
        first = int(re.search(r"(\d+):\*", rest)[1])
        mails = self.mailbox.folders[self.selected]
        found = [uid for uid in mails if uid >= first] or sorted(mails)[-1:]
        self._say("* SEARCH " + " ".join(map(str, found)))

    def do_uid_fetch(self, rest: str, words: list[str]) -> bool | None:
        if self.mailbox.dies_after is not None:
            self.mailbox.dies_after -= 1
            if self.mailbox.dies_after < 0:
                self.mailbox.dies_after = None
                return False
        raw = self.mailbox.folders[self.selected].get(int(words[2]))
        if raw is not None:
            self._say(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)" % (words[2].encode(), len(raw), raw))
        return None

    def do_uid_copy(self, rest: str, words: list[str]) -> None:
        if self.mailbox.is_full:
            raise PermissionError("[OVERQUOTA] full")
        raw = self.mailbox.folders[self.selected][int(words[2])]
        self.mailbox.folders[words[3].strip('"')][int(words[2])] = raw

    def do_uid_store(self, rest: str, words: list[str]) -> None:
        if "DELETED" in rest.upper():
            self.mailbox.folders[self.selected].pop(int(words[2]), None)

    def do_uid_move(self, rest: str, words: list[str]) -> None:
        self.do_uid_copy(rest, words)
        self.mailbox.folders[self.selected].pop(int(words[2]))


@contextmanager
def imap_server() -> Iterator[Mailbox]:
    """The server, listening on a port of its own."""
    mailbox = Mailbox()
    handler = type("Handler", (_Session,), {"mailbox": mailbox})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield mailbox
        server.shutdown()
