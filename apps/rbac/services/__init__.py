"""Changing who may do what, one file per subject."""

from apps.rbac.services.roles import (
    assign_role,
    delete_role,
    ensure_built_in_roles,
    save_role,
    set_roles,
    withdraw_role,
)

__all__ = ["assign_role", "delete_role", "ensure_built_in_roles", "save_role", "set_roles", "withdraw_role"]
