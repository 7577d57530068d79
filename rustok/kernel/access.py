"""Who may do what: the contract. `apps.rbac` implements it.

A permission is `resource.action`. Services ask `authorize(actor, "orders.refund", order)`; selectors narrow with
`restrict(actor, queryset, "orders.read")`; every edge declares its permission, or does not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from rustok.kernel.context import Authority, note_authority
from rustok.kernel.errors import Forbidden, Unauthenticated
from rustok.kernel.tenancy import WrongTenant, current_schema

__all__ = [
    "ACTIONS",
    "ANONYMOUS",
    "AUTHENTICATED",
    "PUBLIC",
    "RESOURCES",
    "Actor",
    "actor_for",
    "allows",
    "authorize",
    "check_permission_name",
    "install",
    "known_id",
    "restrict",
]

RESOURCES = frozenset(
    [
        "users",
        "tenants",
        "modules",
        "settings",
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
        "analytics",
        "logs",
        "webhooks",
    ]
)
ACTIONS = frozenset(["create", "read", "update", "delete", "list", "export", "import", "manage"])

#: Declared by an edge that anybody may use.
PUBLIC = "public"
#: Declared by an edge that any logged-in user may use.
AUTHENTICATED = "authenticated"

Scope = Literal["all", "own"]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts in one tenant; `grants` maps a permission to the scope it was given with."""

    kind: Literal["anonymous", "user", "system"]
    schema: str = ""
    id: UUID | None = None
    email: str = ""
    is_staff: bool = False
    grants: Mapping[str, Scope] = field(default_factory=dict)
    label: str = ""

    @classmethod
    def system(cls, label: str) -> Actor:
        """Answer the platform itself, acting for a stated reason."""
        return cls(kind="system", label=label)

    @property
    def is_authenticated(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.kind != "anonymous"

    def scope(self, permission: str) -> Scope | None:
        """Answer how far a permission reaches, the wider of itself and `manage`: all, own, or not at all."""
        if self.kind == "system":
            return "all"
        if self.kind == "user" and self.schema != current_schema():
            raise WrongTenant(f"an actor of {self.schema!r} in {current_schema()!r}")
        resource = permission.partition(".")[0]
        given, managed = self.grants.get(permission), self.grants.get(f"{resource}.manage")
        return "all" if "all" in (given, managed) else given or managed


ANONYMOUS = Actor(kind="anonymous")


def known_id(actor: Actor) -> UUID:
    """Answer the id of an actor who is a user.

    :raises Unauthenticated: for nobody and for the platform itself
    """
    if actor.id is None:
        raise Unauthenticated()
    return actor.id


class Guard(Protocol):
    """What `apps.rbac` provides."""

    def actor(self, user: Any) -> Actor:
        """Answer the actor that a logged-in user is, with what it may do."""

    def owns(self, actor: Actor, obj: Model) -> bool:
        """Tell whether the object belongs to the actor."""

    def granted(self, actor: Actor, permission: str, obj: Model) -> bool:
        """Tell whether the object was shared with the actor."""

    def narrow(self, actor: Actor, permission: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows that are the actor's own or shared with the actor."""


_guard: list[Guard] = []


def install(guard: Guard) -> None:
    """Set the one implementation."""
    _guard[:] = [guard]


def actor_for(user: Any) -> Actor:
    """Answer the actor that a user is; nobody for an anonymous one."""
    return _guard[0].actor(user) if user.is_authenticated and user.is_active else ANONYMOUS


def check_permission_name(permission: str) -> str:
    """Answer the name if it is one.

    :raises ValueError: if the resource or the action does not exist
    """
    resource, _, action = permission.partition(".")
    if permission in (PUBLIC, AUTHENTICATED) or (resource in RESOURCES and action in ACTIONS):
        return permission
    raise ValueError(f"{permission!r} is not a permission: use one of {sorted(RESOURCES)} and {sorted(ACTIONS)}")


def allows(actor: Actor, permission: str, obj: Model | None = None) -> bool:
    """Tell whether the actor may; without an object, whether the actor may for any object at all."""
    if permission == PUBLIC:
        return True
    if permission == AUTHENTICATED:
        return actor.is_authenticated
    scope = actor.scope(permission)
    if scope == "all":
        return True
    if obj is None:
        return scope is not None
    if scope == "own" and _guard[0].owns(actor, obj):
        return True
    return actor.kind == "user" and _guard[0].granted(actor, permission, obj)


def authorize(actor: Actor, permission: str, obj: Model | None = None) -> None:
    """Let the actor pass, or not.

    :raises Unauthenticated: if nobody is logged in
    :raises Forbidden: if the actor lacks the permission
    """
    if not allows(actor, permission, obj):
        raise Forbidden(f"{permission} is not granted") if actor.is_authenticated else Unauthenticated()
    if permission not in (PUBLIC, AUTHENTICATED):
        note_authority(Authority(actor.kind, actor.id, actor.email or actor.label, permission))


def restrict(actor: Actor, queryset: QuerySet[M], permission: str) -> QuerySet[M]:
    """Keep the rows that the actor may see; nobody sees none."""
    scope = actor.scope(permission) if actor.is_authenticated else None
    if scope == "all":
        return _passed(actor, queryset, permission)
    if not actor.is_authenticated:
        return queryset.none()
    return _passed(actor, _guard[0].narrow(actor, permission, queryset), permission)


def _passed(actor: Actor, queryset: QuerySet[M], permission: str) -> QuerySet[M]:
    """Tell the query of a protected model whose right was checked."""
    mark = getattr(queryset, "passed", None)
    return mark(f"{permission} for {actor.email or actor.label}") if mark else queryset
