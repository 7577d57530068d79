"""Carts: what somebody wants, without prices; those are read when the cart is."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.models import CurrencyField, LocaleField, ProtectedEntity

__all__ = ["MAX_LINES", "MAX_QUANTITY", "Cart", "CartLine", "hash_token", "new_token"]

MAX_LINES = 100
#: Pieces on one line; what the edges let in is `rustok.kernel.inputs.MAX_QUANTITY`.
MAX_QUANTITY = 9_999


def new_token() -> str:
    """Make the secret that opens a cart."""
    return secrets.token_urlsafe(24)


def hash_token(token: str) -> str:
    """Answer what is kept of the secret: of 192 random bits, a plain SHA-256 tells nobody anything."""
    return hashlib.sha256(token.encode()).hexdigest()


class Cart(ProtectedEntity):
    """The cart of a guest, who holds its secret token, or of a customer."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        COMPLETED = "completed", _("completed")

    owner_field = "customer_id"

    #: The `CartView` that the service which changed it has put together; saves the edge from asking again.
    view: Any = None

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("customer"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True, default="")
    locale = LocaleField(_("language"))
    currency = CurrencyField(_("currency"))
    shipping_address = models.JSONField(_("shipping address"), null=True, blank=True)
    billing_address = models.JSONField(_("billing address"), null=True, blank=True)
    shipping_method_id = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        ordering = ("-id",)
        indexes = [models.Index(fields=["customer", "-id"], condition=Q(status="open"), name="cart_open_of_customer")]

    def __str__(self) -> str:
        return f"{self.email or self.pk}"

    def opens_with(self, token: str) -> bool:
        """Tell whether this is the cart's secret, in the same time for every wrong one."""
        return hmac.compare_digest(self.token_hash, hash_token(token))


class CartLine(ProtectedEntity):
    """So many pieces of one variant."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("product.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_one_line_a_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY), name="cart_quantity_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
