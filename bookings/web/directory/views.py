"""The directory for visitors: companies and the visit plan."""

from flask import Blueprint

companies = Blueprint("companies", __name__)
