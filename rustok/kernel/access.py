"""Who may do what: the contract. `apps.rbac` implements it.

A permission is `resource.action`. Services ask `authorize(actor, "orders.refund", order)`; selectors narrow with
`restrict(actor, queryset, "orders.read")`; every edge declares its permission, or does not run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from django.db import connection, transaction
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
    "WRITES",
    "Actor",
    "Forget",
    "MoreThanOwn",
    "OutsideOwnScope",
    "Rule",
    "actor_for",
    "allows",
    "authorize",
    "authorize_all",
    "authorize_over",
    "changed",
    "check_permission_name",
    "covers",
    "install",
    "is_held_back",
    "known_id",
    "reaches",
    "refused",
    "restrict",
    "tell_refusals",
    "watch_with",
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

#: The actions that change something; what they leave behind is looked at before the transaction ends.
WRITES = frozenset(["create", "update", "delete", "import", "manage"])

#: Declared by an edge that anybody may use.
PUBLIC = "public"
#: Declared by an edge that any logged-in user may use.
AUTHENTICATED = "authenticated"

Scope = Literal["all", "own"]
M = TypeVar("M", bound=Model)


class OutsideOwnScope(Forbidden):
    """This would leave what you may change."""

    code = "outside_own_scope"


class MoreThanOwn(Forbidden):
    """Nobody can give away more than they may do themselves."""

    code = "more_than_own"


def covers(permission: str, asked: str) -> bool:
    """Tell whether a permission includes another: itself, or `manage` of the same resource."""
    return permission == asked or permission == f"{asked.partition('.')[0]}.manage"


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy of the tenant that is in force."""

    name: str
    allow: bool
    permissions: frozenset[str]
    condition: str

    def covers(self, asked: str) -> bool:
        """Tell whether the policy speaks of a permission."""
        return asked in self.permissions or f"{asked.partition('.')[0]}.manage" in self.permissions


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
    roles: tuple[str, ...] = ()
    locale: str = ""
    #: What the tenant says of the person, for its policies.
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    #: Kinds of objects of which some are shared by name, with the actor (":product.change_product") or a team of theirs
    #: ("7:product.change_product").
    shares: frozenset[str] = frozenset()
    #: The most that the actor may, whoever gave it: the permissions of the API key. None: no such bound.
    ceiling: frozenset[str] | None = None
    key_id: UUID | None = None
    #: How the actor proved who it is: session, token or api_key.
    via: str = ""

    @classmethod
    def system(cls, label: str) -> Actor:
        """Answer the platform itself, acting for a stated reason."""
        return cls(kind="system", label=label)

    @property
    def is_authenticated(self) -> bool:
        """Tell whether somebody is logged in."""
        return self.kind != "anonymous"

    def scope(self, permission: str) -> Scope | None:
        """Answer how far a permission reaches by roles, the wider of itself and `manage`: all, own, or not at all."""
        if self.kind == "system":
            return "all"
        if self.kind == "user" and self.schema != current_schema():
            raise WrongTenant(f"an actor of {self.schema!r} in {current_schema()!r}")
        if self.is_beyond(permission):
            return None
        resource = permission.partition(".")[0]
        given, managed = self.grants.get(permission), self.grants.get(f"{resource}.manage")
        return "all" if "all" in (given, managed) else given or managed

    def is_beyond(self, permission: str) -> bool:
        """Tell whether the actor's key keeps it from a permission, whoever else gives it."""
        return self.ceiling is not None and not any(covers(given, permission) for given in self.ceiling)

    def rules_on(self, permission: str, *, allow: bool) -> list[Rule]:
        """List the policies that give (or take) a permission."""
        if not self.rules or (allow and self.is_beyond(permission)):
            return []
        return [rule for rule in self.rules if rule.allow == allow and rule.covers(permission)]

    def is_partial(self, permission: str) -> bool:
        """Tell whether a permission reaches some objects and not others."""
        if self.kind != "user":
            return False
        return self.scope(permission) != "all" or bool(self.rules_on(permission, allow=False))


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

    def allows(self, actor: Actor, permission: str, obj: Model | None) -> bool:
        """Tell whether the actor may, for an object or for any at all, where roles alone do not tell."""

    def narrow(self, actor: Actor, permission: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows for which the actor may."""

    def reaches(self, actor: Actor, permission: str, model: type[Model]) -> bool:
        """Tell whether there can be a row of a model for which the actor may."""

    def covers_person(self, actor: Actor, user: Any) -> bool:
        """Tell whether the actor may do all that somebody may."""

    def holds_back(self, actor: Actor, permission: str) -> bool:
        """Tell whether a policy takes some of a permission from the actor for who it is, and not from everybody."""

    def forget(self, schema: str) -> None:
        """Forget what was remembered of anybody's rights in a tenant."""


_guard: list[Guard] = []


def install(guard: Guard) -> None:
    """Set the one implementation."""
    _guard[:] = [guard]


@dataclass(frozen=True, slots=True)
class Forget:
    """What is done once a change of anybody's rights is committed."""

    schema: str

    def __call__(self) -> None:
        """Forget what was remembered."""
        for guard in _guard:
            guard.forget(self.schema)


def changed() -> None:
    """Note that rights changed: once that is committed, nobody goes by what was remembered before."""
    todo = Forget(current_schema())
    if not connection.in_atomic_block or all(waiting[1] != todo for waiting in connection.run_on_commit):
        transaction.on_commit(todo)


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
    if actor.kind != "user":
        return actor.kind == "system"
    return not actor.is_partial(permission) or _guard[0].allows(actor, permission, obj)


def reaches(actor: Actor, permission: str, model: type[Model]) -> bool:
    """Tell whether there can be a row of a model for which the actor may: several models stand under one resource."""
    return allows(actor, permission) and (
        not actor.is_partial(permission) or _guard[0].reaches(actor, permission, model)
    )


def authorize(actor: Actor, permission: str, obj: Model | None = None) -> None:
    """Let the actor pass, or not.

    :raises Unauthenticated: if nobody is logged in
    :raises Forbidden: if the actor lacks the permission
    """
    if not allows(actor, permission, obj):
        refused(actor, permission, obj)
        raise Forbidden(f"{permission} is not granted") if actor.is_authenticated else Unauthenticated()
    if permission not in (PUBLIC, AUTHENTICATED):
        note_authority(Authority(actor.kind, actor.id, actor.email or actor.label, permission))
        _watch(actor, permission, obj)


def authorize_all(actor: Actor, permission: str) -> None:
    """Let pass who may by a role, and for everything: what is done is about no object, or about all of them.

    :raises Unauthenticated: if nobody is logged in
    :raises Forbidden: if the actor lacks the permission, or has it for some objects only
    """
    authorize(actor, permission)
    if actor.kind == "user" and actor.scope(permission) != "all":
        refused(actor, permission)
        raise Forbidden(f"{permission} is granted for some objects only")


def authorize_over(actor: Actor, user: Any) -> None:
    """Let pass who may do all that a person may: with their address, password or sessions one could act as they.

    :raises MoreThanOwn: if the person may do more than the actor
    """
    if actor.kind != "system" and not _guard[0].covers_person(actor, user):
        raise MoreThanOwn(str(user))


def is_held_back(actor: Actor, permission: str) -> bool:
    """Tell whether a policy takes some of a permission from the actor for who it is, and not from everybody.

    Who gives such a permission to others, or acts as they, does what they must not do themselves.
    """
    return actor.kind == "user" and _guard[0].holds_back(actor, permission)


#: Called for each permission that somebody lacks; the audit log sets it.
_refusals: list[Callable[[Actor, str, Model | None], None]] = []


def refused(actor: Actor, permission: str, obj: Model | None = None) -> None:
    """Tell of a refusal; an edge that asks `allows` itself says so here, too."""
    for tell in _refusals:
        tell(actor, permission, obj)


def tell_refusals(call: Callable[[Actor, str, Model | None], None]) -> None:
    """Set what is told of refusals."""
    _refusals[:] = [call]


#: Called for each permission to write that reaches some objects and not others; `rustok.kernel.writes` sets it.
_watchers: list[Callable[[Actor, str, Model | None], None]] = []


def watch_with(call: Callable[[Actor, str, Model | None], None]) -> None:
    """Set what looks at the writes of those who may only write some objects."""
    _watchers[:] = [call]


def _watch(actor: Actor, permission: str, obj: Model | None) -> None:
    if permission.partition(".")[2] in WRITES and actor.is_partial(permission):
        for call in _watchers:
            call(actor, permission, obj)


def restrict(actor: Actor, queryset: QuerySet[M], permission: str) -> QuerySet[M]:
    """Keep the rows that the actor may see; nobody sees none."""
    if not actor.is_authenticated:
        return queryset.none()
    if actor.is_partial(permission):
        queryset = _guard[0].narrow(actor, permission, queryset)
    return _passed(actor, queryset, permission)


def _passed(actor: Actor, queryset: QuerySet[M], permission: str) -> QuerySet[M]:
    """Tell the query of a protected model whose right was checked."""
    mark = getattr(queryset, "passed", None)
    return mark(f"{permission} for {actor.email or actor.label}") if mark else queryset
