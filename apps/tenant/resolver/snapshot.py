"""What the resolver knows: an immutable copy of a tenant's settings, and how long an answer may be used."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from apps.tenant.models import Tenant

__all__ = ["EARLY", "STALE", "Entry", "Snapshot", "snapshot_of"]

#: Seconds that an answer may be old at most, counted from before PostgreSQL was asked, wherever it was kept meanwhile.
STALE = 5.0
#: Share of that time after which somebody asks again while all others still use the old answer.
EARLY = 0.8


if TYPE_CHECKING:  # the protocol of a tenant says nothing of immutability, and mypy would ask for it

    class _Struct(msgspec.Struct, eq=False, kw_only=True):
        """What mypy sees."""
else:

    class _Struct(msgspec.Struct, frozen=True, eq=False, kw_only=True):
        """What runs: immutable."""


class Snapshot(_Struct, eq=False):
    """A tenant as it was when it was read; nobody changes it, what is in its mappings neither."""

    id: UUID
    slug: str
    schema_name: str
    name: str
    status: str
    default_locale: str
    locales: tuple[str, ...]
    default_currency: str
    currencies: tuple[str, ...]
    timezone: str
    theme: dict[str, Any]
    disabled_modules: tuple[str, ...]
    limits: dict[str, Any]
    cors_origins: tuple[str, ...]
    staff_second_factor: bool
    version: int
    #: The host that its pages are at; empty for none.
    primary_host: str = ""

    @property
    def pk(self) -> UUID:
        """The key, as a model calls it."""
        return self.id

    @property
    def is_platform(self) -> bool:
        """Tell whether this is the operators' own tenant."""
        return self.slug == "platform"

    def get_tenant_type(self) -> Any:
        """Answer django-tenants: all tenants are of one type."""
        return None

    def __str__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        """Be equal to whatever is this tenant, a row as well."""
        return isinstance(other, Snapshot | Tenant) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


class Entry:
    """What a name leads to: a tenant, or nothing that may be shown; with the version of what was seen.

    `born` is before PostgreSQL was asked and `noted` after, both on this process's monotonic clock.
    """

    __slots__ = ("born", "noted", "refresh_at", "tenant", "tenant_id", "until", "version")

    def __init__(
        self, tenant: Snapshot | None, *, born: float, noted: float, version: int = 0, tenant_id: UUID | None = None
    ) -> None:
        self.tenant, self.tenant_id, self.version = tenant, tenant_id, version
        self.born, self.noted, self.until = born, noted, born + STALE
        self.refresh_at = born + STALE * (EARLY + 0.1 * random.random())

    def gives_way_to(self, other: Entry) -> bool:
        """Tell whether the other one is newer: of no lower version, or read after this one was known."""
        return other.version >= self.version or other.born >= self.noted


def snapshot_of(tenant: Tenant) -> Snapshot:
    """Copy a row that was read with its `primary_host`."""
    values = {name: getattr(tenant, name) for name in Snapshot.__struct_fields__}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Snapshot(**{**values, "primary_host": values["primary_host"] or ""})
