"""What policies may ask of an object: typed names that a model declares for its columns.

A model says `policy_resources = ("products",)` and `policy_attributes = {"vendor": Text("vendor")}`; the text of an
attribute is a lookup of the ORM, forward over foreign keys. Nothing else of a row can be named by a policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model

__all__ = ["Attribute", "Bool", "Date", "Id", "Kind", "Number", "Text", "attributes_of", "declared", "models_of"]

Kind = Literal["text", "number", "bool", "date", "id"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column that a policy may name; `hint` tells an editor what stands in it."""

    kind: ClassVar[Kind]
    lookup: str
    hint: Any = ""

    def read(self, obj: Model) -> Any:
        """Answer the value that an object has now; None if it has none."""
        value: Any = obj
        for step in self.lookup.split("__"):
            try:
                value = getattr(value, step, None)
            except ObjectDoesNotExist:
                return None
            if value is None:
                return None
        return value

    def field(self, model: type[Model]) -> Field[Any, Any]:
        """Answer the field that the lookup ends in."""
        for step in self.lookup.split("__"):
            found: Any = model._meta.get_field(step)
            model = found.related_model or model
        return found  # type: ignore[no-any-return]


class Text(Attribute):
    """Words, compared letter by letter."""

    kind = "text"


class Number(Attribute):
    """A number; money in minor units."""

    kind = "number"


class Bool(Attribute):
    """Yes or no."""

    kind = "bool"


class Date(Attribute):
    """A day; of a moment, the day that it fell on in the tenant's time zone."""

    kind = "date"


class Id(Attribute):
    """The key of a row, as `subject.id`."""

    kind = "id"


def attributes_of(model: type[Model]) -> Mapping[str, Attribute]:
    """Answer what policies may ask of a model; nothing if it declares nothing."""
    found: Mapping[str, Attribute] = getattr(model, "policy_attributes", {})
    return found


def models_of(resource: str) -> list[type[Model]]:
    """List the models whose objects stand under a resource."""
    return [model for model in apps.get_models() if resource in getattr(model, "policy_resources", ())]


def declared(resource: str) -> dict[str, Attribute]:
    """Answer what policies about a resource may ask, over all its models."""
    found: dict[str, Attribute] = {}
    for model in models_of(resource):
        found = dict(attributes_of(model)) | found
    return found
