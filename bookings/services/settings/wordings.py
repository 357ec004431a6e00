"""Texts of mails and pages: staff's own where there are some, the standard everywhere else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import current_app
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bookings.domain.fields import fill_fields
from bookings.domain.wordings import MAILS
from bookings.i18n import current_language, in_language
from bookings.i18n import lazy_gettext as _l
from bookings.queries.settings import own_settings
from bookings.settings import current_settings

_BLOCKS = {"subject": "subject", "opening": "lead", "closing": "closing"}
"""The part of a mail that staff write, and the block of its template that it stands for."""
OwnBlocks = dict[str, list[Callable[[Context], Iterator[str]]]]
_PARAGRAPH = Markup('<p style="margin:0 0 14px">{}</p>')
_LINE = Markup("<br />")

PAGE_STANDARDS: Mapping[str, str] = {
    "front_lede": _l(
        "Power plants, biogas, batteries, hydrogen, clean water and the people who run them: in five towns, "
        "two countries and one programme. Send one request. We put the visit together for you."
    ),
    "front_costs": _l(
        "Planning the visit is free. You pay your own travel, nights, meals and interpreting. If a host asks "
        "for a fee, you are told before you accept the programme."
    ),
    "sent_note": _l("Please do not book flights before you have the programme."),
}


def page_text(name: str) -> str:
    """The text of a page in the reader's language."""
    return _fill_page(own_settings().page_text(name, current_language()) or standard_page_text(name))


def standard_page_text(name: str) -> str:
    """The text as it is shipped, in the language of the moment; empty where there is none."""
    return str(PAGE_STANDARDS.get(name, ""))


def page_paragraphs(name: str, text: str | None = None) -> list[str]:
    """The text, or `text` in its place, as its paragraphs; whoever shows them escapes them."""
    whole = page_text(name) if text is None else _fill_page(text)
    return [part.strip() for part in whole.split("\n\n") if part.strip()]


def own_blocks(words: Mapping[str, str], context: Mapping[str, Any], *, is_html: bool) -> OwnBlocks:
    """Blocks that stand before those of the template. Fields become values once, and nothing else does."""
    values = {name: str(value) for name, value in context.items() if isinstance(value, str)}
    found = {}
    for part, text in words.items():
        filled = fill_fields(text, values)
        as_text = filled if part == "subject" else f"{filled}\n"
        found[_BLOCKS[part]] = [_block(_paragraphs(filled) if is_html else as_text)]
    return found


def standard_mail_words(template: str, language: str) -> dict[str, str]:
    """What a mail says when staff wrote nothing, with its fields by their names."""
    fields = MAILS[template].fields
    with in_language(language):
        made = current_app.jinja_env.get_template(f"mail/{template}.txt")
        context = made.new_context({name: f"{{{name}}}" for name in fields})
        subject, lead = ("".join(made.blocks[name](context)).strip() for name in ("subject", "lead"))
    return {"subject": " ".join(subject.split()), "opening": lead, "closing": ""}


def _fill_page(text: str) -> str:
    return fill_fields(text, {"contact_address": current_settings().mail.contact_address})


def _block(text: str) -> Callable[[Context], Iterator[str]]:
    return lambda _context: iter([text])


def _paragraphs(text: str) -> str:
    parts = [part for part in text.split("\n\n") if part.strip()]
    return Markup("").join(_PARAGRAPH.format(_LINE.join(escape(part).split("\n"))) for part in parts)
