"""Visits: the form, the visitor's page, staff's queue and visit page."""

from flask import Blueprint

staff_visits = Blueprint("staff_visits", __name__)
