"""The catalogue in the admin."""

from apps.product.admin import collections, products

__all__ = ["collections", "products"]
