"""What all settings pages do with a form: save it, or show it again with what was typed and what is wrong."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, RecordChangedError, SettingNotUsableError
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _
from bookings.queries.settings import SavedSetting, refresh_settings
from bookings.web.errors import REFUSALS, refusal_sentence
from bookings.web.security import signed_in
from bookings.web.settings.forms import VersionedForm

Page = Callable[..., str]


def can_save() -> bool:
    """Admins change settings; coordinators read them."""
    return has_role(set(signed_in().roles), StaffRole.ADMIN)


def saved(key: str) -> SavedSetting:
    """What is kept under a key, as it is now."""
    return refresh_settings(read_session()).find(key)


def fill_version(form: VersionedForm, key: str) -> SavedSetting:
    """A form that is shown, not sent, is filled from this version."""
    found = saved(key)
    if request.method == "GET":
        form.version.data = str(found.version)
    return found


def save_form(
    form: VersionedForm, act: Callable[[], None], *, key: str, page: Page, back: str, **way: Any
) -> ResponseReturnValue:
    """Save and go on, or the page once more: 422 beside the field, 409 with what somebody else saved."""
    if not form.validate():
        return page(form), 422
    try:
        act()
    except RecordChangedError:
        now_saved = saved(key)
        form.version.data = str(now_saved.version)
        return page(form, changed=now_saved), 409
    except SettingNotUsableError as error:
        form[error.field if error.field in form else "version"].errors = [refusal_sentence(error)]
        return page(form), 422
    except BookingError as error:
        if REFUSALS[type(error)].status != 422:
            raise
        form.form_errors.append(refusal_sentence(error))
        return page(form), 422
    flash(_("Saved."), "success")
    return redirect(url_for(back, **way), 303)
