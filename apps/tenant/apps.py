from importlib import import_module

from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class TenantConfig(ModuleConfig):
    """Tenants, their domains and their schemas."""

    name = "apps.tenant"
    slug = "tenant"
    verbose_name = _("Tenants")
    description = _("Shops and sites, each with its own data, domains and settings.")

    def ready(self) -> None:
        """Have jobs sent to workers, too."""
        super().ready()
        import_module("apps.tenant.tasks")
