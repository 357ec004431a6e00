"""The printed catalogue: a tagged PDF that a foreign reader understands, set once for each directory."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from bookings.adapters.printing import print_document
from bookings.db import database, read_session
from bookings.models.directory import Organisation
from bookings.queries.catalogue import find_catalogue, list_catalogues
from bookings.queries.directory import load_directory
from bookings.services.catalogue import build_catalogue, render_catalogue
from bookings.services.directory import load_demo_directory
from bookings.services.hosts import load_example_offers
from tests.support.builders import a_directory

pytestmark = pytest.mark.usefixtures("app_context")


def open_pdf(language: str) -> PdfReader:
    found = find_catalogue(read_session(), language)
    assert found
    return PdfReader(io.BytesIO(found[1]))


def render_all(now: datetime) -> int:
    number = 0
    while render_catalogue(now=now):
        number += 1
    return number


def tags_of(reader: PdfReader) -> Counter[str]:
    root = reader.trailer["/Root"]["/StructTreeRoot"]  # type: ignore[index]
    return Counter(_walk(root))


def _walk(node: object) -> Iterator[str]:
    found = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(found, list):
        for one in found:
            yield from _walk(one)
    elif isinstance(found, DictionaryObject):
        if "/S" in found:
            yield str(found["/S"])
        if "/K" in found:
            yield from _walk(found["/K"])


@pytest.mark.sqlite_only
def test_the_demo_catalogue_is_a_tagged_pdf_with_every_organisation_once_in_the_index(now):
    load_demo_directory(now=now)
    load_example_offers(now=now)
    hidden = database.session.query(Organisation).filter_by(slug="vakin").one()
    hidden.status = "hidden"
    database.session.commit()

    assert render_all(now) == 3

    directory = load_directory(read_session())
    published = [company.name for company in directory.companies.values() if company.is_published]
    for language in ("en", "sv", "fi"):
        reader = open_pdf(language)
        root = reader.trailer["/Root"]
        text = "".join(page.extract_text() for page in reader.pages)
        tags = tags_of(reader)
        assert reader.metadata
        assert reader.metadata.title
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (language, True)
        assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
        assert tags["/H1"] >= 3
        assert tags["/H3"] == len(published)
        assert tags["/TOC"] >= 1
        assert tags["/Link"] > len(published)
        assert hidden.name not in text
        assert "))" not in text, "a town with two names brings its own brackets"
    index = build_catalogue(directory, "en", now=now)["index"]
    assert Counter(one["name"] for one in index) == Counter(published)
    assert Counter(
        one["name"]
        for town in build_catalogue(directory, "en", now=now)["towns"]
        for one in town["companies"]
    ) == Counter(published)


def test_a_catalogue_is_set_once_for_each_directory(now):
    assert not render_catalogue(now=now), "an empty directory has none"
    a_directory()

    assert render_all(now) == 3
    assert not render_catalogue(now=now)
    first = {one.language: one.directory_version for one in list_catalogues(read_session()).values()}
    load_demo_directory(now=now)

    assert render_catalogue(now=now)
    read_session().rollback()
    second = {one.language: one.directory_version for one in list_catalogues(read_session()).values()}
    assert [language for language in first if first[language] != second[language]] == ["en"]


@pytest.mark.sqlite_only
def test_nothing_of_contacts_is_printed(now):
    a_directory()
    directory = load_directory(read_session())

    told = json.dumps(build_catalogue(directory, "sv", now=now))

    assert "visits@" not in told


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["#panic()", "$x$ *b* _c_ @d `e` [f] \\g", "Åbo & Co <lab>"])
def test_names_are_never_read_as_markup(now, name):
    a_directory()
    database.session.query(Organisation).filter_by(slug="vakin").one().name = name
    database.session.commit()

    render_catalogue(now=now)

    assert name in "".join(page.extract_text() for page in open_pdf("en").pages)


@pytest.mark.sqlite_only
def test_a_letter_without_a_font_makes_an_untagged_catalogue_rather_than_none(caplog):
    fonts = "#set text(font: json(bytes(sys.inputs.data)).fonts)"
    source = f'#set document(title: "x")\n{fonts}\n= \U00013000\n'.encode()

    printed = print_document(source, {})

    assert printed.content.startswith(b"%PDF")
    assert not printed.is_tagged
    assert "not as PDF/UA-1" in caplog.text
