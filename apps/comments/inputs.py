"""What the comments module accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.comments.models import Comment
from rustok.kernel.inputs import Input, TextField

__all__ = ["CommentInput", "CommentOutput", "CommentUpdateInput"]


class CommentInput(Input):
    """Something said; Markdown without images and headings."""

    body = TextField(max_length=5_000)


class CommentUpdateInput(Input):
    """Other words, or (by a moderator) another status."""

    body = TextField(max_length=5_000, required=False)
    status = serializers.ChoiceField(choices=Comment.Status.values, required=False)


class TargetOutput(serializers.Serializer[Any]):
    """What a comment is about."""

    kind = serializers.CharField()
    id = serializers.UUIDField()


class CommentOutput(serializers.Serializer[Any]):
    """A comment."""

    id = serializers.UUIDField()
    target = TargetOutput()
    author = serializers.CharField()
    body_html = serializers.CharField()
    status = serializers.ChoiceField(choices=Comment.Status.values)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
