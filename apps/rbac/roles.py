"""The roles that every tenant starts with: resource × action, with the scope all or own."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from rustok.kernel.access import RESOURCES

__all__ = ["ADMIN", "BUILT_IN", "CUSTOMER", "MANAGER", "SUPERADMIN"]

SUPERADMIN, ADMIN, MANAGER, CUSTOMER = "superadmin", "admin", "manager", "customer"

_MANAGED = [
    "products",
    "categories",
    "orders",
    "customers",
    "inventory",
    "discounts",
    "posts",
    "pages",
    "nodes",
    "media",
    "comments",
]

#: slug → (name, {permission: scope}); `Role.shown_name` says the name in the reader's language
BUILT_IN: dict[str, tuple[str, dict[str, str]]] = {
    SUPERADMIN: (gettext_noop("Super admin"), {f"{resource}.manage": "all" for resource in sorted(RESOURCES)}),
    ADMIN: (gettext_noop("Admin"), {f"{resource}.manage": "all" for resource in sorted(RESOURCES - {"tenants"})}),
    MANAGER: (gettext_noop("Manager"), {
        **{f"{resource}.manage": "all" for resource in _MANAGED}, "analytics.read": "all",
    }),
    CUSTOMER: (gettext_noop("Customer"), {
        "orders.read": "own", "orders.list": "own",
        "comments.create": "own", "comments.read": "own", "comments.update": "own", "comments.delete": "own",
        "nodes.create": "own", "nodes.update": "own",
    }),
}  # fmt: skip
