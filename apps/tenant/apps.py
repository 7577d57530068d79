from rustok.kernel.modules import ModuleConfig


class TenantConfig(ModuleConfig):
    """Tenants, their domains and their schemas."""

    name = "apps.tenant"
    slug = "tenant"
    verbose_name = "Tenants"
