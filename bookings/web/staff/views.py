"""Staff: sign-in, account and sessions."""

from flask import Blueprint

staff = Blueprint("staff", __name__)
