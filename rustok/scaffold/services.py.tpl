"""Writing: one function per use case, one transaction each."""

from __future__ import annotations

from django.db import transaction

from apps.$module.events import ${Model}Created
from apps.$module.models import $Model
from rustok.kernel.access import Actor, authorize
from rustok.kernel.events import publish

__all__ = ["create_$word"]


@transaction.atomic
def create_$word(*, actor: Actor, title: str, position: int = 0) -> $Model:
    """Create a $word and announce it.

    :raises Forbidden: if the actor may not create $resource
    """
    authorize(actor, "$resource.create")
    row = $Model.objects.create(title=title, position=position)
    publish(${Model}Created(${word}_id=row.pk, title=row.title), aggregate=row)
    return row
