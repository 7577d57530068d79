"""What the taxonomy accepts."""

from rest_framework import serializers

from apps.taxonomy.models import SLUG_LENGTH
from rustok.kernel.inputs import HandleField, Input, TextField

__all__ = ["CategoryInput", "CategoryTranslationInput", "TagInput", "TagNameInput"]


class CategoryTranslationInput(Input):
    """The words of one locale."""

    name = TextField(max_length=120, required=False)
    description = TextField(max_length=5_000, required=False, allow_blank=True)


class CategoryInput(Input):
    """A category; in a change every field may be left out."""

    flat_words = ("name", "description")

    slug = HandleField(max_length=SLUG_LENGTH, required=False)
    parent_id = serializers.UUIDField(required=False, allow_null=True)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    translations = serializers.DictField(child=CategoryTranslationInput(allow_null=True), allow_empty=False)


class TagInput(Input):
    """A tag."""

    name = TextField(max_length=80)
    slug = HandleField(max_length=SLUG_LENGTH, required=False)


class TagNameInput(Input):
    """A new name of a tag."""

    name = TextField(max_length=80)
