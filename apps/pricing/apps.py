from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class PricingConfig(ModuleConfig):
    """What variants cost, per currency."""

    name = "apps.pricing"
    slug = "pricing"
    verbose_name = _("Prices")
    description = _("What products cost, in every currency.")
    requires = ("index", "product")
    toggleable = True
