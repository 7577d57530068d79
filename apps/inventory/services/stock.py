"""Counting, promising and shipping stock.

Stock rows are locked in primary-key order and in one place, `_lock`. Whether there is enough is decided under that
lock; the table's own constraint stands behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.inventory.events import InventoryLow, InventoryUpdated
from apps.inventory.models import MAX_STOCK, Location, Reservation, StockAdjustment, StockLevel, StockPolicy
from apps.inventory.services.locations import NoSuchLocation, ensure_default_location
from apps.product.public import products_of_variants
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, FieldError, Invalid, NotFound
from rustok.kernel.events import Event, publish_many

__all__ = [
    "OutOfStock", "adjust_stock", "commit_reservation", "count_stock", "release_reservation", "reserve", "set_policy",
    "set_stock",
]  # fmt: skip

State = Reservation.State
#: Variants that one reservation may hold.
MAX_LINES = 500


class OutOfStock(Conflict):
    """There is not enough stock."""

    code = "out_of_stock"


class NotEnoughOnHand(Conflict):
    """The stock cannot fall below what is promised to orders."""

    code = "not_enough_on_hand"


class StockOutOfBounds(Invalid):
    """Stock is a whole number that the shelves can hold."""

    code = "stock_out_of_bounds"


class NoSuchVariant(NotFound):
    """There is no such variant."""

    code = "no_such_variant"


# --- locking ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shelf:
    """The locked stock rows of one variant, the default location's first, and how they are treated."""

    variant_id: UUID
    levels: list[StockLevel]
    policy: StockPolicy
    before: int = 0

    @property
    def free(self) -> int:
        """What can still be sold, over all locations that sell."""
        return sum(level.available for level in self.levels if level.location.is_active)


def _lock(variant_ids: Iterable[UUID]) -> dict[UUID, _Shelf]:
    """Lock every stock row of the variants, in primary-key order: the one place where stock is locked."""
    ids = sorted(set(variant_ids))
    rows = StockLevel.objects.filter(variant_id__in=ids).order_by("pk").select_for_update(of=("self",))
    levels = list(rows.select_related("location"))
    policies = {policy.variant_id: policy for policy in StockPolicy.objects.filter(variant_id__in=ids)}
    shelves = {key: _Shelf(key, [], policies.get(key) or StockPolicy(variant_id=key)) for key in ids}
    for level in levels:
        shelves[level.variant_id].levels.append(level)
    for shelf in shelves.values():
        shelf.levels.sort(key=lambda level: (not level.location.is_default, level.location.position, level.pk))
        shelf.before = shelf.free
    return shelves


def _store(shelves: Iterable[_Shelf], products: Mapping[UUID, UUID] | None = None) -> None:
    """Write locked rows back, and tell whose stock changed; `products` are those of the variants, if known."""
    changed = [shelf for shelf in shelves if shelf.levels]
    levels = sorted((level for shelf in changed for level in shelf.levels), key=lambda level: level.pk)
    if len(levels) == 1:
        StockLevel.objects.filter(pk=levels[0].pk).update(on_hand=levels[0].on_hand, reserved=levels[0].reserved)
    else:
        StockLevel.objects.bulk_update(levels, ["on_hand", "reserved"])
    _announce(changed, products)


def _announce(shelves: Sequence[_Shelf], known: Mapping[UUID, UUID] | None = None) -> None:
    products = products_of_variants(shelf.variant_id for shelf in shelves) if known is None else known
    facts: list[tuple[Event, Any]] = []
    for shelf in sorted(shelves, key=lambda shelf: shelf.variant_id):
        variant_id, free = shelf.variant_id, shelf.free
        product_id = products[variant_id]
        aggregate = min(shelf.levels, key=lambda level: level.pk) if shelf.levels else shelf.policy
        facts.append((InventoryUpdated(variant_id=variant_id, product_id=product_id, available=free), aggregate))
        if shelf.policy.tracked and free <= shelf.policy.low_stock_at < shelf.before:
            facts.append((InventoryLow(variant_id=variant_id, product_id=product_id, available=free), aggregate))
    if facts:
        publish_many(facts)


# --- promising ----------------------------------------------------------------------------------------------------


@transaction.atomic
def reserve(*, actor: Actor, reference: UUID, lines: Sequence[tuple[UUID, int]]) -> None:
    """Promise stock to `reference`, all lines or none.

    What is promised to the reference or shipped already stays as it is; after a release it may be promised anew.
    Whoever may check out may reserve: the caller has decided that. Lines of one variant are summed first.

    :raises OutOfStock: with one error per line that cannot be served
    :raises NoSuchVariant: if a variant does not exist
    """
    wanted = _summed(lines)
    shelves = _lock(wanted)
    earlier = list(Reservation.objects.filter(reference=reference).values_list("state", flat=True))
    if any(state != State.RELEASED for state in earlier):
        return
    products = products_of_variants(wanted)
    if missing := wanted.keys() - products.keys():
        raise NoSuchVariant(", ".join(sorted(map(str, missing))[:5]))
    counted = {key: quantity for key, quantity in wanted.items() if shelves[key].policy.tracked}
    short = {key for key, quantity in counted.items() if not _can_serve(shelves[key], quantity)}
    if short:
        raise _out_of_stock(lines, shelves, short)
    if earlier:
        Reservation.objects.filter(reference=reference).delete()
    Reservation.objects.bulk_create(
        reservation
        for key, quantity in sorted(counted.items())
        for reservation in _allocate(shelves[key], quantity, reference)
    )
    _store((shelves[key] for key in counted), products)


def _summed(lines: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    for variant_id, quantity in lines:
        if quantity < 1:
            raise StockOutOfBounds("a quantity is at least 1", field="quantity")
        wanted[variant_id] = wanted.get(variant_id, 0) + quantity
    if len(wanted) > MAX_LINES or any(quantity > MAX_STOCK for quantity in wanted.values()):
        raise StockOutOfBounds(f"at most {MAX_LINES} variants of {MAX_STOCK} pieces")
    return wanted


def _can_serve(shelf: _Shelf, quantity: int) -> bool:
    return shelf.policy.backorder or shelf.free >= quantity


def _out_of_stock(lines: Sequence[tuple[UUID, int]], shelves: Mapping[UUID, _Shelf], short: set[UUID]) -> OutOfStock:
    errors = tuple(
        FieldError(f"lines.{number}", OutOfStock.code, f"{shelves[variant_id].free} left")
        for number, (variant_id, _) in enumerate(lines)
        if variant_id in short
    )
    return OutOfStock(errors=errors)


def _allocate(shelf: _Shelf, quantity: int, reference: UUID) -> Iterable[Reservation]:
    """Take from one location after the other; what no location has is sold beyond stock."""
    for level in shelf.levels:
        taken = min(quantity, level.available) if level.location.is_active else 0
        if taken > 0:
            level.reserved += taken
            quantity -= taken
            yield Reservation(reference=reference, variant_id=shelf.variant_id, location=level.location, quantity=taken)
    if quantity:
        yield Reservation(reference=reference, variant_id=shelf.variant_id, quantity=quantity)


@transaction.atomic
def commit_reservation(reference: UUID, *, actor: Actor | None = None) -> None:
    """Take what was promised off the shelves, because it was shipped; doing so again changes nothing."""

    def ship(level: StockLevel, quantity: int) -> None:
        level.reserved -= quantity
        level.on_hand -= quantity

    _settle(reference, State.COMMITTED, ship, actor)


@transaction.atomic
def release_reservation(reference: UUID, *, actor: Actor | None = None) -> None:
    """Give back what was promised; what was shipped or given back already stays so."""

    def free(level: StockLevel, quantity: int) -> None:
        level.reserved -= quantity

    _settle(reference, State.RELEASED, free, actor)


def _settle(
    reference: UUID, state: Reservation.State, change: Callable[[StockLevel, int], None], actor: Actor | None
) -> None:
    promised = Reservation.objects.filter(reference=reference, state=State.HELD)
    shelves = _lock(promised.values_list("variant_id", flat=True))
    held = list(promised.order_by("pk").select_for_update())
    if not held:
        return
    levels = {(level.variant_id, level.location_id): level for shelf in shelves.values() for level in shelf.levels}
    shipped = []
    for reservation in held:
        if reservation.location_id is not None:
            level = levels[reservation.variant_id, reservation.location_id]
            change(level, reservation.quantity)
            shipped.append((level, reservation.quantity))
    promised.update(state=state)
    if state == State.COMMITTED:
        StockAdjustment.objects.bulk_create(
            _adjustment(level, -quantity, StockAdjustment.Reason.SHIPPED, actor, reference)
            for level, quantity in shipped
        )
    _store(shelves[key] for key in {reservation.variant_id for reservation in held})


# --- counting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def adjust_stock(
    *,
    actor: Actor,
    variant_id: UUID,
    delta: int,
    location_id: UUID | None = None,
    reason: str = StockAdjustment.Reason.CORRECTION,
    reference: UUID | None = None,
) -> StockAdjustment:
    """Add to the stock on hand, or take from it; at the default location if none is named.

    :raises NoSuchVariant: if the variant does not exist
    :raises NoSuchLocation: if the location does not exist
    :raises NotEnoughOnHand: if less would be left than is promised
    :raises StockOutOfBounds: if nothing changes, or more comes than a location holds
    """
    authorize(actor, "inventory.update")
    place = location_id or ensure_default_location().pk
    shelf = _locked_shelves([(variant_id, place)])[variant_id]
    level = next(level for level in shelf.levels if level.location_id == place)
    adjustment = _book(level, delta, reason, actor, reference)
    adjustment.save(force_insert=True)
    _store([shelf])
    return adjustment


@transaction.atomic
def set_stock(
    *,
    actor: Actor,
    variant_id: UUID,
    on_hand: int,
    location_id: UUID | None = None,
    reason: str = StockAdjustment.Reason.COUNTED,
) -> StockAdjustment | None:
    """Set the stock on hand to what was counted; None if it was that already.

    :raises NoSuchVariant: if the variant does not exist
    :raises NoSuchLocation: if the location does not exist
    :raises NotEnoughOnHand: if less would be left than is promised
    :raises StockOutOfBounds: if it is negative, or more than a location holds
    """
    place = location_id or ensure_default_location().pk
    changed = count_stock(actor=actor, counts=[(variant_id, place, on_hand)], reason=reason)
    return changed[0] if changed else None


@transaction.atomic
def count_stock(
    *,
    actor: Actor,
    counts: Sequence[tuple[UUID, UUID, int]],
    reason: str = StockAdjustment.Reason.COUNTED,
) -> list[StockAdjustment]:
    """Set the stock on hand of (variant, location) to what was counted, at once; answer what changed.

    :raises NoSuchVariant: if a variant does not exist
    :raises NoSuchLocation: if a location does not exist
    :raises NotEnoughOnHand: if less would be left than is promised
    :raises StockOutOfBounds: if one is negative, or more than a location holds
    """
    authorize(actor, "inventory.update")
    wanted = {(variant_id, location_id): on_hand for variant_id, location_id, on_hand in counts}
    shelves = _locked_shelves(wanted)
    adjustments = [
        _book(level, wanted[level.variant_id, level.location_id] - level.on_hand, reason, actor, None)
        for shelf in shelves.values()
        for level in shelf.levels
        if wanted.get((level.variant_id, level.location_id), level.on_hand) != level.on_hand
    ]
    StockAdjustment.objects.bulk_create(adjustments)
    _store(shelves[key] for key in dict.fromkeys(one.variant_id for one in adjustments))
    return adjustments


def _locked_shelves(places: Iterable[tuple[UUID, UUID]]) -> dict[UUID, _Shelf]:
    """Lock the rows of variants at locations, making those that are missing."""
    pairs = sorted(places)
    variants, locations = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    if variants - products_of_variants(variants).keys():
        raise NoSuchVariant(field="variant_id")
    if Location.objects.filter(pk__in=locations).count() < len(locations):
        raise NoSuchLocation(field="location_id")
    rows = [StockLevel(variant_id=variant_id, location_id=location_id) for variant_id, location_id in pairs]
    StockLevel.objects.bulk_create(rows, ignore_conflicts=True)
    return _lock(variants)


def _book(level: StockLevel, delta: int, reason: str, actor: Actor, reference: UUID | None) -> StockAdjustment:
    """Change a locked row; answer the note of it, unsaved."""
    after = level.on_hand + delta
    if delta == 0 or after > MAX_STOCK:
        raise StockOutOfBounds(f"the stock may be 0 to {MAX_STOCK}, and a change is not 0", field="delta")
    if after < level.reserved:
        raise NotEnoughOnHand(f"{level.on_hand} on hand, {level.reserved} of them promised", field="delta")
    level.on_hand = after
    return _adjustment(level, delta, reason, actor, reference)


def _adjustment(
    level: StockLevel, delta: int, reason: str, actor: Actor | None, reference: UUID | None
) -> StockAdjustment:
    return StockAdjustment(
        variant_id=level.variant_id,
        location_id=level.location_id,
        delta=delta,
        on_hand=level.on_hand,
        reason=reason,
        reference=reference,
        actor_id=actor.id if actor else None,
    )


@transaction.atomic
def set_policy(
    *,
    actor: Actor,
    variant_id: UUID,
    tracked: bool | None = None,
    backorder: bool | None = None,
    low_stock_at: int | None = None,
) -> StockPolicy:
    """Say how a variant's stock is treated; what is left out stays.

    :raises NoSuchVariant: if the variant does not exist
    """
    authorize(actor, "inventory.update")
    if variant_id not in products_of_variants([variant_id]):
        raise NoSuchVariant(field="variant_id")
    given = {"tracked": tracked, "backorder": backorder, "low_stock_at": low_stock_at}
    policy, _ = StockPolicy.objects.update_or_create(
        variant_id=variant_id, defaults={name: value for name, value in given.items() if value is not None}
    )
    shelf = _lock([variant_id])[variant_id]
    shelf.policy = policy
    _announce([shelf])
    return policy
