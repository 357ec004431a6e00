"""Visits: the form, the visitor's page, staff's queue and visit page."""

from flask import Blueprint

book = Blueprint("book", __name__)
