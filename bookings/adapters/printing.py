"""Documents for printing as tagged PDF; a child process sets them, so that its memory is given back."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

log = logging.getLogger("bookings.printing")

WAIT_SECONDS = 120.0
# Nothing of our environment is the child's business: no secret, no address.
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV")


class PrintingError(Exception):
    """The document could not be set; the text is the child's."""


@dataclass(frozen=True)
class Printed:
    """A PDF. `is_tagged`: it keeps PDF/UA-1; otherwise a letter of its text is in no font that we found."""

    content: bytes
    is_tagged: bool


def print_document(source: bytes, data: Mapping[str, Any], *, wait_seconds: float = WAIT_SECONDS) -> Printed:
    """The document with this data, which the source reads as JSON: no text in it is ever read as markup.

    Raises PrintingError.
    """
    asked = json.dumps({"source": source.decode(), "data": data}, ensure_ascii=False)
    head, _, content = _ask_child(asked.encode() + b"\n", wait_seconds).partition(b"\n")
    told = json.loads(head)
    for note in told["notes"]:
        log.warning("not as PDF/UA-1: %s", note)
    return Printed(content, is_tagged=told["is_tagged"])


def _ask_child(asked: bytes, wait_seconds: float) -> bytes:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bookings.adapters.typesetting"],
            input=asked,
            capture_output=True,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            timeout=wait_seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PrintingError("too slow") from error
    except subprocess.CalledProcessError as error:
        raise PrintingError(error.stderr.decode(errors="replace")[-500:]) from error
    return child.stdout
