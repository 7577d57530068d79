"""What other modules may use of tenants."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from apps.tenant.models import Domain, Tenant
from apps.tenant.records import record_name, record_value
from apps.tenant.resolver import forget, resolve_slug
from apps.tenant.schemas import clone_template, drop_schema, fingerprint, migrate_public, migrate_schema
from apps.tenant.search_path import default_search_path, hide_tables, hiding_statement
from apps.tenant.services import create_tenant, migrate_here, something_is_behind, update_tenant
from apps.tenant.services.modules import disable_module, enable_module
from rustok.kernel.modules import off_in
from rustok.kernel.tenancy import current_tenant, use_tenant

__all__ = [
    "all_resting", "clone_template", "create_tenant", "current", "default_search_path", "disable_module",
    "drop_schema", "each_tenant", "enable_module", "find", "find_by_id", "fingerprint", "forget", "hide_tables",
    "hiding_statement", "migrate_here", "migrate_public", "migrate_schema", "missing_record", "names_of",
    "resolve_slug", "resting", "slugs_of", "something_is_behind", "tenant_names", "update_tenant", "use_tenant",
]  # fmt: skip

current = current_tenant


def find(slug: str) -> Tenant | None:
    """Answer the tenant of that slug, whatever its status."""
    return Tenant.objects.filter(slug=slug).first()


def find_by_id(tenant_id: UUID) -> Tenant | None:
    """Answer the tenant of that id, whatever its status."""
    return Tenant.objects.filter(pk=tenant_id).first()


def missing_record(host: str) -> tuple[str, str] | None:
    """Answer name and value of the record by which the current tenant shows a domain, if it is missing."""
    domain = Domain.objects.filter(domain=host, tenant_id=current_tenant().id, missing_since__isnull=False).first()
    return (record_name(domain), record_value(domain)) if domain else None


def resting(tenant_ids: Iterable[UUID]) -> set[UUID]:
    """Answer which of these tenants are not active: their work waits."""
    here = Tenant.objects.filter(pk__in=set(tenant_ids)).exclude(status=Tenant.Status.ACTIVE)
    return set(here.values_list("pk", flat=True))


def all_resting() -> list[UUID]:
    """Answer which tenants are not active."""
    return list(Tenant.objects.exclude(status=Tenant.Status.ACTIVE).values_list("pk", flat=True))


def names_of(tenant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Answer what tenants are called."""
    return dict(Tenant.objects.filter(pk__in=set(tenant_ids)).order_by("name").values_list("pk", "name"))


def slugs_of(tenant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Answer the slugs of tenants."""
    return dict(Tenant.objects.filter(pk__in=set(tenant_ids)).values_list("pk", "slug"))


def tenant_names(limit: int) -> dict[UUID, str]:
    """Answer what the first tenants by name are called."""
    return dict(Tenant.objects.order_by("name", "pk").values_list("pk", "name")[:limit])


def each_tenant(module: str = "") -> Iterator[Tenant]:
    """Walk the active tenants, each in its own schema; with a module, only those that use it."""
    for tenant in Tenant.objects.filter(status=Tenant.Status.ACTIVE).order_by("slug"):
        if module in off_in(tenant):
            continue
        with use_tenant(tenant):
            yield tenant
