"""What the blog accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.blog.models import MAX_TAGS
from apps.content.public import NODE_WORDS, NodeOutput, TextsField
from rustok.kernel.inputs import Input, TextField

__all__ = ["PostInput", "PostOutput", "PostUpdateInput"]


class PostUpdateInput(Input):
    """A change of a post; what is not named stays as it is."""

    flat_words = NODE_WORDS

    translations = TextsField(required=False)
    cover_id = serializers.UUIDField(required=False, allow_null=True)
    tags = serializers.ListField(child=TextField(max_length=80), max_length=MAX_TAGS, required=False)
    author_name = TextField(max_length=150, required=False, allow_blank=True)
    takes_comments = serializers.BooleanField(required=False)


class PostInput(PostUpdateInput):
    """A new post."""

    translations = TextsField()
    publish = serializers.BooleanField(required=False, default=False)


class CoverOutput(serializers.Serializer[Any]):
    """An image."""

    url = serializers.CharField()
    alt = serializers.CharField()


class PostOutput(NodeOutput):
    """A post."""

    image = CoverOutput(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    takes_comments = serializers.BooleanField()
