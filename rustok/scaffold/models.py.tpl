"""The tables of the $module module."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rustok.kernel.models import Entity

__all__ = ["$Model"]


class $Model(Entity):
    """One row is one $word."""

    title = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="${module}_title_is_given")]

    def __str__(self) -> str:
        return self.title
