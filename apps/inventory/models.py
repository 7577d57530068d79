"""Stock of variants by location, what is reserved of it, and every change to it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Bool, Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity

__all__ = ["MAX_STOCK", "Location", "Reservation", "StockAdjustment", "StockLevel", "StockPolicy"]

#: The most that one location may hold of one variant.
MAX_STOCK = 1_000_000_000


def _variant(**kwargs: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "product.Variant", on_delete=models.CASCADE, related_name="+", verbose_name=_("variant"), **kwargs
    )


class Location(Entity):
    """A place that holds stock."""

    policy_resources = ("inventory",)
    policy_attributes = {
        "location": Text("name", _("the name of the place")),
    }

    audited = Audited()

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_default = models.BooleanField(_("default"), default=False)
    is_active = models.BooleanField(_("sells from here"), default=True)
    #: Order in which stock is taken, after the default location.
    position = models.PositiveIntegerField(_("position"), default=0)
    address = models.JSONField(_("address"), default=dict, blank=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ("-is_default", "position", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="inventory_one_default_location"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(is_active=True), name="inventory_default_is_active"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="inventory_location_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class StockPolicy(Entity):
    """How the stock of a variant is treated; without a row, it is counted and never sold beyond."""

    policy_resources = ("inventory",)
    policy_attributes = {
        "vendor": Text("variant__product__vendor"),
        "sku": Text("variant__sku"),
        "tracked": Bool("tracked"),
    }

    audited = Audited(part_of="variant", label="variant")

    variant = models.OneToOneField(
        "product.Variant", on_delete=models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    tracked = models.BooleanField(_("counted"), default=True)
    backorder = models.BooleanField(_("sold beyond stock"), default=False)
    low_stock_at = models.PositiveIntegerField(_("low at"), default=0)

    class Meta:
        verbose_name = _("stock policy")
        verbose_name_plural = _("stock policies")

    def __str__(self) -> str:
        return str(self.variant_id)


class StockLevel(Entity):
    """How much of a variant is in one place, and how much of that is promised."""

    policy_resources = ("inventory",)
    policy_attributes = {
        "vendor": Text("variant__product__vendor"),
        "sku": Text("variant__sku"),
        "location": Text("location__name"),
        "on_hand": Number("on_hand"),
        "reserved": Number("reserved"),
    }

    variant = _variant()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels", verbose_name=_("location"))
    on_hand = models.BigIntegerField(_("on hand"), default=0)
    reserved = models.BigIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="inventory_level_once"),
            models.CheckConstraint(condition=Q(on_hand__range=(0, MAX_STOCK)), name="inventory_on_hand_in_bounds"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="inventory_reserved_is_on_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} ({self.reserved})"

    @property
    def available(self) -> int:
        """What can still be sold from here."""
        return self.on_hand - self.reserved


class StockAdjustment(Entity):
    """One change to the stock on hand, and why."""

    policy_resources = ("inventory",)
    policy_attributes = {
        "vendor": Text("variant__product__vendor"),
        "sku": Text("variant__sku"),
        "location": Text("location__name"),
        "delta": Number("delta"),
    }

    audited = Audited(part_of="variant", label="reason")

    class Reason(models.TextChoices):
        RECEIVED = "received", _("received")
        COUNTED = "counted", _("counted")
        DAMAGED = "damaged", _("damaged")
        RETURNED = "returned", _("returned")
        SHIPPED = "shipped", _("shipped")
        CORRECTION = "correction", _("correction")

    variant = _variant(db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", verbose_name=_("location"))
    delta = models.BigIntegerField(_("change"))
    on_hand = models.BigIntegerField(_("on hand afterwards"))
    reason = models.CharField(_("reason"), max_length=200, default=Reason.CORRECTION)
    #: The order, return or import that it belongs to.
    reference = models.UUIDField(null=True, blank=True)
    actor_id = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("stock adjustment")
        verbose_name_plural = _("stock adjustments")
        ordering = ("-id",)
        indexes = [models.Index(fields=["variant", "-id"], name="inventory_adjustment_list")]
        constraints = [models.CheckConstraint(condition=~Q(delta=0), name="inventory_adjustment_changes_something")]

    def __str__(self) -> str:
        return f"{self.delta:+} → {self.on_hand}"


class Reservation(Entity):
    """Stock of one location promised to an order, or sold beyond stock."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        COMMITTED = "committed", _("shipped")
        RELEASED = "released", _("released")

    #: What the stock is held for, such as an order's id.
    reference = models.UUIDField()
    variant = _variant()
    #: Null for what is sold beyond stock.
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("location")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.HELD)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "variant", "location"], name="inventory_reservation_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="inventory_reservation_of_something"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "committed", "released"]), name="inventory_reservation_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} ({self.state})"
