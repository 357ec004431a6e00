"""The texts of the program and their translations: `python3 manage.py texts` collects them.

The catalogues hold no dates, line numbers or obsolete texts, and stand in alphabetical order,
so that a change of a text is a change of its lines only.
"""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.support.tree import ROOT, relative

LANGUAGES = ("sv", "fi")
TRANSLATIONS = ROOT / "bookings" / "translations"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "_n": (1, 2),
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "_p": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}

_HEADER = """\
Project-Id-Version: kvarken-visits
Language: {language}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
Plural-Forms: nplurals=2; plural=(n != 1);
"""


def extract() -> Catalog:
    """Every text that the code and the templates ask to be translated, with the files it stands in."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"][
        "mappings"
    ]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    catalogue = Catalog()
    for folder in ("bookings", "templates"):
        found = extract_from_dir(
            ROOT / folder,
            method_map=[
                (pattern.removeprefix(f"{folder}/"), method)
                for pattern, method in methods
                if pattern.startswith(f"{folder}/")
            ],
            keywords=KEYWORDS,
            comment_tags=("NOTE:",),
            strip_comment_tags=True,
        )
        for name, _line, text, comments, context in found:
            place = (f"{folder}/{Path(name).as_posix()}", None)
            catalogue.add(text, locations=[place], auto_comments=comments, context=context)
    return catalogue


def path_of(language: str) -> Path:
    """Where the translations of one language stand."""
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def load(language: str) -> Catalog:
    """The translations of one language; none yet is an empty catalogue."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    return read_po(io.BytesIO(path.read_bytes()), locale=language)


def update(language: str) -> Catalog:
    """The extracted texts with the translations that are known; nothing is guessed from similar texts."""
    known = load(language)
    updated = Catalog(locale=language)
    for message in texts_in(extract()):
        old = known.get(message.id, message.context)
        same_shape = old is not None and isinstance(old.id, tuple) == isinstance(message.id, tuple)
        updated.add(
            message.id,
            old.string if old is not None and same_shape else None,
            locations=sorted(set(message.locations)),
            auto_comments=message.auto_comments,
            user_comments=old.user_comments if old is not None else (),
            context=message.context,
        )
    return updated


def save(language: str, catalogue: Catalog) -> Path:
    """Write the catalogue without what changes from run to run."""
    body = io.BytesIO()
    write_po(body, catalogue, width=100, sort_output=True, omit_header=True, include_lineno=False)
    header = "".join(f'"{line}\\n"\n' for line in _HEADER.format(language=language).splitlines())
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'msgid ""\nmsgstr ""\n{header}\n{body.getvalue().decode()}', encoding="utf-8")
    return path


def texts_in(catalogue: Catalog) -> Iterator[Message]:
    """The messages without the header."""
    return (message for message in catalogue if message.id)


def is_translated(message: Message) -> bool:
    """Every form has words."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms) and len(forms) == (2 if isinstance(message.id, tuple) else 1)


def main() -> None:
    for language in LANGUAGES:
        catalogue = update(language)
        path = save(language, catalogue)
        open_texts = sum(not is_translated(message) for message in texts_in(catalogue))
        print(f"{relative(path)}: {len(catalogue)} texts, {open_texts} to translate")


if __name__ == "__main__":
    main()
