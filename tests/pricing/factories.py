"""Builds products with variants, and their prices."""

from typing import Any

import factory

from apps.pricing.models import Price
from apps.product.models import Product, ProductTranslation, Variant

__all__ = ["PriceFactory", "ProductFactory", "VariantFactory"]


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


class PriceFactory(factory.django.DjangoModelFactory[Price]):
    class Meta:
        model = Price

    variant = factory.SubFactory(VariantFactory)
    currency = "USD"
    amount = 1999
