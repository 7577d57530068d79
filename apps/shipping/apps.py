from rustok.kernel.modules import ModuleConfig


class ShippingConfig(ModuleConfig):
    """Ways to send a parcel, and what they cost."""

    name = "apps.shipping"
    slug = "shipping"
    verbose_name = "Shipping"
