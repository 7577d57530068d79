"""Making policies, and saying of people what policies ask."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.rbac.conditions import SUBJECT, ConditionError, as_json, check, parse
from apps.rbac.events import PolicyDeleted, PolicySaved
from apps.rbac.models import Policy, SubjectAttribute
from apps.rbac.services.consequences import check_attributes
from apps.rbac.services.roles import BadPermission
from rustok.kernel.access import ACTIONS, RESOURCES, Actor, MoreThanOwn, authorize, restrict
from rustok.kernel.attributes import declared
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from rustok.kernel.events import publish

__all__ = ["MAX_ATTRIBUTES", "MAX_POLICIES", "change_policy", "delete_policy", "save_policy", "set_attributes"]

#: All of them are read for each person.
MAX_POLICIES = 200
MAX_ATTRIBUTES = 20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class InvalidPolicy(Invalid):
    """The condition of the policy cannot be understood."""

    code = "invalid_policy"


class PolicyNameTaken(Conflict):
    """There is a policy of this name."""

    code = "policy_name_taken"


class TooManyPolicies(Conflict):
    """A shop has a limited number of policies; join some by “or”."""

    code = "too_many_policies"


class LastKey(Conflict):
    """No policy takes away “users.manage”: somebody must be able to take the policy back."""

    code = "last_key"


class BadAttribute(Invalid):
    """This is not an attribute of a person."""

    code = "invalid_attribute"


class OwnAttributes(Forbidden):
    """Nobody changes what is said of themselves; ask somebody else to do it."""

    code = "own_attributes"


@transaction.atomic
def save_policy(
    *,
    actor: Actor,
    name: str,
    effect: str,
    resource: str,
    actions: Collection[str],
    condition: str = "",
    enabled: bool = True,
    description: str = "",
    policy_id: UUID | None = None,
    expected_version: int | None = None,
) -> Policy:
    """Make a policy, or change one.

    :raises InvalidPolicy: if the condition cannot be understood, saying where
    :raises BadPermission: if a resource or an action does not exist
    :raises MoreThanOwn: if it is about what the actor may not do itself, for all objects
    :raises LastKey: if it would deny `users.manage`
    """
    authorize(actor, "users.manage")
    policy = _lock(policy_id, expected_version) if policy_id else _new()
    _check_within(actor, policy)
    policy.name, policy.effect, policy.resource = name.strip(), Policy.Effect(effect), resource
    policy.actions, policy.enabled, policy.description = _known(resource, actions), enabled, description.strip()
    policy.condition = condition.strip()
    policy.parsed = _understood(policy)
    _check_within(actor, policy)
    if policy.effect == Policy.Effect.DENY and resource == "users" and "manage" in policy.actions:
        raise LastKey(field="actions")
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError:
        raise PolicyNameTaken(field="name") from None
    publish(PolicySaved(policy_id=policy.pk, policy_name=policy.name, enabled=enabled), aggregate=policy)
    return policy


@transaction.atomic
def change_policy(*, actor: Actor, policy_id: UUID, expected_version: int | None = None, **changes: Any) -> Policy:
    """Change some of what a policy says.

    :raises NotFound: if there is none
    """
    authorize(actor, "users.manage")
    policy = Policy.objects.select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise NotFound()
    names = ("name", "effect", "resource", "actions", "condition", "enabled", "description")
    stays = {name: getattr(policy, name) for name in names}
    return save_policy(actor=actor, policy_id=policy_id, expected_version=expected_version, **(stays | changes))


@transaction.atomic
def delete_policy(*, actor: Actor, policy_id: UUID, expected_version: int | None = None) -> None:
    """Take a policy back.

    :raises MoreThanOwn: if it is about what the actor may not do itself, for all objects
    """
    authorize(actor, "users.manage")
    policy = _lock(policy_id, expected_version)
    _check_within(actor, policy)
    publish(PolicyDeleted(policy_id=policy.pk, policy_name=policy.name), aggregate=policy)
    policy.delete()


def _new() -> Policy:
    if Policy.objects.count() >= MAX_POLICIES:
        raise TooManyPolicies(f"at most {MAX_POLICIES}")
    return Policy(resource="", actions=[])


def _lock(policy_id: UUID, expected_version: int | None) -> Policy:
    policy = Policy.objects.select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise NotFound()
    if expected_version not in (None, policy.version):
        raise PreconditionFailed()
    policy.version += 1
    return policy


def _known(resource: str, actions: Collection[str]) -> list[str]:
    if resource not in RESOURCES:
        raise BadPermission(f"{resource[:40]!r} is none of {', '.join(sorted(RESOURCES))}", field="resource")
    unknown = sorted(set(actions) - ACTIONS)
    if unknown or not actions:
        raise BadPermission(f"choose from {', '.join(sorted(ACTIONS))}", field="actions")
    return sorted(set(actions))


def _understood(policy: Policy) -> list[object]:
    """Answer the condition as it is read.

    :raises InvalidPolicy: naming the place, counted from 1
    """
    try:
        tree = parse(policy.condition)
        check(tree, declared(policy.resource))
    except ConditionError as error:
        place = _("At character %(at)d: %(message)s") % {"at": error.at + 1, "message": error.message}
        raise InvalidPolicy(place, field="condition") from None
    return as_json(tree)  # type: ignore[no-any-return]


def _check_within(actor: Actor, policy: Policy) -> None:
    """Refuse to give, to take or to give back what is not the actor's own.

    :raises MoreThanOwn: naming it
    """
    for action in policy.actions:
        permission = f"{policy.resource}.{action}"
        limited = policy.effect == Policy.Effect.ALLOW and actor.is_partial(permission)
        if actor.scope(permission) != "all" or limited:
            raise MoreThanOwn(permission, field="actions")


# --- what is said of people -----------------------------------------------------------------------------------------


@transaction.atomic
def set_attributes(*, actor: Actor, user_id: UUID, attributes: Mapping[str, str | Decimal | bool]) -> None:
    """Say exactly this of somebody: texts, numbers, yes or no, by name.

    :raises BadAttribute: if a name or a value cannot be
    :raises OwnAttributes: if it is the actor's own person
    :raises MoreThanOwn: if a policy makes more of a change than the actor may
    """
    authorize(actor, "users.manage")
    if user_id == actor.id:
        raise OwnAttributes(field="attributes")
    if not restrict(actor, get_user_model()._default_manager.filter(pk=user_id), "users.read").exists():
        raise NotFound()
    if len(attributes) > MAX_ATTRIBUTES:
        raise BadAttribute(f"at most {MAX_ATTRIBUTES}", field="attributes")
    rows = {name: _written(name, value) for name, value in attributes.items()}
    said = SubjectAttribute.objects.because("the right to it is asked for here").filter(user_id=user_id)
    before = {row.name: (row.kind, row.value) for row in said}
    check_attributes(actor, {name for name in before.keys() | rows.keys() if before.get(name) != rows.get(name)})
    said.exclude(name__in=rows).delete()
    for name, (kind, value) in rows.items():
        SubjectAttribute.objects.because("the right to it is asked for here").update_or_create(
            user_id=user_id, name=name, defaults={"kind": kind, "value": value}
        )


def _written(name: str, value: str | Decimal | bool) -> tuple[str, str]:
    """Answer kind and text of a value.

    :raises BadAttribute: if the name is none, is the platform's, or the value is too long
    """
    if not _NAME.fullmatch(name) or name in SUBJECT:
        raise BadAttribute(
            _("%(name)s: use lower case letters, digits and _") % {"name": name[:40]}, field="attributes"
        )
    if isinstance(value, bool):
        return SubjectAttribute.Kind.BOOL, str(value).lower()
    if isinstance(value, str):
        if not value.strip() or len(value) > 200 or "\0" in value:
            raise BadAttribute(_("%(name)s: 1 to 200 characters") % {"name": name}, field="attributes")
        return SubjectAttribute.Kind.TEXT, value.strip()
    return SubjectAttribute.Kind.NUMBER, _number(name, value)


def _number(name: str, value: object) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise BadAttribute(_("%(name)s: a number below 10 to the 15th") % {"name": name}, field="attributes")
    return f"{round(number, 6).normalize():f}"
