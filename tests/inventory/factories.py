"""Builds variants, locations and stock."""

from typing import Any

import factory

from apps.inventory.models import Location, StockLevel
from apps.product.models import Product, ProductTranslation, Variant

__all__ = ["LocationFactory", "ProductFactory", "StockLevelFactory", "VariantFactory"]


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    class Meta:
        model = Product
        skip_postgeneration_save = True

    handle = factory.Sequence(lambda n: f"product-{n}")
    status = "active"

    @factory.post_generation
    def words(product: Product, create: bool, extracted: Any, **given: Any) -> None:
        ProductTranslation.objects.create(product=product, locale="en", title=given.get("title", product.handle))


class VariantFactory(factory.django.DjangoModelFactory[Variant]):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    combination = factory.Sequence(str)


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
