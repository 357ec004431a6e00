"""The survey behind a person's own link: looking at it changes nothing, and an answer can be changed."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.i18n import gettext as _
from bookings.queries.surveys import find_survey
from bookings.services.surveys import answer_survey
from bookings.web.clock import utc_now
from bookings.web.security import link_gate
from bookings.web.surveys.forms import SurveyForm

surveys = Blueprint("surveys", __name__, url_prefix="/registrations/<token>/survey")
_own = link_gate(LinkPurpose.MANAGE_REGISTRATION)


@surveys.get("")
@_own
def show(token: str) -> str:
    page = find_survey(read_session(), token, now=utc_now())
    return render_template("surveys/show.html", page=page, form=SurveyForm.of(page.given), token=token)


@surveys.post("")
@_own
def answer(token: str) -> ResponseReturnValue:
    now = utc_now()
    page = find_survey(read_session(), token, now=now)
    form = SurveyForm()
    if not form.validate():
        return render_template("surveys/show.html", page=page, form=form, token=token), 422
    answer_survey(token, form.opinion, now=now)
    flash(_("Thank you. You can change your answer here as long as this page works."), "success")
    return redirect(url_for("surveys.show", token=token), 303)
