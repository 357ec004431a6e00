"""The newsletter: confirm and unsubscribe."""

from flask import Blueprint

newsletter = Blueprint("newsletter", __name__)
