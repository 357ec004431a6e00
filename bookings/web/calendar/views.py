"""Calendars: feeds, files to download and staff's calendar page."""

from flask import Blueprint

calendar = Blueprint("calendar", __name__)
