"""Which tenant the work belongs to: one connection, one schema, no default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

__all__ = ["PUBLIC", "NoTenant", "Tenant", "WrongTenant", "current_schema", "current_tenant", "use_tenant"]

PUBLIC = "public"


class WrongTenant(RuntimeError):
    """An object of one tenant met the context of another: a defect, never a user's mistake."""


class NoTenant(RuntimeError):
    """This needs a tenant, and none is set."""


class Tenant(Protocol):
    """What the kernel knows of a tenant; `apps.tenant` owns the table."""

    id: UUID
    slug: str
    schema_name: str
    name: str
    default_locale: str
    default_currency: str
    timezone: str
    theme: dict[str, Any]
    limits: dict[str, Any]
    staff_second_factor: bool
    version: int

    @property
    def locales(self) -> Sequence[str]:
        """Its languages, the default first; nobody changes the list."""

    @property
    def currencies(self) -> Sequence[str]:
        """Its currencies, the default first."""

    @property
    def disabled_modules(self) -> Sequence[str]:
        """Slugs of the modules that are switched off."""

    @property
    def cors_origins(self) -> Sequence[str]:
        """Origins whose scripts may call its API."""


def current_schema() -> str:
    """Name the schema that this thread's connection works in."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    return schema


def current_tenant() -> Tenant:
    """Answer the tenant of this thread's connection.

    :raises NoTenant: in the public schema
    """
    tenant = connection.tenant  # type: ignore[attr-defined]
    if tenant is None or not hasattr(tenant, "slug"):
        raise NoTenant("no tenant is set for this connection")
    return tenant  # type: ignore[no-any-return]


@contextmanager
def use_tenant(tenant: Tenant | None) -> Iterator[None]:
    """Work in a tenant's schema inside the block (in `public` for None), and restore what was before."""
    before = connection.tenant  # type: ignore[attr-defined]
    _set(tenant)
    try:
        yield
    finally:
        _set(before if getattr(before, "schema_name", PUBLIC) != PUBLIC else None)


def _set(tenant: Any) -> None:
    if tenant is None:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    else:
        connection.set_tenant(tenant)  # type: ignore[attr-defined]
