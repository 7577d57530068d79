"""Who may do something about tenants: the platform's people and its commands, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from apps.tenant.models import Tenant
from rustok.kernel import audit
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.tenancy import current_tenant, use_tenant

__all__ = ["PLATFORM", "on_record", "on_the_platform", "operate", "require_platform", "to_change"]

PLATFORM = "platform"


class PlatformStays(Conflict):
    """The platform's own tenant can be neither suspended nor deleted."""

    code = "platform_tenant"


def require_platform() -> None:
    """Let pass what runs on the platform's own host.

    :raises NotFound: in any other tenant
    """
    if current_tenant().slug != PLATFORM:
        raise NotFound()


def operate(actor: Actor, permission: str) -> None:
    """Let an operator pass; to the users of a shop there are no other tenants.

    :raises NotFound: for a user of another tenant than the platform
    """
    if actor.kind == "user" and actor.schema != PLATFORM:
        raise NotFound()
    authorize(actor, permission)


def to_change(slug: str) -> Tenant:
    """Lock a tenant that may change its state.

    :raises NotFound: if there is none
    :raises PlatformStays: for the platform's own
    """
    tenant = Tenant.objects.select_for_update().filter(slug=slug).first()
    if tenant is None:
        raise NotFound(f"there is no tenant {slug[:63]}")
    if tenant.is_platform:
        raise PlatformStays()
    return tenant


@contextmanager
def on_the_platform() -> Iterator[None]:
    """Work as the platform's own tenant: what happens to a tenant is told there, where nothing waits for it."""
    with use_tenant(None):
        platform = Tenant.objects.get(slug=PLATFORM)
    with use_tenant(platform):
        yield


def on_record(action: str, *, actor: Actor, tenant: Tenant, **data: object) -> None:
    """Write into the platform's audit log what was done with a tenant."""
    with on_the_platform():
        audit.record(action, actor=actor, obj=tenant, label=tenant.slug, **data)
