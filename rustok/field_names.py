"""Names that fields and models have from the code alone ("answered at"): said in the reader's language, too."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Field
from django.utils.translation import gettext_lazy

__all__ = ["translate_names", "unnamed"]


def unnamed(model: Any) -> list[Field[Any, Any]]:
    """List the fields that nobody gave a name for people; Django makes one of the name in the code."""
    return [field for field in model._meta.concrete_fields if field._verbose_name is None]


def translate_names() -> None:
    """Look those names up in the catalogues, as lists, filters and the audit log show them.

    Migrations go by what the code says and do not see this.
    """
    for model in apps.get_models():
        for field in unnamed(model):
            field.verbose_name = gettext_lazy(str(field.verbose_name))
        for option in ("verbose_name", "verbose_name_plural"):
            if option not in model._meta.original_attrs:  # type: ignore[attr-defined]
                setattr(model._meta, option, gettext_lazy(str(getattr(model._meta, option))))
