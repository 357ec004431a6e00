"""Texts of mails and pages in three languages, with preview and the way back to the standard."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.wordings import MAILS, PAGE_FIELDS, PAGES, PARTS
from bookings.i18n import LANGUAGE_NAMES, in_language
from bookings.queries import settings as queries
from bookings.queries.settings import SavedSetting
from bookings.services.outbox import RenderedMail
from bookings.services.settings.saving import save_mail_words, save_page_text
from bookings.services.settings.wordings import page_paragraphs, standard_mail_words, standard_page_text
from bookings.web import setting_words as words
from bookings.web.clock import utc_now
from bookings.web.security import current_staff
from bookings.web.settings.examples import preview_mail
from bookings.web.settings.forms import MailForm, PageTextForm, VersionedForm, allow_fields
from bookings.web.settings.saving import can_save, save_form, saved
from bookings.web.settings.views import admin, coordinator, staff_settings

__all__ = ["staff_settings"]


@staff_settings.get("/mails")
@coordinator
def mails() -> str:
    own = queries.refresh_settings(read_session())
    return render_template(
        "settings/mails.html", own=own, mails=MAILS, labels=words.MAILS, languages=LANGUAGE_NAMES
    )


@staff_settings.get("/mails/<template>/<language>")
@coordinator
def mail(template: str, language: str) -> str:
    found = saved(_mail_key(template, language))
    form = MailForm(formdata=None, data=found.value or {}, version=str(found.version))
    return _mail_page(form, template, language)


@staff_settings.post("/mails/<template>/<language>")
@admin
def change_mail(template: str, language: str) -> ResponseReturnValue:
    key, form = _mail_key(template, language), MailForm()
    allow_fields(form, MAILS[template].fields)
    if request.form.get("act") == "preview":
        shown = preview_mail(template, language, _typed(form)) if form.validate() else None
        return _mail_page(form, template, language, preview=shown), 422 if form.errors else 200
    if request.form.get("act") == "reset":
        form = MailForm(formdata=None, version=form.version.data)
    return save_form(
        form,
        lambda: save_mail_words(
            template,
            language,
            _typed(form),
            version=form.read_version,
            who=current_staff(),
            now=utc_now(),
        ),
        key=key,
        page=lambda form, changed=None: _mail_page(form, template, language, changed=changed),
        back="staff_settings.mail",
        template=template,
        language=language,
    )


def _mail_page(
    form: VersionedForm,
    template: str,
    language: str,
    *,
    changed: SavedSetting | None = None,
    preview: RenderedMail | None = None,
) -> str:
    return render_template(
        "settings/mail.html",
        form=form,
        wording=MAILS[template],
        label=words.MAILS[template],
        language=language,
        languages=LANGUAGE_NAMES,
        standard=standard_mail_words(template, language),
        parts=words.PARTS,
        changed=changed,
        preview=preview,
        is_own=bool(saved(_mail_key(template, language)).value),
        has_errors=bool(form.errors),
        can_save=can_save(),
    )


@staff_settings.get("/pages")
@coordinator
def pages() -> str:
    own = queries.refresh_settings(read_session())
    return render_template(
        "settings/pages.html", own=own, pages=PAGES, labels=words.PAGES, languages=LANGUAGE_NAMES
    )


@staff_settings.get("/pages/<name>/<language>")
@coordinator
def page(name: str, language: str) -> str:
    found = saved(_page_key(name, language))
    form = PageTextForm(formdata=None, data={"text": found.value or ""}, version=str(found.version))
    return _text_page(form, name, language)


@staff_settings.post("/pages/<name>/<language>")
@admin
def change_page(name: str, language: str) -> ResponseReturnValue:
    key, form = _page_key(name, language), PageTextForm()
    allow_fields(form, PAGE_FIELDS)
    if request.form.get("act") == "preview":
        return _text_page(form, name, language, preview=form.validate()), 422 if form.errors else 200
    if request.form.get("act") == "reset":
        form = PageTextForm(formdata=None, version=form.version.data)
    return save_form(
        form,
        lambda: save_page_text(
            name,
            language,
            form.text.data or "",
            version=form.read_version,
            who=current_staff(),
            now=utc_now(),
        ),
        key=key,
        page=lambda form, changed=None: _text_page(form, name, language, changed=changed),
        back="staff_settings.page",
        name=name,
        language=language,
    )


def _text_page(
    form: VersionedForm,
    name: str,
    language: str,
    *,
    changed: SavedSetting | None = None,
    preview: bool = False,
) -> str:
    with in_language(language):
        standard = standard_page_text(name)
        shown = page_paragraphs(name, form["text"].data or standard) if preview else []
    return render_template(
        "settings/page.html",
        form=form,
        name=name,
        label=words.PAGES[name],
        language=language,
        languages=LANGUAGE_NAMES,
        standard=standard,
        fields=PAGE_FIELDS,
        changed=changed,
        preview=shown,
        is_own=bool(saved(_page_key(name, language)).value),
        has_errors=bool(form.errors),
        can_save=can_save(),
    )


def _typed(form: VersionedForm) -> dict[str, str]:
    return {part: form[part].data for part in PARTS if form[part].data}


def _mail_key(template: str, language: str) -> str:
    if template not in MAILS or language not in LANGUAGE_NAMES:
        raise NotFoundError("mail", template)
    return queries.mail_key(template, language)


def _page_key(name: str, language: str) -> str:
    if name not in PAGES or language not in LANGUAGE_NAMES:
        raise NotFoundError("page_text", name)
    return queries.page_key(name, language)
