"""The guard: what an actor was granted by roles, owns, or was given by name (guardian)."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from apps.accounts.public import find_user
from apps.rbac.models import RolePermission
from apps.rbac.roles import BUILT_IN, CUSTOMER, SUPERADMIN
from rustok.kernel.access import Actor, Scope
from rustok.kernel.tenancy import current_schema

__all__ = ["RoleGuard"]

#: Which of Django's model permissions stands for an action, where guardian keeps grants.
_CODENAMES = {"create": "add", "read": "view", "list": "view", "export": "view", "update": "change", "delete": "delete"}


class RoleGuard:
    """Implements `rustok.kernel.access.Guard`."""

    def actor(self, user: Any) -> Actor:
        """Answer a user as an actor; one query, kept on the user for the request."""
        known: Actor | None = getattr(user, "_actor", None)
        if known is None:
            known = user._actor = Actor(
                kind="user",
                schema=current_schema(),
                id=user.pk,
                email=user.email,
                is_staff=user.is_staff,
                grants=_grants(user),
            )
        return known

    def owns(self, actor: Actor, obj: Model) -> bool:
        """Tell whether the field that the model names as `owner_field` is the actor."""
        field = getattr(obj, "owner_field", None)
        return field is not None and getattr(obj, field) == actor.id is not None

    def granted(self, actor: Actor, permission: str, obj: Model) -> bool:
        """Tell whether guardian knows a grant on this object."""
        codename = _codename(permission, type(obj))
        user = find_user(actor.id) if codename else None
        return codename is not None and user is not None and user.has_perm(codename, obj)

    def narrow(self, actor: Actor, permission: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what is the actor's own, and what guardian grants."""
        model = queryset.model
        condition = Q(pk__in=[])
        if actor.scope(permission) == "own" and hasattr(model, "owner_field"):
            condition |= Q(**{model.owner_field: actor.id})
        codename, user = _codename(permission, model), find_user(actor.id)
        if codename and user is not None and actor.is_staff:
            shared = get_objects_for_user(user, codename, klass=model, accept_global_perms=False)
            condition |= Q(pk__in=shared.values("pk"))
        return queryset.filter(condition)


def _codename(permission: str, model: type[Model]) -> str | None:
    action = _CODENAMES.get(permission.partition(".")[2])
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}" if action else None


def _grants(user: Any) -> dict[str, Scope]:
    """Collect permissions over all roles, the wider scope winning; everybody is at least a customer."""
    if user.is_superuser:
        return dict(BUILT_IN[SUPERADMIN][1])  # type: ignore[arg-type]
    grants: dict[str, Scope] = dict(BUILT_IN[CUSTOMER][1])  # type: ignore[arg-type]
    rows = RolePermission.objects.filter(role__assignments__user_id=user.pk).values_list("permission", "scope")
    for permission, scope in rows:
        if grants.get(permission) != "all":
            grants[permission] = scope  # type: ignore[assignment]
    return grants
