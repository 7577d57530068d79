"""Reading."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.$module.models import $Model

__all__ = ["${word}_document", "${word}s"]


def ${word}s() -> QuerySet[$Model]:
    """List everything, in the order that people gave it."""
    return $Model.objects.all()


def ${word}_document(row: $Model) -> dict[str, Any]:
    """Answer the form that the APIs show."""
    return {"id": str(row.pk), "title": row.title, "position": row.position}
