"""Calendars: feeds, files to download and staff's calendar page."""

from flask import Blueprint

staff_calendar = Blueprint("staff_calendar", __name__)
