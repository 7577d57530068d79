from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class InventoryConfig(ModuleConfig):
    """Stock by location, and what of it is promised to orders."""

    name = "apps.inventory"
    slug = "inventory"
    verbose_name = _("Stock")
    description = _("How many pieces there are, and where.")
    requires = ("index", "product")
    toggleable = True
