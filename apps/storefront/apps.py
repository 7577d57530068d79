"""The storefront module."""

from rustok.kernel.modules import ModuleConfig


class StorefrontConfig(ModuleConfig):
    name = "apps.storefront"
    slug = "storefront"
    version = "1.0.0"
    verbose_name = "Storefront"
    requires = ("commerce", "index", "navigation", "pages", "blog")
    toggleable = True
    critical = False
