"""What a form sent that could not be taken: kept on the answer, to be sent again from there."""

from flask import g, request
from flask_wtf.csrf import generate_csrf

Typed = list[tuple[str, str]]

# Never written back into a page: then the whole form is typed again.
_SECRET_FIELDS = {"password", "new", "again", "secret"}
_SIGN_IN = ("security.", "staff_passkeys.")
_FORM_TOKEN = "csrf_token"  # noqa: S105 - the name of a field


def list_typed() -> Typed:
    """What was sent, with its own token, to be sent again as it is: nothing could be stored, and the page
    that it was typed into may not open either. Files and secrets are never written back."""
    is_form = request.method == "POST" or "keeps_form" in g
    has_file = any(file.filename for file in request.files.values())
    is_secret = _SECRET_FIELDS & set(request.form) or (request.endpoint or "").startswith(_SIGN_IN)
    if not is_form or has_file or is_secret:
        return []
    return list(request.form.items(multi=True))


def renew_token(typed: Typed) -> Typed:
    """The same with a token of now. Only for what surely came from a page of ours."""
    kept = [pair for pair in typed if pair[0] != _FORM_TOKEN]
    return [*kept, (_FORM_TOKEN, generate_csrf())] if kept else []
