"""Logs of the running site: one JSON object a line, in UTC, without bodies, tokens and addresses."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

_ADDRESS = re.compile(r"[^\s<>\"'(),:;=\[\]{}]+@(?=\w)")
_WORD = re.compile(r"[\w-]{22,}")
_TOKEN_LENGTH = 43


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as machines read it."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide_secrets(record.getMessage()),
        }
        if record.exc_info:
            line["fault"] = hide_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def hide_secrets(text: str) -> str:
    """The text without tokens, whose holder could answer for somebody, and without people before an @.

    Our own records name neither. The web server's do, when a connection breaks: they hold the path; and
    tracebacks, with what the database or the mail server said.
    """
    return _WORD.sub(_hide_token, _ADDRESS.sub("…@", text))


def _hide_token(found: re.Match[str]) -> str:
    word = found[0]
    is_mixed = not word.islower() and not word.isupper()
    is_token = any(sign.isdigit() for sign in word) or (is_mixed and len(word) == _TOKEN_LENGTH)
    return "…" if is_token else word


def init_logs(level: int = logging.INFO) -> None:
    """Write our records to standard error; libraries speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bookings").setLevel(level)
