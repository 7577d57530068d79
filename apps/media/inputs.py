"""What the media module accepts."""

from rest_framework import serializers

from rustok.kernel.inputs import Input, LocaleField, TextField

__all__ = ["AssetInput", "UploadInput"]

MAX_ALT = 300


class UploadInput(Input):
    """A file with its alternative text in one locale."""

    file = serializers.FileField(max_length=300)
    alt = TextField(max_length=MAX_ALT, required=False, allow_blank=True)
    locale = LocaleField(required=False)


class AssetInput(Input):
    """Changes of an image; an alternative text of null is taken away."""

    alt = serializers.DictField(child=TextField(max_length=MAX_ALT, allow_blank=True, allow_null=True), required=False)
    focal_x = serializers.IntegerField(min_value=0, max_value=100, required=False)
    focal_y = serializers.IntegerField(min_value=0, max_value=100, required=False)
