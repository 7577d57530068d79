"""Every way into the platform, with the permission that it declares; a way that declares none is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import graphene
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from rustok.kernel.access import AUTHENTICATED, PUBLIC, check_permission_name
from rustok.kernel.edges.admin import Admin
from rustok.kernel.edges.declared import CHECKED_BY_ADMIN, STAFF, declaration_of, of_admin_url
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.panels import every_panel
from rustok.kernel.edges.rest import Endpoint
from rustok.kernel.events import handlers

__all__ = ["Entry", "audit", "walk"]

#: What the platform does by itself, for a stated reason.
_OWN_WORK = ("task", "timer", "handler")
#: What Django's own action permissions stand for.
_ACTIONS = {"view": "read", "add": "create", "change": "update", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in."""

    edge: str
    path: str
    permission: str | None
    roles: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Answer it for JSON."""
        return asdict(self)


def audit() -> list[Entry]:
    """List every REST method, GraphQL root field, admin page, action and panel, view, task, timer and handler.

    What asks for a permission that there is not declares none.
    """
    entries = [*_web(), *_graphql(), *_admin(), *_panels(), *_tasks(), *_handlers()]
    checked = [Entry(e.edge, e.path, e.permission if _is_known(e) else None) for e in entries]
    return [Entry(e.edge, e.path, e.permission, _roles(e.edge, e.permission)) for e in checked]


def _is_known(entry: Entry) -> bool:
    """Tell whether there is what a way in asks for."""
    if entry.permission is None or entry.edge in _OWN_WORK or entry.permission in (STAFF, "each method"):
        return True
    try:
        return all(check_permission_name(name) for name in entry.permission.split(", "))
    except ValueError:
        return False


def walk(patterns: list[Any], prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, URLPattern]]:
    """Walk all URLs: the route, the namespaces that it is in, and its pattern."""
    for pattern in patterns:
        where = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from walk(pattern.url_patterns, where, inner)
        elif isinstance(pattern, URLPattern):
            yield where, spaces, pattern


def _web() -> Iterator[Entry]:
    """List REST methods, and views that are no endpoints."""
    for path, spaces, pattern in walk(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        if view is not None and issubclass(view, Endpoint):
            instance = view()
            for method in instance.allowed_methods:
                if method != "OPTIONS":
                    yield Entry("rest", f"{method} /{path}", instance.permission_for(method))
        elif spaces[:1] == (CHECKED_BY_ADMIN,):
            yield Entry("admin", f"/{path}", of_admin_url(path, pattern.name or ""))
        else:
            yield Entry("view", f"/{path}", declaration_of(pattern.callback))


def _graphql() -> Iterator[Entry]:
    from rustok.schema import schema

    for root in (schema.query, schema.mutation):
        for name, field in (root._meta.fields if root else {}).items():
            declared: str | None = getattr(field, "permission", None) if isinstance(field, Field) else None
            if isinstance(field, graphene.Field) and isinstance(getattr(field, "_type", None), type):
                payload = field._type
                if issubclass(payload, Mutation):
                    declared = payload.permission
            yield Entry("graphql", f"{root._meta.name}.{name}", declared)


# --- the back office --------------------------------------------------------------------------------------------------


def _admin() -> Iterator[Entry]:
    """List the pages' bulk actions, and pages that do not build on ours."""
    for model, page in admin.site._registry.items():
        if not isinstance(page, Admin):
            yield Entry("admin", f"{model._meta.label} ({type(page).__name__})", None)
            continue
        for function, name, _description in page._get_base_actions():
            if name != "delete_selected":  # never offered: it asks no service
                wanted = getattr(function, "allowed_permissions", None)
                declared = [f"{page.resource}.{_ACTIONS.get(one, one)}" for one in wanted or ()]
                yield Entry("action", f"{model._meta.label}: {name}", ", ".join(declared) or None)


def _panels() -> Iterator[Entry]:
    """List the panels of the first page."""
    for one in every_panel():
        yield Entry("panel", one.name, one.permission)


# --- what works with nobody asking ------------------------------------------------------------------------------------


def _tasks() -> Iterator[Entry]:
    from rustok.celery import DeclaredTask, app

    app.loader.import_default_modules()
    for name, task in sorted(app.tasks.items()):
        if not name.startswith("celery."):
            reason = getattr(task, "runs_as", "") if isinstance(task, DeclaredTask) else ""
            yield Entry("task", name, f"system: {reason}" if reason else None)
    for name, job in sorted(settings.CELERY_BEAT_SCHEDULE.items()):
        reason = getattr(app.tasks.get(str(job["task"])), "runs_as", "")
        yield Entry("timer", f"{name}: {job['task']}", f"system: {reason}" if reason else None)


def _handlers() -> Iterator[Entry]:
    for name, handler in sorted(handlers().items()):
        yield Entry("handler", name, f"system: {handler.runs_as}" if handler.runs_as else None)


def _roles(edge: str, permission: str | None) -> str:
    from apps.rbac.public import BUILT_IN

    if permission is None:
        return "—"
    if edge in _OWN_WORK:
        return "nobody: the platform itself"
    if permission in (PUBLIC, AUTHENTICATED, STAFF):
        return {PUBLIC: "anybody", AUTHENTICATED: "anybody logged in", STAFF: "anybody who may use the back office"}[
            permission
        ]
    manage = f"{permission.partition('.')[0]}.manage"
    return ", ".join(slug for slug, (_, granted) in BUILT_IN.items() if permission in granted or manage in granted)
