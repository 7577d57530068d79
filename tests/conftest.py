"""Fixtures of every test: a cloned database, two standing tenants, four actors, clients, and event delivery."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from tests import database


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Give this worker its own copy of the template database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"rustok_test_{os.environ.get('TEST_RUN', 'run')}_{worker}"
    with django_db_blocker.unblock():
        database.fresh(name)
        settings.CACHES["default"]["KEY_PREFIX"] = caches["default"].key_prefix = name
    yield
    with django_db_blocker.unblock():
        database.drop(name)


@pytest.fixture(autouse=True)
def _forget_resolved_tenants() -> None:
    """Let no answer of the tenant resolver outlive a test."""
    from apps.tenant.public import forget

    forget()


@pytest.fixture(autouse=True)
def _resolved_tenants_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer of the tenant resolver grow old within a test: looking again would count as the test's queries."""
    from apps.tenant.resolver import snapshot

    monkeypatch.setattr(snapshot, "STALE", 600.0)


@pytest.fixture(autouse=True)
def _stated_reason() -> Iterator[None]:
    """Let tests read protected rows; a request that a test sends is work of its own, and may not."""
    from rustok.kernel.context import because

    with because("tests"):
        yield


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database in which transactions really commit, thrown away afterwards: for threads and processes."""
    name = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        yield name
        database.fresh(name)


def _enter(slug: str) -> Iterator[Any]:
    from apps.tenant.public import find, use_tenant

    tenant = find(slug)
    with use_tenant(tenant):
        yield tenant


@pytest.fixture
def acme(db: None) -> Iterator[Any]:
    """Work in the tenant acme (en, de; USD, EUR)."""
    yield from _enter("acme")


@pytest.fixture
def globex(db: None) -> Any:
    """The other tenant; not entered."""
    from apps.tenant.public import find

    return find("globex")


# --- actors -----------------------------------------------------------------------------------------------------


def make_user(email: str, *, role: str | None = None, is_staff: bool = False) -> Any:
    """Create a user of the current tenant with a role."""
    from apps.accounts.public import create_user
    from apps.rbac.public import assign_role
    from rustok.kernel.access import Actor

    system = Actor.system("tests")
    user = create_user(actor=system, email=email, password="correct-horse-9", is_staff=is_staff)
    if role:
        assign_role(actor=system, user_id=user.pk, role=role)
    return user


@pytest.fixture
def customer(acme: Any) -> Any:
    """A customer of acme."""
    return make_user("customer@acme.test")


@pytest.fixture
def manager(acme: Any) -> Any:
    """A manager of acme."""
    return make_user("manager@acme.test", role="manager", is_staff=True)


@pytest.fixture
def admin_user(acme: Any) -> Any:
    """An admin of acme."""
    return make_user("admin@acme.test", role="admin", is_staff=True)


@pytest.fixture
def actor() -> Callable[[Any], Any]:
    """Turn a user into an actor."""
    from rustok.kernel.access import actor_for

    return actor_for


@pytest.fixture
def system() -> Any:
    """The platform itself."""
    from rustok.kernel.access import Actor

    return Actor.system("tests")


# --- clients ----------------------------------------------------------------------------------------------------


class TenantClient(Client):
    """A browser at a host; between its requests the test stays in the tenant that it works in."""

    def __init__(self, host: str = "acme.localhost", user: Any = None, **options: Any) -> None:
        super().__init__(HTTP_HOST=host, **options)
        if user is not None:
            self.enter(user)

    def enter(self, user: Any) -> None:
        """Be logged in as somebody."""
        self.force_login(user, backend="apps.accounts.backends.EmailBackend")

    def request(self, **request: Any) -> Any:
        """Serve a request, and come back."""
        from django.db import connection

        before = connection.tenant
        try:
            return super().request(**request)
        finally:
            if getattr(before, "schema_name", "public") == "public":
                connection.set_schema_to_public()
            else:
                connection.set_tenant(before)


class ApiClient(TenantClient):
    """A JSON client of one tenant, with a bearer token when it is logged in."""

    def __init__(self, host: str, user: Any = None) -> None:
        super().__init__(host)
        if user is not None:
            answer = self.post("/api/v1/auth/login/", {"email": user.email, "password": "correct-horse-9"})
            assert answer.status_code == 200, answer.content
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {answer.json()['access']}"

    def _json(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        kwargs.setdefault("content_type", "application/json")
        return kwargs

    def post(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        """POST JSON."""
        return super().post(path, data if data is not None else {}, **self._json(kwargs))

    def patch(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        """PATCH JSON."""
        return super().patch(path, data if data is not None else {}, **self._json(kwargs))

    def put(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        """PUT JSON."""
        return super().put(path, data if data is not None else {}, **self._json(kwargs))

    def graphql(self, query: str, **variables: Any) -> Any:
        """Run a GraphQL document; answer the JSON body."""
        return self.post("/api/graphql/", {"query": query, "variables": variables}).json()


@pytest.fixture
def api(acme: Any) -> Callable[..., ApiClient]:
    """Make a client of acme (or of `host`), logged in as `user`."""

    def make(user: Any = None, host: str = "acme.localhost") -> ApiClient:
        return ApiClient(host, user)

    return make


# --- events -----------------------------------------------------------------------------------------------------


def claims_of(tenant_id: Any) -> list[Any]:
    """Claim what is due of a tenant, as a relay would."""
    from apps.outbox.services import Position, claim

    return claim(tenant_id, after=Position(), limit=1_000)[0]


@pytest.fixture
def deliver_events() -> Callable[[], int]:
    """Run every due delivery here and now, as relay and worker would; answer how many were done."""

    def run() -> int:
        from apps.outbox import services

        done = 0
        while claims := [claim for tenant in services.tenants_with_work() for claim in claims_of(tenant)]:
            done += sum(services.deliver(claim.id) for claim in claims)
        return done

    return run


@pytest.fixture
def events_of(acme: Any) -> Callable[[str], list[dict[str, Any]]]:
    """List the payloads of the events of one type that acme's outbox holds, oldest first."""

    def read(event_type: str) -> list[dict[str, Any]]:
        from apps.outbox.models import OutboxEvent

        rows = OutboxEvent.objects.filter(tenant_id=acme.pk, event_type=event_type).order_by("id")
        return [row.payload for row in rows]

    return read


@pytest.fixture(autouse=True)
def _forget_limits(request: pytest.FixtureRequest) -> None:
    """Let no count of tries outlive a test; a tenant's counts are only reached from inside it."""
    if {"api", "acme"} & set(request.fixturenames):
        request.getfixturevalue("acme")
        caches["limits"].clear()
        caches["default"].delete_pattern("count:*")
        caches["default"].delete_pattern("attempts:*")


@pytest.fixture(autouse=True)
def _forget_floods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no count of log entries outlive a test: what a minute of others' refusals used up would be missing."""
    from apps.audit.recorder import Flood
    from rustok.kernel import audit

    monkeypatch.setattr(audit._recorder[0], "flood", Flood())


# --- events -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scratch_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with no events, upcasters and handlers at all; what a test registers is gone after it."""
    from rustok.kernel import events

    for registry in ("_types", "_latest", "_upcasters", "_handlers", "_by_event"):
        monkeypatch.setattr(events, registry, {})
