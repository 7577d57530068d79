from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class PaymentConfig(ModuleConfig):
    """Payments and the providers that take them."""

    name = "apps.payment"
    slug = "payment"
    verbose_name = _("Payments")
    description = _("The ways to pay, and what was paid.")
    toggleable = True
