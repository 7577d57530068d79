"""Every module that can be switched off is switched off, and all that is its is knocked at."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_composite_type,
)

from apps.tenant.public import find
from apps.tenant.services.modules import disable_module
from rustok.kernel.edges.graphql import Field
from rustok.kernel.edges.rest import Endpoint
from rustok.kernel.modules import all_modules, dependents_of, is_enabled, owner_of
from rustok.schema import schema

TOGGLEABLE = [module.slug for module in all_modules() if module.toggleable]
#: They have no edges of their own: others sell with them.
FACELESS = {"payment", "importer", "tax", "shipping"}
SAMPLES = {"uuid": "0190b3a0-0000-7000-8000-000000000000", "int": "1"}


@pytest.fixture(params=TOGGLEABLE)
def off(request: pytest.FixtureRequest, acme: Any, system: Any) -> frozenset[str]:
    """Switch a module off in acme, with all that cannot work without it; answer what is off."""
    disable_module(actor=system, slug=request.param, with_dependencies=True)
    connection.set_tenant(find("acme"))
    return dependents_of(request.param) | {request.param}


# --- REST -------------------------------------------------------------------------------------------------------


def patterns_in(resolver: Any, before: str = "/") -> Iterator[tuple[str, Any]]:
    """Walk every address with a sample for each of its variables, and what answers there."""
    for one in resolver.url_patterns:
        route = before + _sample(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns_in(one, route)
        elif isinstance(one, URLPattern):
            yield route, one.callback


def _sample(pattern: Any) -> str:
    text = str(pattern)
    for name, converter in getattr(pattern, "converters", {}).items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        for spelt in (f"<{kind}:{name}>", f"<{name}>", *_spelt(text, name)):
            text = text.replace(spelt, SAMPLES.get(kind, "sample"))
    return text.lstrip("^")


def _spelt(text: str, name: str) -> list[str]:
    """List how a variable stands in a route, whatever its converter is called."""
    return [part for part in text.replace("<", " <").replace(">", "> ").split() if part.endswith(f":{name}>")]


def endpoints() -> list[tuple[str, type[Endpoint]]]:
    views = [(route, getattr(view, "view_class", None) or getattr(view, "cls", None)) for route, view in all_patterns()]
    return [(route, view) for route, view in views if view and issubclass(view, Endpoint)]


def all_patterns() -> list[tuple[str, Any]]:
    return list(patterns_in(get_resolver()))


def test_no_address_of_the_api_answers(off, api):
    client, knocked = api(), set()
    for route, view in endpoints():
        if not off & {owner_of(view), *view.needs}:
            continue
        knocked.add(owner_of(view))
        for method in sorted(set(view.http_method_names) & {"get", "post", "put", "patch", "delete"}):
            if hasattr(view, method):
                answer = getattr(client, method)(route)
                assert (answer.status_code, answer.json()["code"]) == (404, "module_disabled"), f"{method} {route}"
    with_rest = {module.slug for module in all_modules() if find_spec(f"{module.name}.rest")}
    assert off & with_rest <= knocked


def test_nothing_is_learnt_of_permissions_where_a_module_is_off(acme, system, api):
    disable_module(actor=system, slug="product", with_dependencies=True)
    refused = api().post("/api/v1/products/", {})
    assert (refused.status_code, refused.json()["code"]) == (404, "module_disabled")
    assert "WWW-Authenticate" not in refused


# --- GraphQL ----------------------------------------------------------------------------------------------------


def literal(kind: Any) -> str:
    """Write a value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        given = {name: field.type for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{name}: {literal(of)}" for name, of in given.items()) + "}"
    return {"Int": "1", "Float": "1.0", "Boolean": "true"}.get(kind.name, '"sample"')


def ask(root: str, name: str) -> str:
    """Write a document that asks for one root field."""
    field = getattr(schema.graphql_schema, f"{root}_type").fields[name]
    needed = {key: arg.type for key, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull)}
    arguments = ", ".join(f"{key}: {literal(kind)}" for key, kind in needed.items())
    below = "{ __typename }" if is_composite_type(get_named_type(field.type)) else ""
    return f"{root} {{ {name}{f'({arguments})' if arguments else ''} {below} }}"


def roots_of(module: Any) -> Iterator[tuple[str, str, set[str]]]:
    """List a module's root fields: query or mutation, name, and the modules that it cannot answer without."""
    if not find_spec(f"{module.name}.schema"):
        return
    parts = import_module(f"{module.name}.schema")
    for root, part in (("query", getattr(parts, "Query", None)), ("mutation", getattr(parts, "Mutations", None))):
        for name, field in part._meta.fields.items() if part else ():
            needs = field.needs if isinstance(field, Field) else _mutation(field).needs
            yield root, schema.graphql_schema and _camel(name), {module.slug, *needs}


def _mutation(field: Any) -> Any:
    return field.resolver.__self__


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_no_root_field_of_graphql_answers(off, api):
    client, asked = api(), 0
    for module in all_modules():
        for root, name, needs in roots_of(module):
            if off & needs:
                said = client.graphql(ask(root, name))
                assert [error["extensions"]["code"] for error in said["errors"]] == ["module_disabled"], (name, said)
                asked += 1
    with_schema = {module.slug for module in all_modules() if find_spec(f"{module.name}.schema")}
    assert asked or not off & with_schema


# --- admin ------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(admin_user: Any) -> Client:
    """A browser in acme's back office."""
    client = Client(HTTP_HOST="acme.localhost")
    client.force_login(admin_user)
    return client


def inside(act: Any) -> Any:
    """Do a request, and come back to the tenant that the test works in."""
    before = connection.tenant
    try:
        return act()
    finally:
        connection.set_tenant(before)


def test_no_page_of_the_admin_opens_and_no_menu_leads_there(off, office):
    index = inside(lambda: office.get("/admin/"))
    assert index.status_code == 200
    for model, page in admin.site._registry.items():
        if owner_of(type(page)) not in off:
            continue
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for route in (path, f"{path}add/", f"{path}{SAMPLES['uuid']}/change/"):
            assert inside(lambda route=route: office.get(route)).status_code in (403, 404), route
        assert f'href="{path}"'.encode() not in index.content, path
    for term in ("blog", "order", "product"):
        found = inside(lambda term=term: office.get("/admin/search/", {"s": term, "extended": "1"}))
        assert found.status_code == 200


# --- the storefront ---------------------------------------------------------------------------------------------


def test_no_page_of_the_storefront_shows_it(off, acme):
    visitor = Client(HTTP_HOST="acme.localhost")
    for route, view in all_patterns():
        if off & set(getattr(view, "needs", ())) and "<" not in route:
            answer = inside(lambda route=route: visitor.get(route))
            assert answer.status_code == 404, route


def test_the_rest_of_the_platform_answers(off, api, office):
    visitor = Client(HTTP_HOST="acme.localhost")
    for route in ("/", "/search/?q=tent", "/account/login/", "/de/"):
        answer = inside(lambda route=route: visitor.get(route))
        assert answer.status_code == (404 if "storefront" in off else 200), route
    assert api().get("/api/v1/search/?q=tent").status_code == 200
    assert api().get("/api/v1/search/suggest/?q=tent").status_code == 200
    assert api().graphql('{ search(q: "tent") { content { id } products { totalCount } } }').get("errors") is None
    assert inside(lambda: office.get("/admin/tenant/module/")).status_code == 200
    assert inside(lambda: office.get("/api/openapi.json")).status_code == 200
    for route in ("/api/v1/categories/", "/api/v1/modules/", "/admin/media/asset/"):
        assert inside(lambda route=route: office.get(route)).status_code in (200, 401), route


def test_every_toggleable_module_with_a_face_is_walked():
    faces = {owner_of(view) for _route, view in endpoints()}
    faces |= {owner_of(type(page)) for page in admin.site._registry.values()}
    faces |= {slug for _route, view in all_patterns() for slug in getattr(view, "needs", ())}
    assert set(TOGGLEABLE) - faces - FACELESS == {"storefront"}


def test_what_is_off_stays_off_for_staff_too(acme, system, api, admin_user):
    client = api(admin_user)
    disable_module(actor=system, slug="blog")
    assert client.get("/api/v1/posts/").json()["code"] == "module_disabled"
    assert client.get("/api/v1/nodes/?kind=post").json()["code"] == "module_disabled"
    said = client.post("/api/v1/nodes/", {"kind": "post", "translations": {"en": {"title": "Late"}}})
    assert said.json()["code"] == "module_disabled"
    connection.set_tenant(find("acme"))
    assert not is_enabled("blog")
