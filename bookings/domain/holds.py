"""Holds: exclusive time of one resource. The database guards them; these are the words."""

from enum import StrEnum


class ResourceKind(StrEnum):
    HOST = "host"
    DELEGATION = "delegation"


class HoldStrength(StrEnum):
    HARD = "hard"
    SOFT = "soft"
