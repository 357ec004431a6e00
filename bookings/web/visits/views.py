"""Visits: the form, the visitor's page, staff's queue and visit page."""

from flask import Blueprint

visits = Blueprint("visits", __name__)
