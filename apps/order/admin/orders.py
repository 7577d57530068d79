"""The list of orders, and an order as a document with the steps that are legal now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from apps.order.models import Order, OrderTransition
from apps.order.services import cancel_order, capture_order, confirm_order, deliver_order, pay_order, ship_order
from apps.order.states import FLOW
from apps.payment import public as payments
from rustok.kernel.edges.admin import Admin, Menu, object_action
from rustok.kernel.edges.admin_money import shown
from rustok.kernel.money import Money

TONES = {
    "pending": "default", "confirmed": "info", "paid": "warning", "shipped": "info", "delivered": "success",
    "cancelled": "danger", "authorized": "info", "captured": "success", "failed": "danger",
    "unfulfilled": "default", "fulfilled": "success",
}  # fmt: skip
#: The same on the dashboard and the document.
PILLS = {"default": "plain", "warning": "warn", "info": "info", "success": "good", "danger": "bad"}


def pill(status: str) -> str:
    """Answer the class of a status's pill."""
    return f"rt-pill-{PILLS[TONES.get(status, 'info')]}"


def leads_to(status: str) -> Callable[[Order], bool]:
    """Tell whether an order may go to a status."""
    return lambda order: status in FLOW[order.status]


class ShipForm(forms.Form):
    """Who carries the parcel."""

    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=120, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"), max_length=500, required=False, assume_scheme="https",
        help_text=_("The customer finds it on the page of the order."),
    )  # fmt: skip


class CancelForm(forms.Form):
    """Why the order is given up."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the timeline."),
    )  # fmt: skip


class NoteForm(forms.Form):
    """Something to remember."""

    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Such as the number of the bank transfer.")
    )


@admin.register(Order)
class OrderAdmin(Admin):
    """Orders; nothing of them is edited, they move along."""

    resource = "orders"
    menu = Menu("sales", "receipt_long", 10)
    nav_badge_variant = "primary"
    change_form_template = "admin/rustok/order.html"
    list_display = ("order_number", "placed", "email", "state", "payment", "delivery", "amount")
    list_filter = (
        ("status", MultipleChoicesDropdownFilter), ("payment_status", MultipleChoicesDropdownFilter),
        ("fulfillment_status", MultipleChoicesDropdownFilter), ("placed_at", RangeDateFilter),
    )  # fmt: skip
    search_fields = ("number", "email")
    search_help_text = _("Number or e-mail")
    ordering = ("-placed_at", "-id")
    fields = ("number",)
    readonly_fields = ("number",)
    actions = ("confirm_all", "ship_all", "deliver_all")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: carts become orders."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: what was agreed does not change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: numbers have no gaps."""
        return False

    def nav_badge(self, request: HttpRequest) -> int | None:
        """Count the orders to send, up to 99."""
        return self.get_queryset(request).filter(status=Order.Status.PAID)[:99].count()

    def search_title(self, obj: Order) -> str:
        """Answer number, buyer and total."""
        return f"#{obj.number} · {obj.email} · {shown(obj.total, obj.currency)}"

    # --- the list

    @display(description=_("Number"), ordering="number")
    def order_number(self, obj: Order) -> str:
        """Answer the number."""
        return f"#{obj.number}"

    @display(description=_("Placed"), ordering="placed_at")
    def placed(self, obj: Order) -> Any:
        """Answer when it was placed."""
        return obj.placed_at

    @display(description=_("Status"), ordering="status", label=TONES)
    def state(self, obj: Order) -> tuple[str, str]:
        """Answer the status in words."""
        return obj.status, str(obj.get_status_display())

    @display(description=_("Payment"), ordering="payment_status", label=TONES)
    def payment(self, obj: Order) -> tuple[str, str]:
        """Answer the payment's status in words."""
        return obj.payment_status, str(obj.get_payment_status_display())

    @display(description=_("Delivery"), ordering="fulfillment_status", label=TONES)
    def delivery(self, obj: Order) -> tuple[str, str]:
        """Answer the delivery's status in words."""
        if obj.status == Order.Status.CANCELLED:
            return "", "—"
        return obj.fulfillment_status, str(obj.get_fulfillment_status_display())

    @display(description=_("Total"), ordering="total")
    def amount(self, obj: Order) -> str:
        """Answer the total in the order's currency."""
        return shown(obj.total, obj.currency)

    # --- the document

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the order as a document."""
        order = self.get_object(request, object_id)
        extra = _document(order) if order is not None else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | extra)

    # --- the steps

    @object_action(_("Confirm"), permission="orders.update", when=leads_to("confirmed"), primary=True, icon="check")
    def confirm(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Accept the order."""
        confirm_order(actor=request.actor, order_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The order is confirmed.")

    @object_action(
        _("Mark as paid"), permission="orders.update", form=NoteForm, primary=True, icon="payments",
        when=lambda order: leads_to("paid")(order) and order.payment_status == "pending",
        hint=_("For money that came by transfer or in cash."),
    )  # fmt: skip
    def mark_paid(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Note that the money came."""
        pay_order(actor=request.actor, order_id=obj.pk, now=timezone.now(), note=data["note"])  # type: ignore[attr-defined]
        return gettext("The order is paid.")

    @object_action(
        _("Take the money"), permission="orders.update", primary=True, icon="credit_score",
        when=lambda order: leads_to("paid")(order) and order.payment_status == "authorized",
    )  # fmt: skip
    def capture(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Capture the reserved money."""
        capture_order(actor=request.actor, order_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The money is taken.")

    @object_action(
        _("Ship"), permission="orders.update", form=ShipForm, when=leads_to("shipped"), primary=True,
        icon="local_shipping", hint=_("The pieces leave the stock."),
    )  # fmt: skip
    def ship(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Send the parcel."""
        ship_order(actor=request.actor, order_id=obj.pk, now=timezone.now(), **data)  # type: ignore[attr-defined]
        return gettext("The order is on its way.")

    @object_action(
        _("Mark as delivered"), permission="orders.update", when=leads_to("delivered"), primary=True, icon="task_alt"
    )
    def deliver(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Note that it arrived."""
        deliver_order(actor=request.actor, order_id=obj.pk, now=timezone.now())  # type: ignore[attr-defined]
        return gettext("The order arrived.")

    @object_action(
        _("Cancel order"), permission="orders.update", form=CancelForm, when=leads_to("cancelled"), danger=True,
        icon="cancel", hint=_("Its pieces are for sale again. Money that was taken is to be refunded."),
    )  # fmt: skip
    def cancel(self, request: HttpRequest, obj: Order, data: dict[str, Any]) -> str:
        """Give the order up."""
        cancel_order(actor=request.actor, order_id=obj.pk, now=timezone.now(), reason=data["reason"])  # type: ignore[attr-defined]
        return gettext("The order is cancelled.")

    @admin.action(description=_("Confirm"), permissions=["update"])
    def confirm_all(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Accept the chosen orders."""
        self._move_each(request, queryset, confirm_order, gettext("Confirmed"))

    @admin.action(description=_("Mark as shipped (without tracking)"), permissions=["update"])
    def ship_all(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Send the chosen orders; those that are not paid are named and stay."""
        self._move_each(request, queryset, ship_order, gettext("Shipped"))

    @admin.action(description=_("Mark as delivered"), permissions=["update"])
    def deliver_all(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Note that the chosen orders arrived."""
        self._move_each(request, queryset, deliver_order, gettext("Delivered"))

    def _move_each(self, request: HttpRequest, queryset: QuerySet[Order], step: Any, done: str) -> None:
        actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
        self.do_each(request, queryset, lambda order: step(actor=actor, order_id=order.pk, now=now), done)


def _document(order: Order) -> dict[str, Any]:
    """Read what the page of an order shows: its lines, sums, payments and timeline; three queries."""
    lines = [
        {"line": one, "unit": shown(one.unit_price, order.currency), "total": shown(one.total, order.currency)}
        for one in order.lines.all()
    ]
    return {
        "order": order,
        "pills": {name: pill(getattr(order, name)) for name in ("status", "payment_status", "fulfillment_status")},
        "order_lines": lines,
        "order_sums": _sums(order),
        "order_addresses": _addresses(order),
        "order_payments": [
            one | {"pill": pill(one["status"]), "name": Order.PaymentStatus(one["status"]).label,
                   "shown": shown(Money.parse(one["amount"]["amount"], order.currency).amount, order.currency)}
            for one in payments.payment_documents(order.pk)
        ],
        "order_steps": [_step(one) for one in order.transitions.all()],
    }  # fmt: skip


def _sums(order: Order) -> list[tuple[Any, str]]:
    rows = [(_("Subtotal"), order.subtotal)]
    if order.discount_total:
        rows.append((_("Discount"), -order.discount_total))
    rows.append((_("Shipping"), order.shipping_total))
    if order.tax_total and not order.tax_included:
        rows.append((_("Tax"), order.tax_total))
    rows.append((_("Total"), order.total))
    if order.tax_total and order.tax_included:
        rows.insert(-1, (_("Tax, included"), order.tax_total))
    return [(label, shown(amount, order.currency)) for label, amount in rows]


def _addresses(order: Order) -> list[tuple[Any, dict[str, str]]]:
    sent, billed = order.shipping_address, order.billing_address
    if sent and sent == billed:
        return [(_("Shipping and billing address"), sent)]
    pairs = ((_("Shipping address"), sent), (_("Billing address"), billed))
    return [(label, address) for label, address in pairs if address]


def _step(step: OrderTransition) -> dict[str, Any]:
    return {
        "name": Order.Status(step.to_status).label, "who": step.actor_label, "note": step.note, "at": step.at,
        "pill": pill(step.to_status),
    }  # fmt: skip
