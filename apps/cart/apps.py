from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class CartConfig(ModuleConfig):
    """Carts of guests and customers."""

    name = "apps.cart"
    slug = "cart"
    verbose_name = _("Carts")
    description = _("What visitors put aside to buy.")
    requires = ("accounts", "index", "pricing", "product", "shipping", "tax")
    toggleable = True
