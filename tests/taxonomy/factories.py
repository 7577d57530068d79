"""Categories and tags, made as the services make them."""

from __future__ import annotations

from typing import Any

import factory

from apps.taxonomy import services
from apps.taxonomy.models import Category, Tag
from rustok.kernel.access import Actor


class CategoryFactory(factory.Factory):
    """A category; `parent` is another, `name` is in English."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    parent = None
    translations = factory.LazyAttribute(lambda self: {"en": {"name": self.name}})

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Category:
        kwargs.pop("name")
        parent = kwargs.pop("parent")
        return services.create_category(actor=Actor.system("tests"), parent_id=parent.pk if parent else None, **kwargs)


class TagFactory(factory.Factory):
    """A tag."""

    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Tag:
        return services.create_tag(actor=Actor.system("tests"), **kwargs)
