from rustok.kernel.modules import ModuleConfig


class PricingConfig(ModuleConfig):
    """What variants cost, per currency."""

    name = "apps.pricing"
    slug = "pricing"
    verbose_name = "Prices"
    requires = ("product", "index")
