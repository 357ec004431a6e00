"""A letter to the people of an event: written, looked at as its readers get it, then sent by the worker."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from bookings.db import read_session
from bookings.domain.event_letters import SUBJECT_LENGTH, TEXT_LENGTH, Audience, EventLetterPlan
from bookings.domain.events import choose_text
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import language_name, ngettext
from bookings.i18n import lazy_gettext as _l
from bookings.queries.event_letters import count_readers, list_event_letters
from bookings.queries.events import EventView, load_event
from bookings.services.event_letters import write_event_letter
from bookings.web.clock import utc_now
from bookings.web.event_texts import in_own_words
from bookings.web.events.fields import EventForm
from bookings.web.forms import OneLine, SeveralLines
from bookings.web.security import current_staff, form_key, staff_gate

staff_event_letters = Blueprint("staff_event_letters", __name__, url_prefix="/staff/events/<slug>/letters")

AUDIENCES: Mapping[Audience, str] = {
    Audience.REGISTERED: _l("Those who are registered"),
    Audience.WAITING: _l("Those who wait for a place or an answer"),
    Audience.EVERYBODY: _l("Both"),
}
_SEND = "send"
Counts = Mapping[Audience, Mapping[str, int]]


class EventLetterForm(EventForm):
    """To whom, and what in each language."""

    audience = SelectField(_l("To whom"))
    subject_en = StringField(_l("Subject in English"), [OneLine(SUBJECT_LENGTH)])
    subject_sv = StringField(_l("Subject in Swedish"), [OneLine(SUBJECT_LENGTH)])
    subject_fi = StringField(_l("Subject in Finnish"), [OneLine(SUBJECT_LENGTH)])
    text_en = TextAreaField(_l("Text in English"), [SeveralLines(TEXT_LENGTH)])
    text_sv = TextAreaField(_l("Text in Swedish"), [SeveralLines(TEXT_LENGTH)])
    text_fi = TextAreaField(_l("Text in Finnish"), [SeveralLines(TEXT_LENGTH)])
    key = HiddenField(validators=[OneLine(40)])

    def read(self) -> EventLetterPlan:
        """The letter as it was typed."""
        return EventLetterPlan(Audience(self.audience.data), self.texts_of("subject"), self.texts_of("text"))


@dataclass(frozen=True)
class _Preview:
    """How one language's readers get it."""

    language: str
    readers: int
    written_in: str
    subject: str
    text: str


@staff_event_letters.route("", methods=["GET", "POST"])
@staff_gate(StaffRole.COORDINATOR)
def write(slug: str) -> ResponseReturnValue:
    """The form; sent once, it shows the letter in each language; sent from there, the letter leaves."""
    view = load_event(read_session(), slug)
    counts = count_readers(read_session(), view.event.id)
    form = _build_form(counts)
    if not form.validate_on_submit():
        return _page(view, form), 422 if form.errors else 200
    act = _send if request.form.get("go") == _SEND else _look
    return act(view, form, counts)


def _build_form(counts: Counts) -> EventLetterForm:
    form = EventLetterForm()
    form.audience.choices = [
        (audience.value, f"{words} ({sum(counts[audience].values())})")
        for audience, words in AUDIENCES.items()
    ]
    form.key.data = form.key.data or form_key()
    return form


def _send(view: EventView, form: EventLetterForm, _counts: Counts) -> ResponseReturnValue:
    slug, key, found = view.event.slug, form.key.data or form_key(), list[int]()
    who, now = current_staff(), utc_now()
    if not form.attempt(
        lambda: found.append(write_event_letter(slug, form.read(), form_key=key, who=who, now=now))
    ):
        return _page(view, form), 422
    words = ngettext(
        "The mail to %(num)d person is on its way.", "The mails to %(num)d people are on their way.", found[0]
    )
    flash(words, "success")
    return redirect(url_for("staff_event_letters.write", slug=slug), 303)


def _look(view: EventView, form: EventLetterForm, counts: Counts) -> ResponseReturnValue:
    found: list[EventLetterPlan] = []
    if not form.attempt(lambda: found.append(form.read().clean())):
        return _page(view, form), 422
    [plan] = found
    readers = sorted(counts[plan.audience].items())
    if not readers:
        form.audience.errors = [_("Nobody would get this mail: choose other people.")]
        return _page(view, form), 422
    return _page(view, form, previews=[_preview(plan, *one) for one in readers]), 200


def _preview(plan: EventLetterPlan, language: str, readers: int) -> _Preview:
    text = choose_text(plan.text, language)
    written_in = next(code for code, words in plan.text.items() if words == text)
    return _Preview(language, readers, written_in, choose_text(plan.subject, language), text)


def _page(view: EventView, form: EventLetterForm, *, previews: list[_Preview] | None = None) -> str:
    return render_template(
        "event_letters/write.html",
        event=view.event,
        title=in_own_words(view.event.title),
        form=form,
        previews=previews,
        letters=list_event_letters(read_session(), view.event.id),
        audiences=AUDIENCES,
        in_own_words=in_own_words,
        language_name=language_name,
        has_errors=form.has_problems,
    )
