"""Byte code of dataclasses, kept beside that of modules.

Each dataclass writes its methods as text, and Python compiles the text anew at every start: with our hundreds
of records that was a quarter of it. What a text compiles to depends on nothing but the text and the Python:
what is kept can never be out of date.
"""

import atexit
import dataclasses
import marshal
import os
import sys
from contextlib import suppress
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType

Codes = dict[bytes, CodeType]


class KeptCode:
    """Code by the digest of its text, in a file that is as trusted as Python's own byte code."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._left = _read(file)
        self._known = frozenset(self._left)
        self._new: Codes = {}

    def run(self, text: str, /, *names: object) -> None:
        """Do as `exec` does."""
        digest = blake2b(text.encode(), digest_size=16).digest()
        # Nearly every text is met once: the code need not stay after that.
        code = self._left.pop(digest, None)
        if code is None:
            code = compile(text, "<string>", "exec")
            if digest not in self._known:
                self._new[digest] = code
        exec(code, *names)  # type: ignore[arg-type]  # noqa: S102 (the text of a dataclass)

    def save(self) -> None:
        """Add what was new, where the folder may be written to."""
        if not self._new:
            return
        mine = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            mine.write_bytes(MAGIC_NUMBER + marshal.dumps(_read(self._file) | self._new))
            mine.replace(self._file)


def _read(file: Path) -> Codes:
    """Nothing where there is no file, or one of another Python."""
    try:
        content = file.read_bytes()
        if not content.startswith(MAGIC_NUMBER):
            return {}
        codes: Codes = marshal.loads(content[len(MAGIC_NUMBER) :])  # noqa: S302 (as trusted as the modules)
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return codes


def keep_dataclasses() -> None:
    """From now on dataclasses of this process are made with kept code; new code is kept at the end."""
    folder = Path(cache_from_source(__file__)).parent
    kept = KeptCode(folder / f"dataclasses.{sys.implementation.cache_tag}")
    # The module asks its own names first, and the builtin only after them.
    dataclasses.exec = kept.run  # type: ignore[attr-defined]
    if not sys.dont_write_bytecode:
        atexit.register(kept.save)
