"""Slots: the host's answer page and staff's planning."""

from flask import Blueprint

slots = Blueprint("slots", __name__)
