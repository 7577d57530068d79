"""What the navigation module accepts, and how OpenAPI describes what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.navigation.models import MAX_ITEMS, Location
from rustok.kernel.inputs import Input

__all__ = ["MenuInput", "MenuOutput"]


class MenuInput(Input):
    """A menu as a whole; the service checks each item: {labels, url or page_id, children}."""

    items = serializers.ListField(child=serializers.JSONField(), max_length=MAX_ITEMS)


class MenuItemOutput(serializers.Serializer[Any]):
    """An item."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    children = serializers.ListField(child=serializers.DictField())


class MenuOutput(serializers.Serializer[Any]):
    """A menu."""

    location = serializers.ChoiceField(choices=Location.values)
    items = MenuItemOutput(many=True)
