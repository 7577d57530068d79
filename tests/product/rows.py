"""Products and variants as plain rows, for modules that only point at them."""

from typing import Any

import factory

from apps.product.models import Product, ProductTranslation, Variant

__all__ = ["ProductFactory", "VariantFactory"]


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
