"""What the forum accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.content.public import NodeOutput
from rustok.kernel.inputs import HandleField, Input, LocaleField, TextField

__all__ = [
    "BoardInput", "BoardOutput", "ReplyInput", "ReplyOutput", "TopicInput", "TopicOutput", "TopicUpdateInput",
]  # fmt: skip


class BoardTextInput(Input):
    """What a board is called in one language."""

    name = TextField(max_length=120)
    description = TextField(max_length=500, required=False, allow_blank=True)


class BoardInput(Input):
    """A board."""

    slug = HandleField(max_length=80)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    translations = serializers.DictField(child=BoardTextInput(), allow_empty=False)


class TopicInput(Input):
    """A new topic on the board of that slug."""

    category = HandleField(max_length=80)
    title = TextField(max_length=200)
    body = TextField(max_length=20_000)
    locale = LocaleField(required=False)


class TopicUpdateInput(Input):
    """What a moderator does with a topic."""

    pinned = serializers.BooleanField(required=False)
    locked = serializers.BooleanField(required=False)
    category = HandleField(max_length=80, required=False)


class ReplyInput(Input):
    """An answer; Markdown without images and headings."""

    body = TextField(max_length=20_000)


class BoardReferenceOutput(serializers.Serializer[Any]):
    """A board as topics name it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()


class BoardOutput(BoardReferenceOutput):
    """A board."""

    description = serializers.CharField()
    position = serializers.IntegerField()
    resolved_locale = serializers.CharField()
    topic_count = serializers.IntegerField(required=False)


class TopicOutput(NodeOutput):
    """A topic."""

    category = BoardReferenceOutput()
    pinned = serializers.BooleanField()
    locked = serializers.BooleanField()
    reply_count = serializers.IntegerField()
    last_reply_at = serializers.DateTimeField(allow_null=True)


class ReplyOutput(serializers.Serializer[Any]):
    """An answer in a topic."""

    id = serializers.UUIDField()
    topic_id = serializers.UUIDField()
    author = serializers.CharField()
    body_html = serializers.CharField()
    created_at = serializers.DateTimeField()
