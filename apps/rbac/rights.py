"""What somebody may do by roles, policies and grants: one query, remembered in process and in Valkey.

What is remembered is good for one version of the tenant's rights. Each change of roles, assignments, policies or
attributes makes a new version on commit, so every process asks again with its next request. Without Valkey, or if a
process died between the commit and telling, an answer is used for `BOUND` seconds at most.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db import connection
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django_redis.exceptions import ConnectionInterrupted
from guardian.models import GroupObjectPermission, UserObjectPermission
from redis.exceptions import RedisError

from apps.rbac.models import Policy, Role, RolePermission, SubjectAttribute
from rustok.kernel.access import Forget, Rule
from rustok.kernel.tenancy import current_schema, use_tenant

__all__ = ["BOUND", "Rights", "forget", "rights_of"]

#: Seconds for which Valkey, and then a process, keep an answer; together the age that it may have.
_SHARED, _OWN = 2, 3.0
BOUND = _SHARED + _OWN
#: People whom one process remembers.
CAPACITY = 10_000
#: Seconds for which Valkey is not asked again after it did not answer.
_PAUSE = 1.0
_VERSION = "access"
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Rights:
    """What the database says of one person."""

    roles: tuple[str, ...]
    grants: tuple[tuple[str, str], ...]
    attributes: dict[str, Any]
    rules: tuple[Rule, ...]
    shares: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    version: str
    until: float
    rights: Rights


_memory: OrderedDict[tuple[str, UUID], _Kept] = OrderedDict()
_lock = threading.Lock()
_down_until = 0.0


def rights_of(user_id: UUID) -> Rights:
    """Answer what somebody may do; asks the database only if nobody remembers.

    Nothing is remembered inside a transaction that changed rights itself: it may yet be taken back.
    """
    if _is_changing():
        return _read(_load(user_id))
    key = (current_schema(), user_id)
    version = _version()
    kept = _memory.get(key)
    if kept is not None and kept.until > time.monotonic() and version in (kept.version, None):
        return kept.rights
    raw = _shared(user_id, version)
    own_for = _OWN if raw is not None else BOUND
    asked = time.monotonic()
    if raw is None:
        raw = _load(user_id)
        _share(user_id, version, raw)
    return _keep(key, _Kept(version or "", asked + own_for, _read(raw)))


def forget(schema: str) -> None:
    """Begin a new version of a tenant's rights, for every process."""
    with _lock:
        for key in [key for key in _memory if key[0] == schema]:
            del _memory[key]
    if schema == current_schema():
        _ask(lambda: cache.set(_VERSION, secrets.token_hex(8), _DAY))
    else:
        _ask(lambda: _in(schema, lambda: cache.set(_VERSION, secrets.token_hex(8), _DAY)))


def _in(schema: str, call: Any) -> None:
    """Do something with the cache of a tenant that the connection has left already."""
    tenant = type("Left", (), {"schema_name": schema, "slug": schema})()
    with use_tenant(tenant):
        call()


def _is_changing() -> bool:
    """Tell whether the open transaction changed rights."""
    return connection.in_atomic_block and any(isinstance(call[1], Forget) for call in connection.run_on_commit)


def _keep(key: tuple[str, UUID], kept: _Kept) -> Rights:
    with _lock:
        _memory[key] = kept
        _memory.move_to_end(key)
        while len(_memory) > CAPACITY:
            _memory.popitem(last=False)
    return kept.rights


# --- Valkey -------------------------------------------------------------------------------------------------------


def _ask(call: Any) -> Any:
    """Ask Valkey; None if it does not answer, and then not again for a moment."""
    global _down_until
    if time.monotonic() < _down_until:
        return None
    try:
        return call()
    except (RedisError, ConnectionInterrupted, OSError):
        _down_until = time.monotonic() + _PAUSE
        return None


def _version() -> str | None:
    """Answer the version of the tenant's rights; None if Valkey does not say."""
    found = _ask(lambda: cache.get(_VERSION))
    if found is None:
        _ask(lambda: cache.add(_VERSION, secrets.token_hex(8), _DAY))
        found = _ask(lambda: cache.get(_VERSION))
    return found  # type: ignore[no-any-return]


def _shared(user_id: UUID, version: str | None) -> dict[str, Any] | None:
    found = _ask(lambda: cache.get(f"{_VERSION}:{version}:{user_id}")) if version else None
    return json.loads(found) if found else None


def _share(user_id: UUID, version: str | None, raw: dict[str, Any]) -> None:
    if version:
        _ask(lambda: cache.set(f"{_VERSION}:{version}:{user_id}", json.dumps(raw), _SHARED))


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def _load(user_id: UUID) -> dict[str, Any]:
    """Read everything in one query: roles, what they grant, attributes, policies, and what kinds are shared."""
    holder = {"assignments__user_id": user_id}
    one = Role.objects.because("what somebody may do").order_by("pk")[:1]
    found = one.values_list(
        ArraySubquery(Role.objects.because("what somebody may do").filter(**holder).order_by("slug").values("slug")),
        ArraySubquery(_pairs(user_id)),
        ArraySubquery(_attributes(user_id)),
        ArraySubquery(_policies()),
        ArraySubquery(_kinds(UserObjectPermission.objects.filter(user_id=user_id), Value(""))),
        ArraySubquery(_kinds(GroupObjectPermission.objects.filter(group__user=user_id), Cast("group_id", CharField()))),
    ).first()
    names = ("roles", "grants", "attributes", "policies", "own_shares", "group_shares")
    return dict(zip(names, found or [[]] * len(names), strict=True))


def _pairs(user_id: UUID) -> QuerySet[Any]:
    rows = (
        RolePermission.objects.because("what somebody may do").filter(role__assignments__user_id=user_id).order_by("pk")
    )
    return rows.values(pair=JSONObject(permission="permission", scope="scope"))


def _attributes(user_id: UUID) -> QuerySet[Any]:
    rows = SubjectAttribute.objects.because("what somebody may do").filter(user_id=user_id).order_by("name")
    return rows.values(pair=JSONObject(name="name", kind="kind", value="value"))


def _policies() -> QuerySet[Any]:
    rows = Policy.objects.filter(enabled=True).order_by("name")
    return rows.values(
        policy=JSONObject(name="name", effect="effect", resource="resource", actions="actions", condition="condition")
    )


def _kinds(rows: QuerySet[Any], holder: Any) -> QuerySet[Any]:
    kind = (F("permission__content_type__app_label"), Value("."), F("permission__codename"))
    name = Concat(holder, Value(":"), *kind, output_field=CharField())
    return rows.order_by().values(kind=name).distinct()


def _read(raw: dict[str, Any]) -> Rights:
    return Rights(
        roles=tuple(raw["roles"]),
        grants=tuple((pair["permission"], pair["scope"]) for pair in raw["grants"]),
        attributes={one["name"]: _typed(one["kind"], one["value"]) for one in raw["attributes"]},
        rules=tuple(_rule(policy) for policy in raw["policies"]),
        shares=frozenset([*raw["own_shares"], *raw["group_shares"]]),
    )


def _rule(policy: dict[str, Any]) -> Rule:
    permissions = frozenset(f"{policy['resource']}.{action}" for action in policy["actions"])
    return Rule(policy["name"], policy["effect"] == Policy.Effect.ALLOW, permissions, policy["condition"])


def _typed(kind: str, value: str) -> Any:
    if kind == SubjectAttribute.Kind.NUMBER:
        return Decimal(value)
    return value == "true" if kind == SubjectAttribute.Kind.BOOL else value
