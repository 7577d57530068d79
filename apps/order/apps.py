from rustok.kernel.modules import ModuleConfig


class OrderConfig(ModuleConfig):
    """Orders and the way they go."""

    name = "apps.order"
    slug = "order"
    verbose_name = "Orders"
    requires = ("product", "inventory", "payment")
