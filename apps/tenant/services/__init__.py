"""Creating, changing and ending tenants, one file per use."""

from apps.tenant.services.tenants import create_tenant, migrate_all, update_tenant

__all__ = ["create_tenant", "migrate_all", "update_tenant"]
