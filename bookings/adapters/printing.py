"""Documents for printing, set by Typst as tagged PDF (PDF/UA-1), with the fonts that we ship."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fontpkg_noto_sans
import typst

log = logging.getLogger("bookings.printing")

FONTS = ("Noto Sans",)
_FONT_FOLDER = Path(fontpkg_noto_sans.__file__).parent / "files"
_TAGGED: Final = "ua-1"


@dataclass(frozen=True)
class Printed:
    """A PDF. `is_tagged`: it keeps PDF/UA-1; otherwise a letter of its text is in no font that we found."""

    content: bytes
    is_tagged: bool


def print_document(source: bytes, data: Mapping[str, Any]) -> Printed:
    """The document with this data, which the source reads as JSON: no text in it is ever read as markup.

    PDF/UA allows no letter without a glyph. Where one is missing in our fonts, those of the machine are
    tried too, and at last the document is made without that promise rather than not at all.
    """
    for is_alone in (True, False):
        try:
            return Printed(_compile(source, data, is_alone=is_alone, is_tagged=True), is_tagged=True)
        except typst.TypstError as error:
            if _TAGGED.upper() not in str(error).upper():
                raise
            log.warning("not as PDF/UA-1 (own fonts only: %s): %s", is_alone, str(error).splitlines()[0])
    return Printed(_compile(source, data, is_alone=False, is_tagged=False), is_tagged=False)


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
