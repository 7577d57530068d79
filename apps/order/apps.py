from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class OrderConfig(ModuleConfig):
    """Orders and the way they go."""

    name = "apps.order"
    slug = "order"
    verbose_name = _("Orders")
    description = _("What was bought, and the way it goes to the customer.")
    requires = ("accounts", "index", "inventory", "payment", "product")
    uses = ("cart",)
    toggleable = True
