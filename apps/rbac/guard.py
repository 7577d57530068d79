"""The guard: what an actor may by roles, owns, was given by name (guardian), or may by the tenant's policies."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from apps.rbac import rights
from apps.rbac.conditions import (
    Facts,
    KeysIn,
    OneOf,
    Part,
    compile_q,
    holds,
    join,
    names_object,
    names_of_subject,
    parse,
)
from apps.rbac.conditions.tree import Not
from apps.rbac.roles import BUILT_IN, CUSTOMER, SUPERADMIN
from apps.rbac.sharing import carrier_of, codename_of, is_shared, permissions_of, shareable, shared_rows
from rustok.kernel.access import ACTIONS, Actor, Rule, Scope, covers, restrict
from rustok.kernel.attributes import Id, models_of
from rustok.kernel.context import current_work
from rustok.kernel.tenancy import current_schema, current_tenant

__all__ = ["RoleGuard", "facts_of", "is_shared_with", "owns", "rule_holds"]


class RoleGuard:
    """Implements `rustok.kernel.access.Guard`."""

    def actor(self, user: Any) -> Actor:
        """Answer a user as an actor; at most one query, kept on the user for the request."""
        known: Actor | None = getattr(user, "_actor", None)
        if known is None:
            known = user._actor = _actor(user)
        return known

    def allows(self, actor: Actor, permission: str, obj: Model | None) -> bool:
        """Tell whether the actor may; without an object, whether there can be one for which it may."""
        facts = facts_of(actor)
        if any(_denies(rule, facts, obj) for rule in actor.rules_on(permission, allow=False)):
            return False
        if obj is None:
            return self._may_some(actor, permission, facts)
        return self._given(actor, permission, obj, facts)

    def _given(self, actor: Actor, permission: str, obj: Model, facts: Facts) -> bool:
        scope = actor.scope(permission)
        if scope == "all" or (scope == "own" and owns(actor, obj)):
            return True
        return self._by_policy(actor, permission, obj, facts) or is_shared_with(actor, permission, obj)

    def _by_policy(self, actor: Actor, permission: str, obj: Model, facts: Facts) -> bool:
        return any(rule_holds(rule, facts, obj) for rule in actor.rules_on(permission, allow=True))

    def _may_some(self, actor: Actor, permission: str, facts: Facts) -> bool:
        scope, (resource, _, action) = actor.scope(permission), permission.partition(".")
        if scope == "all" or (scope == "own" and _can_be_owned(resource)):
            return True
        for rule in actor.rules_on(permission, allow=True):
            # who manages some objects only does not manage what is about no object, such as roles
            if action != "manage" if names_object(parse(rule.condition)) else rule_holds(rule, facts, None):
                return True
        models = [model for model in shareable().values() if getattr(model, "shared_as", "") == resource]
        return _some_shared(actor, permission, models)

    def narrow(self, actor: Actor, permission: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows for which the actor may, by one condition in SQL."""
        facts, model = facts_of(actor), queryset.model
        given = _one_of(_ways(actor, permission, model, facts))
        taken = [
            compile_q(Not(parse(rule.condition)), facts, model) for rule in actor.rules_on(permission, allow=False)
        ]
        may = join([given, *taken], every=True)
        if isinstance(may, Q):
            return queryset.filter(may)
        return queryset if may else queryset.none()

    def reaches(self, actor: Actor, permission: str, model: type[Model]) -> bool:
        """Tell whether there can be a row of a model for which the actor may.

        Where objects of several models carry their grants on one (a page and a post on their node), only the rows tell
        which of them was shared: one query, for those who have nothing but what was shared.
        """
        facts = facts_of(actor)
        taken = [compile_q(parse(rule.condition), facts, model) for rule in actor.rules_on(permission, allow=False)]
        if True in taken:
            return False
        if _one_of(_ways_without_shares(actor, permission, model, facts)) is not False:
            return True
        if not _some_shared(actor, permission, [model]):
            return False
        return carrier_of(model) is model or restrict(actor, model._default_manager.all(), permission).exists()

    def covers_person(self, actor: Actor, user: Any) -> bool:
        """Tell whether the actor may do all that somebody may: by roles, shares and policies."""
        if user.pk == actor.id and actor.ceiling is None:
            return True
        other = _at_most(user)
        return all(_covers(self, actor, other, permission) for permission in _wanted(other))

    def holds_back(self, actor: Actor, permission: str) -> bool:
        """Tell whether a policy takes some of a permission from the actor for who it is, and not from everybody."""
        resource, _, action = permission.partition(".")
        asked = [f"{resource}.{one}" for one in ACTIONS] if action == "manage" else [permission]
        rules = {rule for one in asked for rule in actor.rules_on(one, allow=False)}
        return any(_can_hold(rule, facts_of(actor), resource) for rule in rules)

    def forget(self, schema: str) -> None:
        """Forget what was remembered of anybody's rights in a tenant."""
        rights.forget(schema)


# --- who ------------------------------------------------------------------------------------------------------------


def _actor(user: Any) -> Actor:
    found = rights.rights_of(user.pk)
    key = getattr(user, "api_key", None)
    bare = bool(getattr(user, "second_factor_missing", False)) or _owes_second_factor(user, found)
    grants = _grants(user, found.grants, bare)
    superior = not bare and (user.is_superuser or SUPERADMIN in found.roles)
    return Actor(
        kind="user",
        schema=current_schema(),
        id=user.pk,
        email=user.email,
        is_staff=user.is_staff and not bare,
        grants=grants if key is None else _narrowed(grants, key.permissions),
        roles=() if bare else found.roles,
        locale=user.locale,
        attributes=found.attributes,
        rules=tuple(rule for rule in found.rules if not rule.allow or _is_given(rule, user, bare))
        if not (superior and current_tenant().slug == "platform")
        else (),
        shares=frozenset() if bare else found.shares,
        ceiling=None if key is None else frozenset(key.permissions),
        key_id=None if key is None else key.pk,
        via="api_key" if key is not None else getattr(user, "via", "session"),
    )


def _is_given(rule: Rule, user: Any, bare: bool) -> bool:
    """Tell whether a policy can give somebody anything: one that asks for an address only gives it to its owner."""
    shown = user.email_verified_at is not None
    return not bare and (shown or "email" not in names_of_subject(parse(rule.condition)))


def _owes_second_factor(user: Any, found: rights.Rights) -> bool:
    """Tell whether somebody has a role without being staff, and not what the shop wants of its staff."""
    wanted = current_tenant().staff_second_factor and bool(found.roles or user.is_superuser)
    return wanted and not user.has_second_factor


def _at_most(user: Any) -> Actor:
    """Answer all that an account can come to, once it is switched on and has its second factor."""
    found = rights.rights_of(user.pk)
    return Actor(
        kind="user", schema=current_schema(), id=user.pk, email=user.email, is_staff=user.is_staff,
        grants=_grants(user, found.grants, bare=False), roles=found.roles, locale=user.locale,
        attributes=found.attributes, rules=found.rules, shares=found.shares,
    )  # fmt: skip


def _wanted(other: Actor) -> set[str]:
    """Name what somebody has that not every customer has."""
    given = {name for name, scope in other.grants.items() if BUILT_IN[CUSTOMER][1].get(name) != scope}
    return given.union(permissions_of(other.shares), *(rule.permissions for rule in other.rules if rule.allow))


def _covers(guard: RoleGuard, actor: Actor, other: Actor, permission: str) -> bool:
    """Tell whether the actor may do one thing as far as somebody else may."""
    own, theirs = actor.scope(permission), other.scope(permission)
    if own == "all":
        return actor.scope("users.manage") == "all" or not guard.holds_back(actor, permission)
    if theirs is not None or permission in permissions_of(other.shares):
        return own == theirs == "own"
    return not guard.allows(other, permission, None) or guard.allows(actor, permission, None)


def _grants(user: Any, given: tuple[tuple[str, str], ...], bare: bool) -> dict[str, Scope]:
    """Collect permissions over all roles, the wider scope winning; everybody is at least a customer."""
    grants: dict[str, Scope] = dict(BUILT_IN[CUSTOMER][1])  # type: ignore[arg-type]
    if bare:
        return grants
    if user.is_superuser:
        return dict(BUILT_IN[SUPERADMIN][1])  # type: ignore[arg-type]
    for permission, scope in given:
        if grants.get(permission) != "all":
            grants[permission] = scope  # type: ignore[assignment]
    return grants


def _narrowed(grants: dict[str, Scope], listed: list[str]) -> dict[str, Scope]:
    """Keep of somebody's grants what their API key lists, in the scope that they have."""
    kept: dict[str, Scope] = {p: scope for p, scope in grants.items() if any(covers(one, p) for one in listed)}
    for permission in listed:
        managed = grants.get(f"{permission.partition('.')[0]}.manage")
        if managed and kept.get(permission) != "all":
            kept[permission] = managed
    return kept


def facts_of(actor: Actor) -> Facts:
    """Answer what policies may ask about the actor, the moment, and where from."""
    subject = {
        **actor.attributes, "id": actor.id, "email": actor.email, "roles": actor.roles, "is_staff": actor.is_staff,
        "locale": actor.locale or current_tenant().default_locale,
    }  # fmt: skip
    zone = ZoneInfo(current_tenant().timezone)
    return Facts(subject, timezone.now(), zone, address=current_work().address, via=actor.via)


# --- policies -------------------------------------------------------------------------------------------------------


def rule_holds(rule: Rule, facts: Facts, obj: Model | None) -> bool:
    """Tell whether a policy's condition is true."""
    return holds(parse(rule.condition), facts, obj)


def _denies(rule: Rule, facts: Facts, obj: Model | None) -> bool:
    """Tell whether a policy takes a permission; without an object, only if the object does not matter."""
    if obj is None and names_object(parse(rule.condition)):
        return False
    return rule_holds(rule, facts, obj)


def _can_hold(rule: Rule, facts: Facts, resource: str) -> bool:
    """Tell whether a policy that asks who somebody is can be true of an object of a resource."""
    tree = parse(rule.condition)
    if not names_of_subject(tree):
        return False
    found = [compile_q(tree, facts, model) is not False for model in models_of(resource)]
    return any(found) if found else holds(tree, facts, None)


def _ways(actor: Actor, permission: str, model: type[Model], facts: Facts) -> list[Part]:
    """List the conditions of which one has to be true of a row."""
    ways = _ways_without_shares(actor, permission, model, facts)
    if True not in ways and actor.id is not None and _some_shared(actor, permission, [model]):
        own, teams = _holders(actor, permission, model)
        ways += shared_rows(actor.id, permission.partition(".")[2], model, own=own, teams=teams)
    return ways


def _ways_without_shares(actor: Actor, permission: str, model: type[Model], facts: Facts) -> list[Part]:
    """List the conditions that come from roles and policies."""
    scope = actor.scope(permission)
    if scope == "all":
        return [True]
    ways: list[Part] = [compile_q(parse(r.condition), facts, model) for r in actor.rules_on(permission, allow=True)]
    if scope == "own" and hasattr(model, "owner_field"):
        ways.append(Q(**{model.owner_field: actor.id}))
    return ways


def _one_of(ways: list[Part]) -> Part:
    """Answer the rows for which at least one way is open."""
    some = [way for way in ways if isinstance(way, Q)]
    several = len(some) > 1 or any(isinstance(way, KeysIn) for way in some)
    return Q(OneOf(some)) if several and True not in ways else join(ways, every=False)


@cache
def _can_be_owned(resource: str) -> bool:
    """Tell whether there are objects of a resource that can be somebody's own; else "own" is nothing."""
    return any(hasattr(model, "owner_field") for model in models_of(resource))


# --- what is the actor's own, or was shared -------------------------------------------------------------------------


def owns(actor: Actor, obj: Model) -> bool:
    """Tell whether the field that the model names as `owner_field` is the actor; it may lie over a foreign key."""
    field = getattr(obj, "owner_field", None)
    return field is not None and Id(field).read(obj) == actor.id is not None


def _some_shared(actor: Actor, permission: str, models: Iterable[type[Model]]) -> bool:
    """Tell whether objects of these models were shared with the actor for this permission; no query."""
    if not actor.shares or actor.is_beyond(permission):
        return False
    kinds = {share.partition(":")[2] for share in actor.shares}
    return any(_share(permission, model) in kinds for model in models)


def _holders(actor: Actor, permission: str, model: type[Model]) -> tuple[bool, list[int]]:
    """Tell who holds grants on a model's objects: the actor itself, and which of its teams."""
    name = _share(permission, model)
    holders = {share.partition(":")[0] for share in actor.shares if share.partition(":")[2] == name}
    return "" in holders, sorted(int(team) for team in holders if team)


def _share(permission: str, model: type[Model]) -> str:
    return f"{carrier_of(model)._meta.app_label}.{codename_of(permission.partition('.')[2], model)}"


def is_shared_with(actor: Actor, permission: str, obj: Model) -> bool:
    """Tell whether the object was shared with the actor, or with a team that it is in."""
    if actor.id is None or not _some_shared(actor, permission, [type(obj)]):
        return False
    return is_shared(actor.id, permission.partition(".")[2], obj)
