from django.utils.translation import gettext_lazy as _

from rustok.kernel.modules import ModuleConfig


class ShippingConfig(ModuleConfig):
    """Ways to send a parcel, and what they cost."""

    name = "apps.shipping"
    slug = "shipping"
    verbose_name = _("Shipping")
    description = _("Ways to send a parcel, and what they cost.")
    toggleable = True
