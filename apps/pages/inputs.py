"""What the pages module accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.content.public import NODE_WORDS, NodeOutput, TextsField
from apps.pages.models import MAX_BLOCKS
from apps.pages.models.blocks import TYPES
from rustok.kernel.inputs import Input, TextField

__all__ = ["PageInput", "PageOutput", "PageUpdateInput"]


class BlocksField(serializers.DictField):
    """Lists of {type, data} by locale; what a type may hold stands in `models/blocks.py`, and the service checks it."""

    child = serializers.ListField(child=serializers.JSONField(), max_length=MAX_BLOCKS)


class PageUpdateInput(Input):
    """A change of a page; the blocks of a language that is named are replaced."""

    flat_words = NODE_WORDS

    path = TextField(max_length=200, required=False)
    translations = TextsField(required=False)
    blocks = BlocksField(required=False, help_text=f"Types: {', '.join(TYPES)}.")
    author_name = TextField(max_length=150, required=False, allow_blank=True)


class PageInput(PageUpdateInput):
    """A new page."""

    path = TextField(max_length=200)
    translations = TextsField()
    publish = serializers.BooleanField(required=False, default=False)


class BlockOutput(serializers.Serializer[Any]):
    """A block, with its images and HTML."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(TYPES))
    position = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]


class PageOutput(NodeOutput):
    """A page; lists leave the blocks out."""

    path = serializers.CharField()
    blocks = BlockOutput(many=True, required=False)
