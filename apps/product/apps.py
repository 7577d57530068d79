from rustok.kernel.modules import ModuleConfig


class ProductConfig(ModuleConfig):
    """The catalogue: products, their options and variants, collections. Money and stock live above."""

    name = "apps.product"
    slug = "product"
    verbose_name = "Products"
    requires = ("taxonomy", "media")
