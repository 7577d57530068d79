"""The storefront module."""

from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class StorefrontConfig(ModuleConfig):
    name = "apps.storefront"
    slug = "storefront"
    verbose_name = _("Storefront")
    description = _("The site that visitors see: pages, catalogue, cart, account.")
    requires = ("accounts", "index", "rbac", "taxonomy")
    uses = ("blog", "cart", "comments", "commerce", "forum", "navigation", "order", "pages", "payment", "product")
    toggleable = True
    version = "1.0.0"
    critical = False
