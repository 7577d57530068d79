from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ProductConfig(ModuleConfig):
    """The catalogue: products, their options and variants, collections. Money and stock live above."""

    name = "apps.product"
    slug = "product"
    verbose_name = _("Products")
    description = _("The catalogue: products, their variants and collections.")
    requires = ("index", "media", "taxonomy")
    toggleable = True
