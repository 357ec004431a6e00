"""Roles of staff: each may do what the one before it may."""

from enum import StrEnum


class StaffRole(StrEnum):
    READER = "reader"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


_RANK = {role: rank for rank, role in enumerate(StaffRole)}


def has_role(roles: set[StaffRole], needed: StaffRole) -> bool:
    """Does one of `roles` reach as far as `needed`?"""
    return any(_RANK[role] >= _RANK[needed] for role in roles)
