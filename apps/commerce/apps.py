from rustok.kernel.modules import ModuleConfig


class CommerceConfig(ModuleConfig):
    """The checkout: carts become orders, and payments are settled."""

    name = "apps.commerce"
    slug = "commerce"
    verbose_name = "Checkout"
    requires = ("cart", "order", "payment", "inventory")
