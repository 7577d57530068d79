"""Trying every way in as somebody whom it is not for: nobody, a customer, staff without a role, a foreign admin.

Two throw-away tenants are made inside a transaction that is rolled back, as is what each request does.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django_redis import get_redis_connection
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_named_type, is_leaf_type

from rustok.access_audit.ways_in import Entry, audit
from rustok.kernel.access import AUTHENTICATED, PUBLIC, Actor, actor_for, allows
from rustok.kernel.tenancy import use_tenant

__all__ = ["Finding", "probe"]

_PASSWORD = "probe-" + secrets.token_hex(12)
_REFUSED = {401, 403, 404}
_CODES = {"unauthenticated", "forbidden", "not_found", "invalid_token", "module_disabled"}
_VALUES: dict[str, Callable[[], str]] = {"uuid": lambda: str(uuid4()), "int": lambda: "999999"}
_PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")


@dataclass(frozen=True, slots=True)
class Finding:
    """What happened to one person at one way in."""

    entry: Entry
    who: str
    answer: str
    ok: bool

    def as_dict(self) -> dict[str, Any]:
        """Answer it for JSON."""
        return self.entry.as_dict() | {"who": self.who, "answer": self.answer, "ok": self.ok}


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody who tries, with the means of logging in over the APIs and in a browser."""

    name: str
    headers: dict[str, str]
    cookies: dict[str, str]
    may: Callable[[str], bool]
    at_home: bool = True


def probe() -> list[Finding]:
    """Try everything as everybody; nothing of it stays."""
    found: list[Finding] = []
    name = f"probe-{secrets.token_hex(4)}"
    try:
        with override_settings(**_settings()), _silence(), transaction.atomic():
            host, people = _scene(name)
            for entry in audit():
                found.extend(_try(entry, host, people))
            transaction.set_rollback(True)
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        _forget(name)
    return found


def _settings() -> dict[str, Any]:
    """Answer settings for trying much, and fast; none of them is about access."""
    return {
        "RATE_LIMITS": {policy: dict.fromkeys(rules, "1000000/s") for policy, rules in settings.RATE_LIMITS.items()},
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "DEBUG": False,
    }


def _forget(name: str) -> None:
    """Delete what the throw-away tenants left in Valkey; the database forgets them by itself."""
    client = get_redis_connection("default")
    for key in client.scan_iter(f"*{name}*", count=1000):
        client.delete(key)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep refusals out of the log: they are what is hoped for."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _scene(name: str) -> tuple[str, list[_Person]]:
    from apps.tenant.public import create_tenant

    tenants = [
        create_tenant(
            actor=Actor.system("audit_access"), slug=f"{name}-{n}", name="Probe", domains=[f"{name}-{n}.localhost"]
        )
        for n in range(2)
    ]
    people = [
        _Person("anonymous", {}, {}, lambda permission: False),
        _person("customer", tenants[0], f"{name}-0.localhost", is_staff=False),
        _person("staff without a role", tenants[0], f"{name}-0.localhost", is_staff=True),
        _person("foreign admin", tenants[1], f"{name}-1.localhost", is_staff=True, role="admin", foreign=True),
    ]
    # nothing of this is ever committed; as long as it waits for that, nobody's rights are remembered
    connection.run_on_commit.clear()
    return f"{name}-0.localhost", people


def _person(
    name: str, tenant: Any, host: str, *, is_staff: bool, role: str = "", foreign: bool = False
) -> _Person:  # fmt: skip
    from apps.accounts.public import create_user
    from apps.rbac.public import assign_role

    system = Actor.system("audit_access")
    with use_tenant(tenant):
        email = f"{secrets.token_hex(4)}@probe.test"
        user = create_user(actor=system, email=email, password=_PASSWORD, is_staff=is_staff)
        if role:
            assign_role(actor=system, user_id=user.pk, role=role)
        client = Client(HTTP_HOST=host)
        client.force_login(user, backend="apps.accounts.backends.EmailBackend")
        cookies = {key: morsel.value for key, morsel in client.cookies.items()}
        actor = actor_for(get_user_model()._base_manager.get(pk=user.pk))
    answer = Client(HTTP_HOST=host).post(
        "/api/v1/auth/login/", json.dumps({"email": email, "password": _PASSWORD}), "application/json",
        secure=settings.HTTPS,
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {answer.json()['access']}"}

    def may(permission: str) -> bool:
        if foreign:
            return False
        with use_tenant(tenant):
            return allows(actor, permission)

    return _Person(name, headers, cookies, may, at_home=not foreign)


def _try(entry: Entry, host: str, people: list[_Person]) -> Iterator[Finding]:
    if entry.permission is None:
        return
    attempt = {"rest": _rest, "graphql": _graphql, "admin": _admin, "view": _view}.get(entry.edge)
    for person in people if attempt is not None else ():
        yield _as(person, entry, host, attempt)  # type: ignore[arg-type]


def _as(person: _Person, entry: Entry, host: str, attempt: Any) -> Finding:
    """Try one way in as one person, and undo what it did."""
    with transaction.atomic():
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        answer, ok = attempt(person, entry, host)
        transaction.set_rollback(True)
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return Finding(entry, person.name, answer, ok)


@cache
def _handler() -> ClientHandler:
    """Keep one for all clients: each would load the middleware anew, and look through all static files."""
    return ClientHandler(enforce_csrf_checks=False)


def _client(host: str, cookies: dict[str, str] | None = None) -> Client:
    client = Client(HTTP_HOST=host, raise_request_exception=False)
    client.handler = _handler()
    for name, value in (cookies or {}).items():
        client.cookies[name] = value
    return client


def _filled(route: str) -> str:
    """Answer a route with plausible values in it."""
    plain = re.sub(r"\(\?P<\w+>[^)]*\)", "nothing-here", route).rstrip("$").replace("\\Z", "")
    return _PARAMETER.sub(_value, plain)


def _value(match: re.Match[str]) -> str:
    make = _VALUES.get(match.group(1) or "")
    return make() if make is not None else "nothing-here"


def _may_pass(person: _Person, permission: str) -> bool:
    if permission == PUBLIC:
        return True
    if permission == AUTHENTICATED:
        return person.at_home and bool(person.headers)
    return person.may(permission)


def _rest(person: _Person, entry: Entry, host: str) -> tuple[str, bool]:
    method, _, route = entry.path.partition(" ")
    answer = _client(host).generic(
        method, _filled(route), b"{}", content_type="application/json", headers=person.headers, secure=settings.HTTPS
    )
    passes = _may_pass(person, str(entry.permission))
    return str(answer.status_code), answer.status_code < 500 and (passes or answer.status_code in _REFUSED)


def _view(person: _Person, entry: Entry, host: str) -> tuple[str, bool]:
    answer = _client(host, person.cookies).get(_filled(entry.path), secure=settings.HTTPS)
    passes = _may_pass(person, str(entry.permission))
    return str(answer.status_code), answer.status_code < 500 and (passes or answer.status_code in {302, *_REFUSED})


def _admin(person: _Person, entry: Entry, host: str) -> tuple[str, bool]:
    """Staff pages: the login is the answer to everybody else, and a refusal to staff without the permission."""
    path, permission = _filled(entry.path), str(entry.permission)
    said, fine = [], True
    for method in ("GET", "POST"):
        answer = _client(host, person.cookies).generic(method, path, secure=settings.HTTPS)
        said.append(str(answer.status_code))
        asked_to_log_in = answer.status_code == 302 and "/login/" in answer["Location"]
        inside = person.name == "staff without a role" and (permission == "staff" or person.may(permission))
        open_door = path.endswith(("/login/", "/jsi18n/", "/language/", "/logout/"))
        leads_on = answer.status_code == 302 and answer["Location"].startswith(path)  # the next address refuses
        refused = asked_to_log_in or leads_on or answer.status_code in _REFUSED or answer.status_code == 405
        fine = fine and answer.status_code < 500 and (refused or inside or open_door)
    return "/".join(said), fine


# --- GraphQL ----------------------------------------------------------------------------------------------------------


def _graphql(person: _Person, entry: Entry, host: str) -> tuple[str, bool]:
    document = _document(entry.path)
    answer = _client(host).post(
        "/api/graphql/", json.dumps({"query": document}), "application/json", headers=person.headers,
        secure=settings.HTTPS,
    )  # fmt: skip
    body = answer.json()
    codes = _codes_of(body)
    passes = _may_pass(person, str(entry.permission))
    refused = bool(codes) and codes <= _CODES
    broken = answer.status_code >= 500 or "internal_error" in codes or "graphql_invalid" in codes
    shown = ",".join(sorted(codes)) or str(answer.status_code)
    return shown, not broken and (passes or refused or answer.status_code == 401)


def _codes_of(body: dict[str, Any]) -> set[str]:
    codes = {error.get("extensions", {}).get("code", "") for error in body.get("errors") or ()}
    if "code" in body:
        codes.add(body["code"])
    for value in (body.get("data") or {}).values():
        for error in (value or {}).get("errors") or () if isinstance(value, dict) else ():
            codes.add(error["code"])
    return codes


def _document(path: str) -> str:
    """Write a document that asks for one root field, with plausible arguments."""
    from rustok.schema import schema

    root, _, name = path.partition(".")
    kind = schema.graphql_schema.query_type if root == "Query" else schema.graphql_schema.mutation_type
    camel = re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)
    field = kind.fields[camel]  # type: ignore[union-attr]
    needed = {key: one.type for key, one in field.args.items() if isinstance(one.type, GraphQLNonNull)}
    arguments = ", ".join(f"{key}: {_literal(of)}" for key, of in needed.items())
    named = get_named_type(field.type)
    mutation = root != "Query"
    selection = "" if is_leaf_type(named) else "{ errors { code } }" if mutation else "{ __typename }"
    return f"{'mutation' if mutation else 'query'} {{ {camel}{f'({arguments})' if arguments else ''} {selection} }}"


def _literal(of: Any) -> str:
    """Write a value of an input type, filling in no more than must be."""
    inner = of.of_type if isinstance(of, GraphQLNonNull) else of
    if isinstance(inner, GraphQLList):
        return "[]"
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        needed = {key: one.type for key, one in inner.fields.items() if isinstance(one.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{key}: {_literal(one)}" for key, one in needed.items()) + "}"
    plain = {"Int": "1", "Float": "1.0", "Boolean": "true", "UUID": f'"{uuid4()}"', "ID": f'"{uuid4()}"',
             "DateTime": '"2026-01-01T00:00:00Z"', "Date": '"2026-01-01"'}  # fmt: skip
    return plain.get(inner.name, '"nothing-here"')
