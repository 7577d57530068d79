"""Sharing one object with one person or team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from guardian.models import GroupObjectPermission, UserObjectPermission

from apps.rbac.events import GrantGiven, GrantWithdrawn
from apps.rbac.models import Team
from apps.rbac.sharing import GRANTABLE, carrier_of, codename_of, key_on_carrier, shareable
from rustok.kernel.access import Actor, MoreThanOwn, allows, authorize, changed, restrict
from rustok.kernel.attributes import Id
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from rustok.kernel.events import publish

__all__ = [
    "Grant",
    "Grantee",
    "OneGrantee",
    "grant_access",
    "grants_of",
    "grants_on",
    "set_grants",
    "one_grantee",
    "shared_object",
    "withdraw_access",
]

#: Grants on one object; whoever shares with more people makes a role for it.
MAX_GRANTS = 200

Kind = Literal["user", "team"]


class NotShareable(Invalid):
    """Objects of this kind are shared by roles only."""

    code = "not_shareable"


class OneGrantee(Invalid):
    """Say with whom: either a person or a team."""

    code = "one_grantee"


class NoSuchGrantee(NotFound):
    """There is no such person or team."""

    code = "no_such_grantee"


class NotStaff(Conflict):
    """Things are shared with people who may use the admin; a customer sees what is theirs."""

    code = "not_staff"


class TooManyGrants(Conflict):
    """This is shared with so many that a role would serve better."""

    code = "too_many_grants"


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom something is shared with."""

    kind: Kind
    id: UUID | int


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that somebody, or a team, may do to one object."""

    to: Grantee
    name: str
    permission: str
    object_kind: str
    object_id: UUID


def one_grantee(user_id: UUID | None, team_id: int | None) -> Grantee:
    """Answer whom an input names.

    :raises OneGrantee: if it names nobody, or a person and a team
    """
    if user_id is not None and team_id is None:
        return Grantee("user", user_id)
    if user_id is None and team_id is not None:
        return Grantee("team", team_id)
    raise OneGrantee(field="user_id")


def shared_object(*, actor: Actor, kind: str, object_id: UUID) -> Any:
    """Find an object to share, among those that the actor may read.

    :raises NotShareable: if such objects cannot be shared
    :raises NotFound: if there is none that the actor may read
    """
    model: Any = shareable().get(kind)
    if model is None:
        raise NotShareable(f"{kind[:32]!r} is none of {', '.join(sorted(shareable()))}", field="kind")
    found = restrict(actor, model._default_manager.all(), f"{model.shared_as}.read").filter(pk=object_id).first()
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def grant_access(*, actor: Actor, permission: str, obj: Any, to: Grantee) -> bool:
    """Let somebody do one thing to one object, and read it; answer whether that is new.

    :raises NotShareable: if the object, or the action, cannot be shared
    :raises MoreThanOwn: if the actor may not do it, or only because it was shared
    :raises NotStaff: if the person may not use the admin
    :raises TooManyGrants: if the object is shared with 200 already
    """
    action = _check(actor, permission, obj)
    receiver = _receiver(to)
    _check_room(obj)
    is_new = _write(obj, action, to, receiver)
    if action != "read":
        _write(obj, "read", to, receiver)
    if is_new:
        changed()
        publish(GrantGiven(**_told(permission, obj, to)), aggregate=obj)
    return is_new


@transaction.atomic
def withdraw_access(*, actor: Actor, permission: str, obj: Any, to: Grantee) -> bool:
    """Take back what was shared; who may not read may do nothing. Answer whether there was something to take.

    :raises MoreThanOwn: if the actor could not have given it
    """
    action = _check(actor, permission, obj)
    taken = [one for one in GRANTABLE if action in ("read", one)]
    gone, _rows = _rows_on(obj, to).filter(permission__in=_permissions(obj, taken)).delete()
    if gone:
        changed()
        publish(GrantWithdrawn(**_told(permission, obj, to)), aggregate=obj)
    return bool(gone)


@transaction.atomic
def set_grants(*, actor: Actor, obj: Any, to: Grantee, actions: Sequence[str]) -> None:
    """Let somebody do exactly this to an object; nothing withdraws all."""
    resource = _resource_of(obj)
    wanted = {*actions, "read"} if actions else set()
    has = {grant.permission.partition(".")[2] for grant in _grants(obj) if grant.to == to}
    for action in sorted(wanted - has):
        grant_access(actor=actor, permission=f"{resource}.{action}", obj=obj, to=to)
    for action in sorted(has - wanted):
        withdraw_access(actor=actor, permission=f"{resource}.{action}", obj=obj, to=to)


def grants_on(*, actor: Actor, obj: Any) -> list[Grant]:
    """List with whom an object is shared, at most 200 times; for those who may share it."""
    _check(actor, f"{_resource_of(obj)}.read", obj)
    return _grants(obj)


def grants_of(*, actor: Actor, to: Grantee) -> list[Grant]:
    """List what was shared with somebody by name, at most 200; for themselves, and for those who see people."""
    if to.id != actor.id:
        authorize(actor, "users.read")
    receiver = _receiver(to, active=False)
    kinds = {ContentType.objects.get_for_model(carrier_of(model)).pk for model in shareable().values()}
    table: Any = UserObjectPermission if to.kind == "user" else GroupObjectPermission
    rows = table.objects.filter(**{_COLUMN[to.kind]: receiver}, content_type__in=kinds).select_related("permission")
    found = list(rows.order_by("content_type_id", "object_pk", "pk")[:MAX_GRANTS])
    return _as_grants(found, to, str(receiver))


# --- what may be shared, by whom and with whom ------------------------------------------------------------------------

_COLUMN = {"user": "user", "team": "group"}


def _resource_of(obj: Any) -> str:
    """Answer the resource that an object is shared under.

    :raises NotShareable: if it cannot be
    """
    resource: str | None = getattr(obj, "shared_as", None)
    if resource is None:
        raise NotShareable(obj._meta.model_name, field="kind")
    return resource


def _check(actor: Actor, permission: str, obj: Any) -> str:
    """Answer the action, if the actor may hand it on.

    :raises Forbidden: to customers
    :raises MoreThanOwn: to whoever may not do it, or only because it was shared with them
    """
    resource, _, action = permission.partition(".")
    if resource != _resource_of(obj) or action not in GRANTABLE:
        raise NotShareable(
            f"{permission[:64]!r}: share {', '.join(GRANTABLE)} of {_resource_of(obj)}", field="permission"
        )
    if actor.kind != "system" and not actor.is_staff:
        raise Forbidden("only staff share")
    scope = actor.scope(permission)
    by_role = scope == "all" or (scope == "own" and _owner(obj) == actor.id)
    if not (by_role and allows(actor, permission, obj)):
        raise MoreThanOwn(permission)
    return action


def _owner(obj: Any) -> UUID | None:
    field: str | None = getattr(obj, "owner_field", None)
    return Id(field).read(obj) if field else None


def _receiver(to: Grantee, *, active: bool = True) -> Any:
    """Find whom it is shared with.

    :raises NoSuchGrantee: if there is nobody
    :raises NotStaff: if it is a customer
    """
    if to.kind == "team":
        found: Any = Team.objects.filter(pk=int(to.id)).first()
    else:
        found = get_user_model()._default_manager.because("the one it is shared with").filter(pk=to.id).first()  # type: ignore[attr-defined]
    if found is None:
        raise NoSuchGrantee(field=to.kind)
    if active and to.kind == "user" and not (found.is_staff and found.is_active):
        raise NotStaff(field="user")
    return found


def _check_room(obj: Any) -> None:
    if sum(table.objects.filter(**_place(obj))[: MAX_GRANTS + 1].count() for table in _TABLES) >= MAX_GRANTS:
        raise TooManyGrants(f"more than {MAX_GRANTS}")


# --- guardian's tables ------------------------------------------------------------------------------------------------

_TABLES: tuple[Any, Any] = (UserObjectPermission, GroupObjectPermission)


def _place(obj: Model) -> dict[str, Any]:
    kind = ContentType.objects.get_for_model(carrier_of(type(obj)))
    return {"content_type": kind, "object_pk": str(key_on_carrier(obj))}


def _permissions(obj: Model, actions: Sequence[str]) -> Any:
    kind = ContentType.objects.get_for_model(carrier_of(type(obj)))
    names = [codename_of(action, type(obj)) for action in actions]
    return Permission.objects.filter(content_type=kind, codename__in=names)


def _rows_on(obj: Model, to: Grantee) -> Any:
    table = _TABLES[to.kind == "team"]
    return table.objects.filter(**_place(obj), **{f"{_COLUMN[to.kind]}_id": to.id})


def _write(obj: Model, action: str, to: Grantee, receiver: Any) -> bool:
    table = _TABLES[to.kind == "team"]
    row = {**_place(obj), f"{_COLUMN[to.kind]}_id": receiver.pk, "permission": _permissions(obj, [action]).get()}
    return bool(table.objects.get_or_create(**row)[1])


def _grants(obj: Model) -> list[Grant]:
    found: list[Grant] = []
    for kind, table in zip(("user", "team"), _TABLES, strict=True):
        column = _COLUMN[kind]
        rows = table.objects.filter(**_place(obj)).select_related("permission", column).order_by("pk")[:MAX_GRANTS]
        for row in rows:
            to = Grantee(kind, getattr(row, f"{column}_id"))  # type: ignore[arg-type]
            found.append(_grant(row, to, str(getattr(row, column)), type(obj)))
    return found[:MAX_GRANTS]


def _grant(row: Any, to: Grantee, name: str, model: Any) -> Grant:
    verb = row.permission.codename.partition("_")[0]
    action = next(one for one in GRANTABLE if str(codename_of(one, model)).startswith(f"{verb}_"))
    return Grant(to, name, f"{model.shared_as}.{action}", str(model._meta.model_name), UUID(row.object_pk))


def _as_grants(rows: list[Any], to: Grantee, name: str) -> list[Grant]:
    """Answer rows as grants, each on the model that has such an object; one query for each kind of object."""
    found: dict[int, Grant] = {}
    for model in shareable().values():
        carrier = carrier_of(model)
        kind = ContentType.objects.get_for_model(carrier).pk
        mine = [row for row in rows if row.content_type_id == kind and row.pk not in found]
        if mine and carrier is not model:
            keys = _there(model, [row.object_pk for row in mine])
            mine = [row for row in mine if row.object_pk in keys]
        found |= {row.pk: _grant(row, to, name, model) for row in mine}
    return [found[row.pk] for row in rows if row.pk in found]


def _there(model: Any, keys: Sequence[str]) -> set[str]:
    return {str(key) for key in model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)}


def _told(permission: str, obj: Model, to: Grantee) -> dict[str, Any]:
    return {
        "permission": permission,
        "kind": obj._meta.model_name,
        "object_id": obj.pk,
        "user_id": to.id if to.kind == "user" else None,
        "team": to.id if to.kind == "team" else None,
    }
