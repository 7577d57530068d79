"""Products and collections, made as the services make them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import factory
from PIL import Image

from apps.media.public import store_image
from apps.product import services
from apps.product.models import Collection, Product
from rustok.kernel.access import Actor

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 2, 1, tzinfo=UTC)
SIZES = [{"name": "Size", "values": ["S", "M", "L"]}, {"name": "Colour", "values": ["Red", "Green", "Blue"]}]


class ProductFactory(factory.Factory):
    """A product; a draft with one variant unless told otherwise."""

    class Meta:
        model = Product

    title = factory.Sequence(lambda n: f"Product {n}")
    translations = factory.LazyAttribute(lambda self: {"en": {"title": self.title}})
    now = NOW

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Product:
        kwargs.pop("title")
        ref = services.create_product(actor=SYSTEM, **kwargs)
        return Product.objects.get(pk=ref.id)

    class Params:
        sized = factory.Trait(
            options=SIZES,
            variants=[
                {"options": {"Size": size, "Colour": colour}}
                for size in SIZES[0]["values"]
                for colour in SIZES[1]["values"]
            ],
        )
        on_sale = factory.Trait(status="active")


class CollectionFactory(factory.Factory):
    """A collection."""

    class Meta:
        model = Collection

    title = factory.Sequence(lambda n: f"Collection {n}")
    translations = factory.LazyAttribute(lambda self: {"en": {"title": self.title}})

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Collection:
        kwargs.pop("title")
        return services.create_collection(actor=SYSTEM, **kwargs)


def picture(colour: str = "red", size: tuple[int, int] = (320, 200), kind: str = "PNG", **options: Any) -> bytes:
    """Draw a plain picture."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def asset(colour: str = "red", **alt: str) -> UUID:
    """Upload a plain picture; answer the id of the image."""
    return store_image(actor=SYSTEM, content=picture(colour), filename=f"{colour}.png", alt=alt or None)
