"""What every form shares: a base that knows whether it was sent, and texts without control characters."""

from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import Field, ValidationError
from wtforms import Form as AnyForm

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.text import clean_line, clean_text
from bookings.web.errors import refusal_sentence


class Form(FlaskForm):  # type: ignore[misc]
    """A form of a page. The token against foreign posts is checked for the whole application."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def wrap_formdata(self, form: AnyForm, formdata: Any) -> Any:
            """When a stale form is shown again, its answers stand in for those of a submitted one."""
            found = super().wrap_formdata(form, formdata)
            return request.form if found is None and g.get("keeps_form") else found


class OneLine:
    """One line without control characters, at most so long; outer blanks go."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.field_flags = {"maxlength": max_length}

    def __call__(self, form: AnyForm, field: Field) -> None:
        try:
            field.data = clean_line(field.data or "", max_length=self.max_length)
        except TextNotAllowedError as error:
            raise ValidationError(refusal_sentence(error)) from error


class SeveralLines:
    """A text of several lines without control characters, at most so long; outer blanks go."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.field_flags = {"maxlength": max_length}

    def __call__(self, form: AnyForm, field: Field) -> None:
        try:
            field.data = clean_text(field.data or "", max_length=self.max_length)
        except TextNotAllowedError as error:
            raise ValidationError(refusal_sentence(error)) from error
