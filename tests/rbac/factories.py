"""Builds policies and people for tests."""

from __future__ import annotations

from typing import Any

from apps.rbac import services
from apps.rbac.models import Policy
from rustok.kernel.access import Actor, actor_for
from rustok.kernel.context import because

SYSTEM = Actor.system("tests")


def policy(condition: str = "", **given: Any) -> Policy:
    """Save a policy: by default one that allows to see and change products."""
    given = {
        "name": f"policy {Policy.objects.count()}", "effect": "allow", "resource": "products",
        "actions": ["read", "list", "create", "update", "delete"],
    } | given  # fmt: skip
    return services.save_policy(actor=SYSTEM, condition=condition, **given)


def fresh_actor(user: Any) -> Actor:
    """Answer the actor that a user is now, as the next request would."""
    with because("tests"):
        return actor_for(type(user).objects.get(pk=user.pk))


def person(email: str, *, vendor: str = "", is_staff: bool = True) -> Any:
    """Make somebody without roles, who may work for a vendor."""
    from tests.conftest import make_user

    user = make_user(email, is_staff=is_staff)
    if vendor:
        services.set_attributes(actor=SYSTEM, user_id=user.pk, attributes={"vendor": vendor})
    return user
