from rustok.kernel.modules import ModuleConfig


class PaymentConfig(ModuleConfig):
    """Payments and the providers that take them."""

    name = "apps.payment"
    slug = "payment"
    verbose_name = "Payments"
