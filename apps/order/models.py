"""Orders: what was bought at which price, where it stands, and how it got there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Id, Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import CurrencyField, LocaleField, MoneyField, ProtectedEntity

__all__ = ["Order", "OrderLine", "OrderNumber", "OrderTransition"]

#: Pieces on one line; what the edges let in is `rustok.kernel.inputs.MAX_QUANTITY`.
MAX_QUANTITY = 9_999


def new_token() -> str:
    """Make the secret part of an order's public address."""
    return secrets.token_urlsafe(24)


class Order(ProtectedEntity):
    """A purchase. Its words and amounts are copies: what was agreed does not change when the catalogue does."""

    #: Under which resource one can be shared by name.
    shared_as = "orders"

    policy_resources = ("orders",)
    policy_attributes = {
        "total": Number("total", _("in the smallest unit: 50000 is 500.00")),
        "currency": Text("currency"),
        "status": Text("status", _("pending, confirmed, paid, shipped, delivered or cancelled")),
        "payment_status": Text("payment_status"),
        "fulfillment_status": Text("fulfillment_status"),
        "customer": Id("customer_id", _("compare it with subject.id")),
        "email": Text("email"),
        "locale": Text("locale"),
        "placed": Date("placed_at"),
    }

    audited = Audited(
        hidden=("token",), personal=("email", "shipping_address", "billing_address"), part_of="customer",
        inserts="bare",
    )  # fmt: skip

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        CONFIRMED = "confirmed", _("confirmed")
        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")

    class PaymentStatus(models.TextChoices):
        PENDING = "pending", _("pending")
        AUTHORIZED = "authorized", _("authorised")
        CAPTURED = "captured", _("captured")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class FulfillmentStatus(models.TextChoices):
        UNFULFILLED = "unfulfilled", _("to be sent")
        FULFILLED = "fulfilled", _("sent")

    #: The lines that `place_order` has just written; they never change, so whoever placed it need not read them.
    written: Sequence[OrderLine] | None = None

    #: Whose order it is, for the scope `own`.
    owner_field = "customer_id"

    number = models.CharField(_("number"), max_length=16, unique=True, editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    cart_id = models.UUIDField(null=True, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("customer"),
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), max_length=254)
    locale = LocaleField(_("language"))
    currency = CurrencyField(_("currency"))

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    payment_status = models.CharField(
        _("payment"), max_length=12, choices=PaymentStatus, default=PaymentStatus.PENDING
    )  # fmt: skip
    fulfillment_status = models.CharField(
        _("delivery"), max_length=12, choices=FulfillmentStatus, default=FulfillmentStatus.UNFULFILLED
    )

    subtotal = MoneyField(_("subtotal"))
    discount_total = MoneyField(_("discount"), default=0)
    shipping_total = MoneyField(_("shipping"), default=0)
    shipping_tax = MoneyField(_("tax on shipping"), default=0)
    tax_total = MoneyField(_("tax"), default=0)
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    total = MoneyField(_("total"))

    shipping_address = models.JSONField(_("shipping address"), null=True, blank=True)
    billing_address = models.JSONField(_("billing address"), null=True, blank=True)
    shipping_method_id = models.UUIDField(null=True, editable=False)
    shipping_method_name = models.CharField(_("shipping method"), max_length=120, blank=True, default="")
    carrier = models.CharField(_("carrier"), max_length=60, blank=True, default="")
    tracking_number = models.CharField(_("tracking number"), max_length=120, blank=True, default="")
    tracking_url = models.CharField(
        _("tracking link"), max_length=500, blank=True, default="", validators=[URLValidator(["http", "https"])]
    )
    placed_at = models.DateTimeField(_("placed"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-placed_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount_total__gte=0, shipping_total__gte=0, shipping_tax__gte=0)
                & Q(tax_total__gte=F("shipping_tax"), total__gte=0, discount_total__lte=F("subtotal")),
                name="order_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(tax_included=True, total=F("subtotal") - F("discount_total") + F("shipping_total"))
                | Q(
                    tax_included=False,
                    total=F("subtotal") - F("discount_total") + F("shipping_total") + F("tax_total"),
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", payment_status="pending")
                | Q(status="confirmed", payment_status__in=["pending", "authorized"])
                | Q(status__in=["paid", "shipped", "delivered"], payment_status="captured")
                | Q(status="cancelled", payment_status__in=["failed", "cancelled", "captured"]),
                name="order_payment_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["shipped", "delivered"], fulfillment_status="fulfilled")
                | (~Q(status__in=["shipped", "delivered"]) & Q(fulfillment_status="unfulfilled")),
                name="order_delivery_fits_status",
            ),
            models.UniqueConstraint(fields=["cart_id"], condition=~Q(status="cancelled"), name="order_one_per_cart"),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_list"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_list_of_customer"),
            models.Index(fields=["status", "-placed_at", "-id"], name="order_list_of_status"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class OrderLine(ProtectedEntity):
    """So many pieces of one variant, as they were named and priced on the day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey("product.Variant", on_delete=models.SET_NULL, null=True, related_name="+")
    product_handle = models.CharField(max_length=120, blank=True, default="")
    sku = models.CharField(_("SKU"), max_length=120)
    title = models.CharField(_("title"), max_length=500)
    variant_title = models.CharField(_("variant"), max_length=500, blank=True, default="")
    options = models.JSONField(_("options"), default=dict)
    image_url = models.CharField(max_length=500, blank=True, default="")
    requires_shipping = models.BooleanField(default=True)
    unit_price = MoneyField(_("price"))
    quantity = models.PositiveIntegerField(_("quantity"))
    discount = MoneyField(_("discount"), default=0)
    tax = MoneyField(_("tax"), default=0)
    total = MoneyField(_("total"))

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY), name="order_line_quantity_in_bounds"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, discount__gte=0, tax__gte=0, discount__lte=F("total"))
                & Q(total=F("unit_price") * F("quantity")),
                name="order_line_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderTransition(ProtectedEntity):
    """One step of an order's way; together they are its timeline."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="transitions")
    from_status = models.CharField(max_length=12, blank=True, default="")
    to_status = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=254, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("timeline")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class OrderNumber(models.Model):
    """The last number given out: one row, locked by whoever takes the next, so that no number is lost."""

    key = models.CharField(primary_key=True, max_length=16)
    last = models.BigIntegerField()
