"""Writes by those who may only write some objects: what they leave behind must still be theirs.

`authorize` notes every permission to write that reaches some objects and not others (own, by policy, by a grant), and
the object if there is one; saving, adding, changing and deleting rows notes the rows. Before the transaction ends, and
before each savepoint in it does, the database backend looks at them as they are then: if one is no longer
the writer's own, nothing is written. So no service can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model

from rustok.kernel import access
from rustok.kernel.access import Actor, OutsideOwnScope
from rustok.kernel.tenancy import current_schema, current_tenant, use_tenant

__all__ = ["deleting", "wrote"]

_Key = tuple[str, Any, str, type[Model]]


@dataclass(slots=True)
class _Watched:
    """What one transaction has to show before it ends."""

    #: Permissions that reach some objects only: who, and of which tenant.
    permissions: dict[tuple[str, Any, str], tuple[Actor, Any]] = field(default_factory=dict)
    rows: dict[_Key, set[Any]] = field(default_factory=dict)
    #: Rows that were touched since they were last looked at.
    fresh: dict[_Key, set[Any]] = field(default_factory=dict)

    def check(self, *, last: bool) -> None:
        """Look at what was touched since the last time; at the end of the transaction, at everything.

        :raises OutsideOwnScope: if a row is not the writer's own any more
        """
        rows, self.fresh = (self.rows if last else self.fresh), {}
        for key, pks in rows.items():
            if pks and _outside(self, key, pks):
                raise OutsideOwnScope()


def _watched() -> _Watched | None:
    found: _Watched | None = getattr(connection, "watched_writes", None)
    return found


def _watch(actor: Actor, permission: str, obj: Model | None) -> None:
    """Note a permission that reaches some objects only; outside of a transaction there is nothing to end."""
    if not connection.is_in_transaction:  # type: ignore[attr-defined]
        return
    watched = _watched()
    if watched is None:
        watched = connection.watched_writes = _Watched()  # type: ignore[attr-defined]
    key = (current_schema(), actor.id, permission)
    watched.permissions[key] = (actor, current_tenant())
    if obj is not None and obj.pk is not None:
        _note(watched, key, type(obj), [obj.pk])


access.watch_with(_watch)


def _note(watched: _Watched, key: tuple[str, Any, str], model: type[Model], pks: Iterable[Any]) -> None:
    for kept in (watched.rows, watched.fresh):
        kept.setdefault((*key, model), set()).update(pks)


def _concerned(model: type[Model], actions: Iterable[str]) -> list[tuple[str, Any, str]]:
    """List the watched permissions to do one of some actions with objects of a model."""
    watched = _watched()
    resources = getattr(model, "policy_resources", ())
    if watched is None or not resources:
        return []
    wanted = {f"{resource}.{action}" for resource in resources for action in actions}
    return [key for key in watched.permissions if key[0] == current_schema() and key[2] in wanted]


def wrote(model: type[Model], pks: Callable[[], Iterable[Any]], *, added: bool) -> None:
    """Note rows that were added or changed."""
    keys = _concerned(model, ("create", "import", "manage")) if added else []
    keys = keys or _concerned(model, ("update", "import", "manage"))
    watched = _watched()
    if keys and watched is not None:
        touched = list(pks())
        for key in keys:
            _note(watched, key, model, touched)


def deleting(model: type[Model], pks: Callable[[], Iterable[Any]]) -> None:
    """Look at rows before they are gone.

    :raises OutsideOwnScope: if one is not the writer's own
    """
    keys = _concerned(model, ("delete", "update", "manage"))
    watched = _watched()
    if keys and watched is not None:
        gone = list(pks())
        may = [key for key in keys if not _outside(watched, (*key, model), gone)]
        if not may:
            raise OutsideOwnScope()


def _outside(watched: _Watched, key: _Key, pks: Iterable[Any]) -> bool:
    """Tell whether one of some rows is there and is not the writer's own; one query."""
    actor, tenant = watched.permissions[key[:3]]
    permission, model = key[2], key[3]
    with use_tenant(tenant):
        rows = model._base_manager.filter(pk__in=list(pks))
        own = access.restrict(actor, model._base_manager.all(), permission)
        return rows.exclude(pk__in=own.values("pk")).exists()
