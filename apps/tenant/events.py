"""What the tenant module announces."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from rustok.kernel.events import Event, event


@event("tenant.created", version=1)
class TenantCreated(Event):
    """A tenant and its schema exist."""

    tenant_id: UUID
    slug: Annotated[str, Meta(min_length=1, max_length=63, examples=["acme"])]
