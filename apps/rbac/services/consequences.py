"""What a change of somebody's roles or attributes makes of them by way of the policies that ask for it."""

from __future__ import annotations

from collections.abc import Collection

from apps.rbac.conditions import asks_for_role, names_of_subject, parse
from apps.rbac.models import Policy
from rustok.kernel.access import Actor, MoreThanOwn, is_held_back

__all__ = ["check_attributes", "check_roles"]


def check_roles(actor: Actor, slugs: Collection[str], *, field: str = "role") -> None:
    """Refuse to give or take roles that a policy turns into more, or less, than the actor may give or take.

    :raises MoreThanOwn: naming it
    """
    for policy in Policy.objects.filter(enabled=True) if slugs else ():
        tree = parse(policy.condition)
        if any(asks_for_role(tree, slug) for slug in slugs):
            _check_within(actor, policy, field)


def check_attributes(actor: Actor, names: Collection[str]) -> None:
    """Refuse to say of somebody what a policy turns into more, or less, than the actor may give or take.

    :raises MoreThanOwn: naming it
    """
    for policy in Policy.objects.filter(enabled=True) if names else ():
        if names_of_subject(parse(policy.condition)).intersection(names):
            _check_within(actor, policy, "attributes")


def _check_within(actor: Actor, policy: Policy, field: str) -> None:
    for action in policy.actions:
        permission = f"{policy.resource}.{action}"
        gives = policy.effect == Policy.Effect.ALLOW
        if actor.scope(permission) != "all" or (gives and is_held_back(actor, permission)):
            raise MoreThanOwn(permission, field=field)
