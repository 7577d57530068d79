"""Where stock lies: one location is the default, and none that holds anything is removed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.inventory.events import LocationUpdated
from apps.inventory.models import Location, StockAdjustment, StockLevel
from apps.inventory.selectors import default_location
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.events import publish

__all__ = [
    "NoSuchLocation", "create_location", "delete_location", "ensure_default_location", "update_location",
]  # fmt: skip


class NoSuchLocation(NotFound):
    """There is no such location."""

    code = "no_such_location"


class LocationInUse(Conflict):
    """A location that holds stock, or the default one, stays."""

    code = "location_in_use"


def ensure_default_location() -> Location:
    """Answer the default location, making one in a shop that has none."""
    return default_location() or Location.objects.get_or_create(is_default=True, defaults={"name": "Main warehouse"})[0]


@transaction.atomic
def create_location(*, actor: Actor, name: str, **fields: Any) -> Location:
    """Add a place that holds stock; the first one is the default.

    :raises Conflict: if there is one of that name
    """
    authorize(actor, "inventory.create")
    first = not Location.objects.exists()
    return _save(Location(name=name, **{**fields, "is_default": first or fields.get("is_default", False)}))


@transaction.atomic
def update_location(*, actor: Actor, location_id: UUID, **fields: Any) -> Location:
    """Change a location; another one that becomes the default takes over from it.

    :raises NoSuchLocation: if there is none
    :raises LocationInUse: if the shop would be left without a default
    """
    authorize(actor, "inventory.update")
    location = _find_location(location_id)
    if location.is_default and (fields.get("is_default") is False or fields.get("is_active") is False):
        raise LocationInUse("make another location the default first")
    sold = location.is_active
    for name, value in fields.items():
        setattr(location, name, value)
    if location.is_active != sold:
        publish(LocationUpdated(location_id=location.pk), aggregate=location)
    return _save(location)


def _save(location: Location) -> Location:
    if location.is_default:
        Location.objects.filter(is_default=True).exclude(pk=location.pk).update(is_default=False)
    location.save()
    return location


@transaction.atomic
def delete_location(*, actor: Actor, location_id: UUID) -> None:
    """Remove a location that never held anything.

    :raises NoSuchLocation: if there is none
    :raises LocationInUse: if it is the default, or stock was ever booked there
    """
    authorize(actor, "inventory.delete")
    location = _find_location(location_id)
    used = StockLevel.objects.filter(location=location, on_hand__gt=0).exists()
    used = used or StockAdjustment.objects.filter(location=location).exists()
    if used or location.is_default:
        raise LocationInUse()
    StockLevel.objects.filter(location=location).delete()
    location.delete()


def _find_location(location_id: UUID) -> Location:
    location = Location.objects.select_for_update().filter(pk=location_id).first()
    if location is None:
        raise NoSuchLocation(field="location_id")
    return location
