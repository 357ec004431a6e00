"""Every text is translated, wholly and with the same blanks to fill."""

import re

import pytest

from tests.support.texts import LANGUAGES, extract, is_translated, load, texts_in, update

BLANK = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def test_every_text_is_translated(language):
    catalogue = update(language)

    assert [message.id for message in texts_in(catalogue) if not is_translated(message)] == []


def test_no_translation_is_a_guess(language):
    catalogue = load(language)

    assert [message.id for message in texts_in(catalogue) if message.fuzzy] == []


def test_no_translation_belongs_to_a_text_that_is_gone(language):
    wanted = {(message.id, message.context) for message in texts_in(extract())}

    known = {(message.id, message.context) for message in texts_in(load(language))}

    assert known - wanted == set()


def test_a_translation_fills_the_same_blanks_as_its_text(language):
    different = [
        (message.id, form)
        for message in texts_in(load(language))
        for text, form in pairs(message)
        if form and blanks(text) != blanks(form)
    ]

    assert different == []


def pairs(message):
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string, strict=False))
    return [(message.id, message.string)]


def blanks(text):
    return sorted(named or braced for named, braced in BLANK.findall(text))
