from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class TaxConfig(ModuleConfig):
    """What the state takes: rates by country and region."""

    name = "apps.tax"
    slug = "tax"
    verbose_name = _("Tax")
    description = _("Rates by country and region.")
    toggleable = True
