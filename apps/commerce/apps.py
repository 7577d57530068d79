from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class CommerceConfig(ModuleConfig):
    """The checkout: carts become orders, and payments are settled."""

    name = "apps.commerce"
    slug = "commerce"
    verbose_name = _("Checkout")
    description = _("From the cart to a paid order.")
    requires = ("tenant", "cart", "inventory", "order", "payment")
    toggleable = True
