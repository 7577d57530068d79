"""Orders in the admin: the pages, and what the dashboard shows of them."""

from apps.order.admin import figures, orders

__all__ = ["figures", "orders"]
