"""The directory for visitors: companies and the visit plan."""

from flask import Blueprint

plan = Blueprint("plan", __name__)
