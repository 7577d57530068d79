from rustok.kernel.modules import ModuleConfig


class TaxConfig(ModuleConfig):
    """What the state takes: rates by country and region."""

    name = "apps.tax"
    slug = "tax"
    verbose_name = "Tax"
