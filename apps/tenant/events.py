"""What the tenant module announces."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, Locale, Moment, event


@event("tenant.created", version=1)
class TenantCreated(Event):
    """A tenant and its schema exist."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]


_Slug = Annotated[str, Meta(min_length=1, max_length=32, examples=["blog"])]


@event("module.enabled", version=1)
class ModuleEnabledEvent(Event):
    """A tenant uses a module from now on."""

    slug: _Slug


@event("module.disabled", version=1)
class ModuleDisabledEvent(Event):
    """A tenant does not use a module any more; its data is kept."""

    slug: _Slug


@event("tenant.suspended", version=1)
class TenantSuspended(Event):
    """A tenant is refused everywhere, and its work waits. Told under the platform's own tenant."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]
    reason: Annotated[str, Meta(max_length=300, examples=["unpaid"])]


@event("tenant.resumed", version=1)
class TenantResumed(Event):
    """A tenant that was suspended or about to leave is served again. Told under the platform's own tenant."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]


@event("tenant.leaving", version=1)
class TenantLeaving(Event):
    """A tenant is refused everywhere, and deleted after a moment. Told under the platform's own tenant."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]
    delete_after: Moment


@event("tenant.deleted", version=1)
class TenantDeleted(Event):
    """Nothing of a tenant is left. Told under the platform's own tenant."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]


_Host = Annotated[str, Meta(min_length=1, max_length=253, examples=["shop.example.com"])]


@event("tenant.updated", version=1)
class TenantUpdated(Event):
    """A tenant's settings or limits changed."""

    tenant_id: UUID
    fields: Annotated[
        list[Annotated[str, Meta(max_length=32, examples=["currencies"])]],
        Meta(max_length=20, examples=[["currencies", "default_currency"]]),
    ]


@event("locale.enabled", version=1)
class LocaleEnabled(Event):
    """A tenant speaks another language from now on."""

    locale: Locale


@event("domain.added", version=1)
class DomainAdded(Event):
    """A tenant named a domain; it leads nowhere yet."""

    domain: _Host


@event("domain.verified", version=1)
class DomainVerified(Event):
    """A domain was shown to be the tenant's and leads to it."""

    domain: _Host


@event("domain.removed", version=1)
class DomainRemoved(Event):
    """A domain leads to the tenant no more."""

    domain: _Host


@event("domain.missing", version=1)
class DomainMissing(Event):
    """The record that showed a domain to be the tenant's is gone; after a while it leads to the tenant no more."""

    domain: _Host
    lapses_at: Moment


@event("domain.lapsed", version=1)
class DomainLapsed(Event):
    """A domain leads to the tenant no more: its record was missing for too long, or another tenant showed it."""

    domain: _Host
    reason: Literal["record_missing", "shown_by_another"]
