"""Every way into the platform, with the permission that it declares; a way that declares none is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import graphene
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from rustok.kernel.access import AUTHENTICATED, PUBLIC
from rustok.kernel.edges.admin import Admin
from rustok.kernel.edges.graphql import Field, Mutation
from rustok.kernel.edges.rest import Endpoint

__all__ = ["Entry", "audit"]

#: Views under `/api/` that are no endpoints: the GraphQL view checks each field, the others describe the API.
_BARE = {"graphql_view", "SpectacularJSONAPIView", "SpectacularSwaggerSplitView", "SpectacularSwaggerView", "not_found"}


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
    """List every REST method, GraphQL root field and admin page."""
    entries = [*_rest(), *_graphql(), *_admin()]
    return [Entry(e.edge, e.path, e.permission, _roles(e.permission)) for e in entries]


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, where)
        elif isinstance(pattern, URLPattern):
            yield where, pattern.callback


def _rest() -> Iterator[Entry]:
    for path, callback in _walk(get_resolver().url_patterns):
        if not path.lstrip("^").startswith("api/"):
            continue
        view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
        if view is None or not issubclass(view, Endpoint):
            name = view.__name__ if view else callback.__name__
            if name not in _BARE:
                yield Entry("rest", f"/{path} ({name})", None)
            continue
        instance = view()
        for method in instance.allowed_methods:
            if method != "OPTIONS":
                yield Entry("rest", f"{method} /{path}", instance.permission_for(method))


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


def _admin() -> Iterator[Entry]:
    for model, page in admin.site._registry.items():
        declared = f"{page.resource}.read" if isinstance(page, Admin) else None
        yield Entry("admin", f"{model._meta.label} ({type(page).__name__})", declared)


def _roles(permission: str | None) -> str:
    from apps.rbac.public import BUILT_IN

    if permission is None:
        return "—"
    if permission == PUBLIC:
        return "anybody"
    if permission == AUTHENTICATED:
        return "anybody logged in"
    manage = f"{permission.partition('.')[0]}.manage"
    return ", ".join(slug for slug, (_, granted) in BUILT_IN.items() if permission in granted or manage in granted)
