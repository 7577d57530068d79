"""What the content module accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from apps.content.models import Kind
from rustok.kernel.inputs import HandleField, Input, LocaleField, TextField
from rustok.kernel.locales import UnknownLocale, normalize_locale

__all__ = [
    "NODE_WORDS",
    "NodeInput",
    "NodeOutput",
    "NodeUpdateInput",
    "PublishInput",
    "RenderInput",
    "TextsField",
    "UnpublishInput",
]

#: What a node says in one language, as the fields are named.
NODE_WORDS = ("title", "slug", "excerpt", "body", "seo_title", "seo_description")
#: Languages that one request may carry.
MAX_LOCALES = 20


class NodeTextInput(Input):
    """What a node says in one language; in a change every field may be left out."""

    title = TextField(max_length=200)
    slug = HandleField(required=False)
    excerpt = TextField(max_length=500, required=False, allow_blank=True)
    body = TextField(max_length=100_000, required=False, allow_blank=True, help_text="Markdown; HTML may stand in it.")
    seo_title = TextField(max_length=200, required=False, allow_blank=True)
    seo_description = TextField(max_length=320, required=False, allow_blank=True)


class TextsField(serializers.DictField):
    """Texts by locale; null takes a language away."""

    child = NodeTextInput(allow_null=True)
    default_error_messages = {"many": "at most {limit} languages at once"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("allow_empty", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Read texts under normal locale tags."""
        if isinstance(data, dict):
            if len(data) > MAX_LOCALES:
                self.fail("many", limit=MAX_LOCALES)
            data = {self._locale(key): value for key, value in data.items()}
        return super().to_internal_value(data)

    def _locale(self, key: Any) -> str:
        try:
            return normalize_locale(key)
        except UnknownLocale as error:
            raise ValidationError(error.detail, code=error.code) from None


class NodeInput(Input):
    """A new node."""

    flat_words = NODE_WORDS

    kind = serializers.ChoiceField(choices=[Kind.PAGE.value, Kind.POST.value])
    translations = TextsField()
    publish = serializers.BooleanField(required=False, default=False)


class NodeUpdateInput(Input):
    """A change of a node; languages that are not named stay as they are."""

    flat_words = NODE_WORDS

    translations = TextsField(required=False)
    author_name = TextField(max_length=150, required=False, allow_blank=True)


class RenderInput(Input):
    """A body to look at before it is saved."""

    body = TextField(max_length=100_000, allow_blank=True)


class UnpublishInput(Input):
    """Which language; all of them if it is left out."""

    locale = LocaleField(required=False)


class PublishInput(UnpublishInput):
    """Which language, and since when; all of them and now if they are left out."""

    published_at = serializers.DateTimeField(required=False)


# --- answers ----------------------------------------------------------------------------------------------------------


class SeoOutput(serializers.Serializer[Any]):
    """What search engines are told."""

    title = serializers.CharField()
    description = serializers.CharField()


class NodeOutput(serializers.Serializer[Any]):
    """A node in one language."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    slug = serializers.CharField()
    title = serializers.CharField()
    excerpt = serializers.CharField()
    body_html = serializers.CharField()
    status = serializers.ChoiceField(choices=["draft", "published"])
    published_at = serializers.DateTimeField(allow_null=True)
    author = serializers.CharField()
    seo = SeoOutput()
    resolved_locale = serializers.CharField()
    slugs = serializers.DictField(child=serializers.CharField())
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    translations = serializers.DictField(child=NodeTextInput(), required=False)
