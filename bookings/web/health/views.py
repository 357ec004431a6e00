"""Liveness and readiness for machines."""

from flask import Blueprint

health = Blueprint("health", __name__)
