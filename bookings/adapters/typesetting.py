"""The child process that sets a document with Typst as tagged PDF (PDF/UA-1), with the fonts that we ship.

Run as `python -m bookings.adapters.typesetting`: one line of JSON in, a line of JSON and the PDF out.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import fontpkg_noto_sans
import typst

FONTS = ("Noto Sans",)
_FONT_FOLDER = Path(fontpkg_noto_sans.__file__).parent / "files"
_TAGGED: Final = "ua-1"
_ATTEMPTS = 2


def main() -> None:
    """Set what stands on standard input. A fault of the source ends the process with Typst's words."""
    asked = json.loads(sys.stdin.buffer.readline())
    content, notes = set_document(asked["source"].encode(), asked["data"])
    told = {"is_tagged": len(notes) < _ATTEMPTS, "notes": notes}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


def set_document(source: bytes, data: Mapping[str, Any]) -> tuple[bytes, list[str]]:
    """The PDF, and why an attempt to tag it failed.

    PDF/UA allows no letter without a glyph. Where one is missing in our fonts, those of the machine are
    tried too, and at last the document is made without that promise rather than not at all.
    """
    notes: list[str] = []
    for is_alone in (True, False):
        try:
            return _compile(source, data, is_alone=is_alone, is_tagged=True), notes
        except typst.TypstError as error:
            if _TAGGED.upper() not in str(error).upper():
                raise
            notes.append(str(error).splitlines()[0])
    return _compile(source, data, is_alone=False, is_tagged=False), notes


def _compile(source: bytes, data: Mapping[str, Any], *, is_alone: bool, is_tagged: bool) -> bytes:
    options: Any = {"font_paths": [str(_FONT_FOLDER)]}  # annotated as of the source's own type
    content: bytes = typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=is_alone,
        sys_inputs={"data": json.dumps({**data, "fonts": FONTS}, ensure_ascii=False)},
        pdf_standards=[_TAGGED] if is_tagged else [],
        **options,
    )
    return content


if __name__ == "__main__":
    main()
