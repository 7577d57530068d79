"""What other modules may use of roles."""

from apps.rbac.roles import ADMIN, BUILT_IN, CUSTOMER, MANAGER, SUPERADMIN
from apps.rbac.services import assign_role, ensure_built_in_roles

__all__ = ["ADMIN", "BUILT_IN", "CUSTOMER", "MANAGER", "SUPERADMIN", "assign_role", "ensure_built_in_roles"]
