"""Logos: staff choose them, everybody sees them."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.pictures import LARGEST_PICTURE_KB
from bookings.i18n import gettext as _
from bookings.queries import settings as queries
from bookings.queries.settings import SavedSetting, find_logo, own_settings
from bookings.services.settings.logos import add_logo, remove_logo
from bookings.web.clock import utc_now
from bookings.web.security import current_staff, public
from bookings.web.settings.forms import LogoForm, VersionedForm
from bookings.web.settings.saving import can_save, fill_version, save_form, saved
from bookings.web.settings.views import admin, coordinator, staff_settings

logos = Blueprint("logos", __name__)


@logos.get("/logos/<digest>")
@public
def show(digest: str) -> Response:
    media_type, content = find_logo(read_session(), digest)
    response = Response(content, mimetype=media_type)
    # The address is made of the content, so what was fetched once is right for ever.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@staff_settings.get("/logos")
@coordinator
def list_logos() -> str:
    form = LogoForm(formdata=None)
    fill_version(form, queries.LOGOS)
    return _page(form)


@staff_settings.post("/logos")
@admin
def bring_logo() -> ResponseReturnValue:
    form, uploaded = LogoForm(), request.files.get("file")

    def act() -> None:
        content = uploaded.read(LARGEST_PICTURE_KB * 1024 + 1) if uploaded else b""
        add_logo(
            content,
            form.name.data or "",
            form.alt,
            version=form.read_version,
            who=current_staff(),
            now=utc_now(),
        )

    return save_form(form, act, key=queries.LOGOS, page=_page, back="staff_settings.list_logos")


@staff_settings.post("/logos/<digest>/remove")
@admin
def take_logo(digest: str) -> ResponseReturnValue:
    form = VersionedForm()
    remove_logo(digest, version=form.read_version, who=current_staff(), now=utc_now())
    flash(_("Saved."), "success")
    return redirect(url_for("staff_settings.list_logos"), 303)


def _page(form: VersionedForm, *, changed: SavedSetting | None = None) -> str:
    return render_template(
        "settings/logos.html",
        form=form,
        logos=own_settings().logos,
        changed=changed,
        version=saved(queries.LOGOS).version,
        has_errors=bool(form.errors),
        can_save=can_save(),
    )
