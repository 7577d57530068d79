from rustok.kernel.modules import ModuleConfig


class CartConfig(ModuleConfig):
    """Carts of guests and customers."""

    name = "apps.cart"
    slug = "cart"
    verbose_name = "Carts"
    requires = ("product", "pricing", "inventory", "tax", "shipping")
