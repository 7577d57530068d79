"""Builds variants, locations and stock."""

import factory

from apps.inventory.models import Location, StockLevel
from tests.product.rows import ProductFactory, VariantFactory

__all__ = ["LocationFactory", "ProductFactory", "StockLevelFactory", "VariantFactory"]


class LocationFactory(factory.django.DjangoModelFactory[Location]):
    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Warehouse {n}")


class StockLevelFactory(factory.django.DjangoModelFactory[StockLevel]):
    class Meta:
        model = StockLevel

    variant = factory.SubFactory(VariantFactory)
    location = factory.SubFactory(LocationFactory)
    on_hand = 5
