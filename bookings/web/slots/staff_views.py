"""Slots: the host's answer page and staff's planning."""

from flask import Blueprint

staff_slots = Blueprint("staff_slots", __name__)
