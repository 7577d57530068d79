"""Builds products with variants, and their prices."""

import factory

from apps.pricing.models import Price
from tests.product.rows import ProductFactory, VariantFactory

__all__ = ["PriceFactory", "ProductFactory", "VariantFactory"]


class PriceFactory(factory.django.DjangoModelFactory[Price]):
    class Meta:
        model = Price

    variant = factory.SubFactory(VariantFactory)
    currency = "USD"
    amount = 1999
