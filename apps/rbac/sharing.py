"""What can be shared by name, and where guardian keeps it.

A model whose objects can be shared says under which resource: `shared_as = "products"`. A model whose objects
specialise those of another says through which foreign key: `shared_through = "node"`; to share a page is to share its
node, so that whoever asks about the one or the other gets the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, Model, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from guardian.models import GroupObjectPermission, UserObjectPermission

from apps.rbac.conditions import KeysIn

__all__ = [
    "CODENAMES", "GRANTABLE", "carrier_of", "codename_of", "is_shared", "key_on_carrier", "permissions_of",
    "shareable", "shared_rows",
]  # fmt: skip

#: Which of Django's model permissions stands for an action, where guardian keeps grants.
CODENAMES = {"create": "add", "read": "view", "list": "view", "export": "view", "update": "change", "delete": "delete"}
#: What somebody can be let do to one object; nobody makes an object that is there already.
GRANTABLE = ("read", "update", "delete")


def shareable() -> dict[str, type[Model]]:
    """Answer the models whose objects can be shared, by the name that the APIs know them by."""
    return {str(model._meta.model_name): model for model in apps.get_models() if getattr(model, "shared_as", None)}


def _link(model: type[Model]) -> Field[UUID, UUID] | None:
    through = getattr(model, "shared_through", None)
    return model._meta.get_field(through) if through else None  # type: ignore[return-value]


def carrier_of(model: type[Model]) -> type[Model]:
    """Answer the model whose objects the grants stand on: itself, or what it goes through."""
    link = _link(model)
    return link.related_model if link is not None else model  # type: ignore[return-value]


def key_on_carrier(obj: Model) -> UUID:
    """Answer the key of the object that the grants of an object stand on."""
    link = _link(type(obj))
    key: UUID = obj.pk if link is None else getattr(obj, link.attname)
    return key


def codename_of(action: str, model: type[Model]) -> str | None:
    """Answer what Django calls an action on a model; None for one that cannot be given by name."""
    django_action = CODENAMES.get(action)
    return f"{django_action}_{carrier_of(model)._meta.model_name}" if django_action else None


def permissions_of(shares: Iterable[str]) -> set[str]:
    """Name the permissions that kinds of shares (`Actor.shares`) give to some objects."""
    kinds = {share.partition(":")[2] for share in shares}
    return {
        f"{getattr(model, 'shared_as', '')}.{action}"
        for model in (shareable().values() if kinds else ())
        for action in GRANTABLE
        if f"{carrier_of(model)._meta.app_label}.{codename_of(action, model)}" in kinds
    }


def _permission(codename: str, carrier: type[Model]) -> QuerySet[Permission, Any]:
    kind = ContentType.objects.get_for_model(carrier)
    return Permission.objects.filter(content_type=kind, codename=codename).order_by().values("pk")


def _grants(user_id: UUID, permissions: QuerySet[Permission, Any]) -> tuple[QuerySet[Model], QuerySet[Model]]:
    """Answer what was given to somebody, and to a team of theirs."""
    own = UserObjectPermission.objects.filter(user=user_id, permission__in=permissions)
    team = GroupObjectPermission.objects.filter(group__user=user_id, permission__in=permissions)
    return own.order_by(), team.order_by()


def shared_rows(user_id: UUID, action: str, model: type[Model], *, own: bool, teams: Iterable[int]) -> list[Q]:
    """Answer the conditions that keep what was shared with somebody, and with each of some teams.

    Each holder stands alone: then our unique index of grants gives a page in its order.
    """
    codename = codename_of(action, model)
    if codename is None:
        return []
    carrier, link = carrier_of(model), _link(model)
    key = Cast("object_pk", output_field=type(carrier._meta.pk)())  # type: ignore[misc]
    permission = Subquery(_permission(codename, carrier)[:1])
    tables: list[QuerySet[Any]] = [UserObjectPermission.objects.filter(user=user_id)] if own else []
    tables += [GroupObjectPermission.objects.filter(group=team) for team in teams]
    keys = [rows.filter(permission=permission).order_by().values_list(key) for rows in tables]
    return [KeysIn(given) if link is None else Q(**{f"{link.attname}__in": given}) for given in keys]


def is_shared(user_id: UUID, action: str, obj: Model) -> bool:
    """Tell whether an object was shared with somebody, or with a team of theirs; one query."""
    codename = codename_of(action, type(obj))
    if codename is None:
        return False
    own, team = _grants(user_id, _permission(codename, carrier_of(type(obj))))
    key = str(key_on_carrier(obj))
    return own.filter(object_pk=key).values("pk").union(team.filter(object_pk=key).values("pk")).exists()
