"""What the catalogue accepts."""

from __future__ import annotations

from django.core.validators import URLValidator
from rest_framework import serializers

from apps.product.models import MAX_IMAGES, MAX_OPTIONS, MAX_VALUES, MAX_VARIANTS, Product
from rustok.kernel.inputs import HandleField, Input, TextField

__all__ = [
    "CollectionChangeInput", "CollectionInput", "ImageInput", "OptionInput", "ProductChangeInput", "ProductInput",
    "VariantChangeInput", "VariantInput", "WordsInput",
]  # fmt: skip

MAX_HTML = 200_000
MAX_TAGS = 50
MAX_MEMBERS = 100
#: Products in one request about a collection.
MAX_PRODUCTS = 1_000


class WordsInput(Input):
    """The words of one locale; a description is HTML and is sanitised."""

    title = TextField(max_length=200, required=False)
    subtitle = TextField(max_length=300, required=False, allow_blank=True)
    description = TextField(max_length=MAX_HTML, required=False, allow_blank=True)
    seo_title = TextField(max_length=200, required=False, allow_blank=True)
    seo_description = TextField(max_length=500, required=False, allow_blank=True)


class OptionWordsInput(Input):
    """An option in another locale."""

    name = TextField(max_length=60, required=False)
    values = serializers.DictField(child=TextField(max_length=80), required=False)


class OptionInput(Input):
    """An option with its values, in the tenant's default locale."""

    name = TextField(max_length=60)
    values = serializers.ListField(child=TextField(max_length=80), min_length=1, max_length=MAX_VALUES)
    translations = serializers.DictField(child=OptionWordsInput(), required=False)


class VariantInput(Input):
    """A variant; `options` has a value for every option of the product."""

    sku = TextField(max_length=64, required=False)
    options = serializers.DictField(child=TextField(max_length=80), required=False)
    weight_g = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False, allow_null=True)
    barcode = TextField(max_length=32, required=False, allow_blank=True)
    requires_shipping = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    image_id = serializers.UUIDField(required=False, allow_null=True)


class VariantChangeInput(VariantInput):
    """Changes of a variant."""

    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)


class _ProductFields(Input):
    """What creating and changing have in common."""

    flat_words = ("title", "subtitle", "description", "seo_title", "seo_description")

    handle = HandleField(required=False)
    kind = serializers.ChoiceField(choices=Product.Kind.values, required=False)
    vendor = TextField(max_length=120, required=False, allow_blank=True)
    category_id = serializers.UUIDField(required=False, allow_null=True)
    tags = serializers.ListField(child=TextField(max_length=80), max_length=MAX_TAGS, required=False)
    external_url = TextField(
        max_length=500, required=False, allow_blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    button_text = TextField(max_length=60, required=False, allow_blank=True)
    options = serializers.ListField(child=OptionInput(), max_length=MAX_OPTIONS, required=False)
    images = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_IMAGES, required=False)
    members = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_MEMBERS, required=False)


class ProductInput(_ProductFields):
    """A new product; it is published once it has a price."""

    translations = serializers.DictField(child=WordsInput(), allow_empty=False)
    status = serializers.ChoiceField(choices=[Product.Status.DRAFT, Product.Status.ARCHIVED], required=False)
    variants = serializers.ListField(child=VariantInput(), max_length=MAX_VARIANTS, required=False)


class ProductChangeInput(_ProductFields):
    """Changes of a product; a locale that is null is taken away, `options` and `images` are whole lists."""

    translations = serializers.DictField(child=WordsInput(allow_null=True), required=False)
    status = serializers.ChoiceField(choices=Product.Status.values, required=False)


class ImageInput(Input):
    """An image to show with a product, or with one of its variants."""

    asset_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(required=False, allow_null=True)
    position = serializers.IntegerField(min_value=0, max_value=MAX_IMAGES, required=False)


class CollectionWordsInput(Input):
    """The words of one locale; a description is HTML and is sanitised."""

    title = TextField(max_length=200, required=False)
    description = TextField(max_length=20_000, required=False, allow_blank=True)


class CollectionChangeInput(Input):
    """Changes of a collection; `products` is the whole list, in order."""

    flat_words = ("title", "description")

    handle = HandleField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    translations = serializers.DictField(child=CollectionWordsInput(allow_null=True), required=False)
    products = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_PRODUCTS, required=False)


class CollectionInput(CollectionChangeInput):
    """A new collection."""

    translations = serializers.DictField(child=CollectionWordsInput(), allow_empty=False)
