"""Orders on the dashboard: money and orders over time, what is to be sent, what came last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.numbers import format_compact_currency
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from apps.order.admin.orders import pill
from apps.order.models import Order
from rustok.kernel.access import restrict
from rustok.kernel.edges.admin_money import shown
from rustok.kernel.edges.panels import panel
from rustok.kernel.money import Money, exponent
from rustok.kernel.tenancy import current_tenant

__all__ = ["DAYS", "Day", "Sales", "sales"]

#: Days of the chart; the days before are what they are compared with.
DAYS = 30
#: Orders in a list of the dashboard.
ROWS = 8


@dataclass(frozen=True, slots=True)
class Day:
    """What was sold on one day: orders in all currencies, revenue in one."""

    on: date
    orders: int = 0
    revenue: int = 0


@dataclass(frozen=True, slots=True)
class Sales:
    """The days of the period, oldest first, and the sums of the one before."""

    currency: str
    days: tuple[Day, ...]
    orders_before: int
    revenue_before: int
    paid_before: int
    paid: int

    @property
    def orders(self) -> int:
        """Orders of the period, in all currencies."""
        return sum(day.orders for day in self.days)

    @property
    def revenue(self) -> int:
        """Minor units of the period."""
        return sum(day.revenue for day in self.days)


def sales(now: datetime, currency: str) -> Sales:
    """Sum up orders that were not cancelled, by the shop's own days; one query."""
    zone = ZoneInfo(current_tenant().timezone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime.combine(first - timedelta(days=DAYS), time.min, zone)
    rows = (
        Order.objects.because("sums for a panel, which checks analytics.read")
        .filter(placed_at__gte=since)
        .exclude(status=Order.Status.CANCELLED)
        .values(day=TruncDate("placed_at", tzinfo=zone))
        .annotate(
            orders=Count("pk"),
            revenue=Sum("total", filter=Q(currency=currency), default=0),
            here=Count("pk", filter=Q(currency=currency)),
        )
        .order_by("day")
    )
    found = {row["day"]: row for row in rows}
    before = [row for day, row in found.items() if day < first]
    days = [first + timedelta(days=offset) for offset in range(DAYS)]
    return Sales(
        currency=currency,
        days=tuple(Day(day, found[day]["orders"], found[day]["revenue"]) if day in found else Day(day) for day in days),
        orders_before=sum(row["orders"] for row in before),
        revenue_before=sum(row["revenue"] for row in before),
        paid_before=sum(row["here"] for row in before),
        paid=sum(found[day]["here"] for day in days if day in found),
    )


# --- the chart ------------------------------------------------------------------------------------------------------

HEIGHT = 100.0


def _ceiling(value: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten, so that the axis has plain numbers."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value > 0:
        power /= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def _chart(data: Sales) -> dict[str, Any]:
    """Draw the days in a box of DAYS × HEIGHT units: an area of revenue, bars of orders."""
    top = _ceiling(float(max((day.revenue for day in data.days), default=0)) or float(10 ** exponent(data.currency)))
    most = max((day.orders for day in data.days), default=0) or 1
    heights = [HEIGHT - HEIGHT * day.revenue / top for day in data.days]
    points = [(index + 0.5, height) for index, height in enumerate(heights)]
    stroke = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return {
        "width": len(data.days),
        "stroke": stroke,
        "area": f"0.5,{HEIGHT:g} {stroke} {len(data.days) - 0.5:.2f},{HEIGHT:g}",
        "bars": [
            {"x": f"{index + 0.2:.2f}", "y": f"{HEIGHT - HEIGHT * day.orders / most:.2f}",
             "height": f"{HEIGHT * day.orders / most:.2f}"}
            for index, day in enumerate(data.days)
        ],
        "scale": [_short(round(top * share), data.currency) for share in (1, 0.5, 0)],
        "most": most,
        "days": [
            {"on": day.on, "label": _short_date(day.on, "MMMEd"), "orders": day.orders,
             "revenue": shown(day.revenue, data.currency)}
            for day in data.days
        ],
        "marks": [_short_date(data.days[index].on) for index in (0, 10, 20, DAYS - 1)],
    }  # fmt: skip


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


def _short_date(day: date, parts: str = "MMMd") -> str:
    return str(format_skeleton(parts, day, locale=_locale()))


def _short(amount: int, currency: str) -> str:
    value = Money(amount, currency).decimal
    return str(format_compact_currency(value, currency, locale=_locale(), fraction_digits=1 if value % 1000 else 0))


def _change(now: int, before: int) -> int | None:
    """Answer by how many percent a figure changed; None if there is nothing to compare with."""
    return round((now - before) * 100 / before) if before else None


def _currency(request: HttpRequest) -> str:
    tenant = current_tenant()
    asked = request.GET.get("currency", "")
    return asked if asked in tenant.currencies else tenant.default_currency


@panel("sales", template="admin/rustok/panels/sales.html", permission="analytics.read", order=10, width="full")
def sales_panel(request: HttpRequest) -> dict[str, Any]:
    """Show money and orders of the last days, beside the days before."""
    currency = _currency(request)
    data = sales(timezone.now(), currency)
    mean = data.revenue // data.paid if data.paid else 0
    mean_before = data.revenue_before // data.paid_before if data.paid_before else 0
    orders = restrict(request.actor, Order.objects.all(), "orders.read")  # type: ignore[attr-defined]
    waiting = orders.filter(status=Order.Status.PAID).count()
    return {
        "currency": currency,
        "currencies": current_tenant().currencies,
        "period": DAYS,
        "revenue": shown(data.revenue, currency),
        "revenue_change": _change(data.revenue, data.revenue_before),
        "revenue_before": shown(data.revenue_before, currency),
        "orders": data.orders,
        "orders_change": _change(data.orders, data.orders_before),
        "orders_before": data.orders_before,
        "mean": shown(mean, currency),
        "mean_change": _change(mean, mean_before),
        "mean_before": shown(mean_before, currency),
        "waiting": waiting,
        "chart": _chart(data),
    }


def _rows(orders: Any) -> list[dict[str, Any]]:
    return [
        {"order": one, "total": shown(one.total, one.currency), "pill": pill(one.status),
         "to": " ".join((one.shipping_address or {}).get(part, "") for part in ("first_name", "last_name")).strip()}
        for one in orders
    ]  # fmt: skip


@panel("to_ship", template="admin/rustok/panels/to_ship.html", permission="orders.read", order=20)
def to_ship_panel(request: HttpRequest) -> dict[str, Any]:
    """Show what waits for a parcel, the longest waiting first."""
    orders = restrict(request.actor, Order.objects.all(), "orders.read")  # type: ignore[attr-defined]
    paid = orders.filter(status=Order.Status.PAID)
    return {"rows": _rows(paid.order_by("placed_at", "id")[:ROWS])}


@panel("latest_orders", template="admin/rustok/panels/latest_orders.html", permission="orders.read", order=30)
def latest_orders_panel(request: HttpRequest) -> dict[str, Any]:
    """Show what came last."""
    newest = restrict(request.actor, Order.objects.order_by("-placed_at", "-id"), "orders.read")  # type: ignore[attr-defined]
    return {"rows": _rows(newest[:ROWS])}
