"""What the $module module accepts."""

from rest_framework import serializers

from rustok.kernel.inputs import Input, TextField

__all__ = ["${Model}Input"]


class ${Model}Input(Input):
    """A new $word."""

    title = TextField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
