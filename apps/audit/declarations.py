"""What is watched of modules that are not ours."""

from __future__ import annotations

from rustok.kernel.audit import Audited, watch

__all__ = ["watch_others"]


def watch_others() -> None:
    """Have kept what people are given by name, and the groups of Django."""
    watch("guardian.UserObjectPermission", Audited(part_of="user", label="object_pk"))
    watch("guardian.GroupObjectPermission", Audited(part_of="group", label="object_pk"))
    watch("auth.Group", Audited())
    watch("auth.Group_permissions", Audited(part_of="group"))
    watch("accounts.User_groups", Audited(part_of="user", label="group"))
    watch("accounts.User_user_permissions", Audited(part_of="user"))
