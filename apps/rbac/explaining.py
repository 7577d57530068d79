"""Saying why somebody may do something, or may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.translation import gettext as _

from apps.rbac.guard import facts_of, is_shared_with, owns, rule_holds
from apps.rbac.models import RolePermission
from rustok.kernel.access import Actor, Rule, actor_for, allows, authorize, check_permission_name, covers, restrict
from rustok.kernel.attributes import models_of
from rustok.kernel.errors import Invalid, NotFound

__all__ = ["Decision", "Reason", "explain", "find_object", "kinds_of"]


class BadQuestion(Invalid):
    """This cannot be asked: there is no such permission, or no such kind of object."""

    code = "invalid_question"


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that gives or takes a permission, in words."""

    kind: Literal["role", "own", "share", "policy", "key", "account"]
    name: str
    allows: bool
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer, and all that speaks for and against it."""

    allowed: bool
    reasons: tuple[Reason, ...]


def explain(*, actor: Actor, user_id: UUID, permission: str, kind: str = "", object_id: UUID | None = None) -> Decision:
    """Tell whether somebody may, and what decided; without an object, whether there can be one for which they may.

    :raises BadQuestion: if there is no such permission
    :raises NotFound: if there is no such person, or no such object that the actor sees
    """
    authorize(actor, "users.manage")
    try:
        check_permission_name(permission)
    except ValueError as error:
        raise BadQuestion(str(error), field="permission") from None
    user = get_user_model()._default_manager.because("who asks sees people").filter(pk=user_id).first()
    if user is None:
        raise NotFound(_("There is no such person."), field="user_id")
    obj = find_object(actor, permission, kind, object_id) if object_id else None
    subject = actor_for(user)
    if not subject.is_authenticated:
        return Decision(False, (Reason("account", user.email, False, _("The account is switched off.")),))
    reasons = (
        *_roles(subject, permission, obj),
        *_policies(subject, permission, obj),
        *_others(subject, permission, obj),
    )
    return Decision(allows(subject, permission, obj), reasons)


def kinds_of(resource: str) -> dict[str, type[Model]]:
    """Answer the kinds of objects that a resource has, by the name that the APIs know them by."""
    return {str(model._meta.model_name): model for model in models_of(resource)}


def find_object(actor: Actor, permission: str, kind: str, object_id: UUID) -> Model:
    """Answer an object that is asked about.

    :raises BadQuestion: if the resource has no such kind of object
    :raises NotFound: if there is none that the actor sees
    """
    resource = permission.partition(".")[0]
    model = kinds_of(resource).get(kind)
    if model is None:
        names = ", ".join(kinds_of(resource)) or "-"
        raise BadQuestion(_("Kinds of objects: %(names)s") % {"names": names}, field="object_kind")
    found: Model | None = restrict(actor, model._default_manager.filter(pk=object_id), f"{resource}.read").first()
    if found is None:
        raise NotFound(_("There is no such object."), field="object_id")
    return found


def _roles(subject: Actor, permission: str, obj: Model | None) -> list[Reason]:
    rows = (
        RolePermission.objects.because("who asks sees people")
        .filter(role__slug__in=["customer", *subject.roles])
        .select_related("role")
    )
    found = []
    for row in rows.order_by("role__slug", "permission"):
        if not covers(row.permission, permission):
            continue
        if row.scope == RolePermission.Scope.ALL:
            found.append(Reason("role", row.role.shown_name, True, _("The role gives %(p)s.") % {"p": row.permission}))
        elif obj is None or owns(subject, obj):
            text = _("The role gives %(p)s for what is one's own.") % {"p": row.permission}
            found.append(Reason("own", row.role.shown_name, True, text))
    if not found and subject.scope(permission) == "all":
        found.append(Reason("account", subject.email, True, _("The account may do everything.")))
    return found


def _policies(subject: Actor, permission: str, obj: Model | None) -> list[Reason]:
    facts = facts_of(subject)
    found = []
    for rule in (*subject.rules_on(permission, allow=False), *subject.rules_on(permission, allow=True)):
        if obj is None or rule_holds(rule, facts, obj):
            found.append(Reason("policy", rule.name, rule.allow, _of(rule, obj)))
    return found


def _of(rule: Rule, obj: Model | None) -> str:
    condition = rule.condition or _("always")
    if obj is None and rule.condition:
        return _("The policy decides for each object: %(condition)s") % {"condition": condition}
    return _("The policy's condition is true: %(condition)s") % {"condition": condition}


def _others(subject: Actor, permission: str, obj: Model | None) -> list[Reason]:
    if obj is None or not is_shared_with(subject, permission, obj):
        return []
    return [Reason("share", str(obj), True, _("The object was shared by name."))]
