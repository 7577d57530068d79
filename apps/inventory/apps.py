from rustok.kernel.modules import ModuleConfig


class InventoryConfig(ModuleConfig):
    """Stock by location, and what of it is promised to orders."""

    name = "apps.inventory"
    slug = "inventory"
    verbose_name = "Inventory"
    requires = ("product", "index")
