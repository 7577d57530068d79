"""Counting, promising and shipping stock."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.inventory import selectors, services
from apps.inventory.models import Location, Reservation, StockAdjustment, StockLevel
from apps.inventory.public import (
    UNLIMITED,
    OutOfStock,
    adjust_stock,
    available,
    check_lines,
    commit_reservation,
    release_reservation,
    reserve,
    set_policy,
    set_stock,
)
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from rustok.kernel.ids import new_id
from tests.inventory.factories import LocationFactory, StockLevelFactory, VariantFactory

pytestmark = pytest.mark.django_db


def stock(variant):
    return [(level.on_hand, level.reserved) for level in StockLevel.objects.filter(variant=variant).order_by("pk")]


class TestCounting:
    def test_an_adjustment_is_kept_and_announced(self, acme, system, events_of):
        variant = VariantFactory()
        adjust_stock(actor=system, variant_id=variant.pk, delta=7, reason="received")
        adjustment = adjust_stock(actor=system, variant_id=variant.pk, delta=-2, reason="damaged")
        assert (adjustment.delta, adjustment.on_hand, adjustment.reason) == (-2, 5, "damaged")
        assert available([variant.pk]) == {variant.pk: 5}
        assert Location.objects.get().is_default
        told = {"variant_id": str(variant.pk), "product_id": str(variant.product_id)}
        assert events_of("inventory.updated") == [told | {"available": 7}, told | {"available": 5}]

    def test_counting_books_the_difference(self, acme, system):
        variant = VariantFactory()
        set_stock(actor=system, variant_id=variant.pk, on_hand=7)
        set_stock(actor=system, variant_id=variant.pk, on_hand=4)
        assert set_stock(actor=system, variant_id=variant.pk, on_hand=4) is None
        assert list(StockAdjustment.objects.order_by("pk").values_list("delta", flat=True)) == [7, -3]

    @pytest.mark.parametrize(
        ("delta", "error"),
        [(0, Invalid), (-1, Conflict), (10**9 + 1, Invalid)],
    )
    def test_stock_that_cannot_be_leaves_nothing(self, acme, system, events_of, delta, error):
        variant = VariantFactory()
        with pytest.raises(error):
            adjust_stock(actor=system, variant_id=variant.pk, delta=delta)
        assert not StockLevel.objects.exists()
        assert not StockAdjustment.objects.exists()
        assert events_of("inventory.updated") == []

    def test_stock_does_not_fall_below_what_is_promised(self, acme, system):
        variant = StockLevelFactory(on_hand=5).variant
        reserve(actor=system, reference=new_id(), lines=[(variant.pk, 3)])
        location = StockLevel.objects.get().location_id
        with pytest.raises(services.NotEnoughOnHand):
            adjust_stock(actor=system, variant_id=variant.pk, location_id=location, delta=-3)
        with pytest.raises(services.NotEnoughOnHand):
            set_stock(actor=system, variant_id=variant.pk, location_id=location, on_hand=2)
        adjust_stock(actor=system, variant_id=variant.pk, location_id=location, delta=-2)
        assert stock(variant) == [(3, 3)]

    def test_an_unknown_variant_or_location_is_told(self, acme, system):
        with pytest.raises(services.NoSuchVariant):
            adjust_stock(actor=system, variant_id=new_id(), delta=1)
        with pytest.raises(services.NoSuchLocation):
            adjust_stock(actor=system, variant_id=VariantFactory().pk, location_id=new_id(), delta=1)

    def test_many_variants_are_counted_at_once_and_only_what_changed_is_told(self, acme, system, events_of):
        one, two, place = VariantFactory(), VariantFactory(), LocationFactory(is_default=True)
        set_stock(actor=system, variant_id=one.pk, on_hand=4)
        before = len(events_of("inventory.updated"))
        counts = [(one.pk, place.pk, 4), (two.pk, place.pk, 9)]
        changed = services.count_stock(actor=system, counts=counts)
        assert [(row.variant_id, row.delta) for row in changed] == [(two.pk, 9)]
        assert available([one.pk, two.pk]) == {one.pk: 4, two.pk: 9}
        assert len(events_of("inventory.updated")) == before + 1

    def test_one_count_that_cannot_be_leaves_all_as_they_were(self, acme, system):
        one, place = VariantFactory(), LocationFactory(is_default=True)
        for wrong in ((new_id(), place.pk, 1), (one.pk, new_id(), 1), (one.pk, place.pk, -1)):
            with pytest.raises((NotFound, Conflict)):
                services.count_stock(actor=system, counts=[(one.pk, place.pk, 5), wrong])
            assert available([one.pk]) == {one.pk: 0}

    def test_low_stock_is_announced_once_when_it_falls(self, acme, system, events_of):
        variant = StockLevelFactory(on_hand=10).variant
        location = StockLevel.objects.get().location_id
        set_policy(actor=system, variant_id=variant.pk, low_stock_at=5)
        for delta in (-4, -1, -1, 4):
            adjust_stock(actor=system, variant_id=variant.pk, location_id=location, delta=delta)
        assert [event["available"] for event in events_of("inventory.low")] == [5]

    def test_who_may_not_leaves_nothing(self, acme, actor, customer, events_of):
        variant = VariantFactory()
        for who, error in ((ANONYMOUS, Unauthenticated), (actor(customer), Forbidden)):
            for attempt in (
                lambda who=who: adjust_stock(actor=who, variant_id=variant.pk, delta=1),
                lambda who=who: set_stock(actor=who, variant_id=variant.pk, on_hand=1),
                lambda who=who: set_policy(actor=who, variant_id=variant.pk, tracked=False),
                lambda who=who: services.create_location(actor=who, name="x"),
            ):
                with pytest.raises(error):
                    attempt()
        assert not StockLevel.objects.exists()
        assert not Location.objects.exists()
        assert events_of("inventory.updated") == []

    @pytest.mark.parametrize("wrong", [{"on_hand": -1}, {"reserved": 6}, {"reserved": -1}])
    def test_the_database_refuses_it_too(self, acme, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockLevelFactory(**{"on_hand": 5, **wrong})


class TestPromising:
    def test_lines_of_one_variant_are_summed(self, acme, system, events_of):
        variant = StockLevelFactory(on_hand=5).variant
        with pytest.raises(OutOfStock) as refusal:
            reserve(actor=system, reference=new_id(), lines=[(variant.pk, 3), (variant.pk, 3)])
        assert [error.field for error in refusal.value.errors] == ["lines.0", "lines.1"]
        assert (refusal.value.status, refusal.value.code) == (409, "out_of_stock")
        assert stock(variant) == [(5, 0)]
        assert not Reservation.objects.exists()
        assert events_of("inventory.updated") == []

    def test_all_lines_or_none(self, acme, system):
        enough, short = StockLevelFactory(on_hand=5).variant, StockLevelFactory(on_hand=1).variant
        with pytest.raises(OutOfStock) as refusal:
            reserve(actor=system, reference=new_id(), lines=[(enough.pk, 1), (short.pk, 2)])
        assert [error.field for error in refusal.value.errors] == ["lines.1"]
        assert stock(enough) == [(5, 0)]

    def test_a_reference_is_served_once(self, acme, system, events_of):
        variant, reference = StockLevelFactory(on_hand=5).variant, new_id()
        for _ in range(2):
            reserve(actor=system, reference=reference, lines=[(variant.pk, 2)])
        assert stock(variant) == [(5, 2)]
        assert [event["available"] for event in events_of("inventory.updated")] == [3]
        for _ in range(2):
            commit_reservation(reference, actor=system)
        assert stock(variant) == [(3, 0)]
        release_reservation(reference)
        assert stock(variant) == [(3, 0)]
        adjustment = StockAdjustment.objects.get()
        assert (adjustment.delta, adjustment.on_hand, adjustment.reference) == (-2, 3, reference)

    def test_what_is_released_can_be_promised_again(self, acme, system, events_of):
        variant, reference = StockLevelFactory(on_hand=5).variant, new_id()
        reserve(actor=system, reference=reference, lines=[(variant.pk, 5)])
        for _ in range(2):
            release_reservation(reference)
        assert stock(variant) == [(5, 0)]
        assert [event["available"] for event in events_of("inventory.updated")] == [0, 5]
        commit_reservation(reference)
        assert stock(variant) == [(5, 0)]
        reserve(actor=system, reference=reference, lines=[(variant.pk, 4)])
        assert stock(variant) == [(5, 4)]

    def test_stock_is_taken_from_the_default_location_first(self, acme, system):
        variant = VariantFactory()
        far = StockLevelFactory(variant=variant, on_hand=5, location=LocationFactory(position=2))
        near = StockLevelFactory(variant=variant, on_hand=2, location=LocationFactory(is_default=True, position=9))
        closed = StockLevelFactory(variant=variant, on_hand=9, location=LocationFactory(is_active=False))
        assert available([variant.pk]) == {variant.pk: 7}
        reference = new_id()
        reserve(actor=system, reference=reference, lines=[(variant.pk, 4)])
        for level, reserved in ((far, 2), (near, 2), (closed, 0)):
            level.refresh_from_db()
            assert level.reserved == reserved
        with pytest.raises(OutOfStock):
            reserve(actor=system, reference=new_id(), lines=[(variant.pk, 4)])
        commit_reservation(reference)
        far.refresh_from_db()
        assert (far.on_hand, far.reserved) == (3, 0)

    def test_what_is_not_counted_is_never_short(self, acme, system):
        variant, reference = VariantFactory(), new_id()
        set_policy(actor=system, variant_id=variant.pk, tracked=False)
        assert available([variant.pk]) == {variant.pk: UNLIMITED}
        reserve(actor=system, reference=reference, lines=[(variant.pk, 9)])
        commit_reservation(reference)
        assert not Reservation.objects.exists()

    def test_what_is_sold_beyond_stock_takes_what_there_is(self, acme, system):
        variant, reference = StockLevelFactory(on_hand=2).variant, new_id()
        set_policy(actor=system, variant_id=variant.pk, backorder=True)
        reserve(actor=system, reference=reference, lines=[(variant.pk, 5)])
        assert stock(variant) == [(2, 2)]
        rows = Reservation.objects.filter(reference=reference).order_by("quantity")
        assert [(row.quantity, row.location_id is None) for row in rows] == [(2, False), (3, True)]
        commit_reservation(reference)
        assert stock(variant) == [(0, 0)]

    def test_no_stock_row_is_no_stock(self, acme, system):
        variant = VariantFactory()
        assert available([variant.pk]) == {variant.pk: 0}
        with pytest.raises(OutOfStock):
            reserve(actor=system, reference=new_id(), lines=[(variant.pk, 1)])

    @pytest.mark.parametrize("quantity", [0, -1, 10**12])
    def test_a_quantity_that_cannot_be(self, acme, system, quantity):
        with pytest.raises(Invalid):
            reserve(actor=system, reference=new_id(), lines=[(VariantFactory().pk, quantity)])

    def test_an_unknown_variant_is_told(self, acme, system):
        with pytest.raises(NotFound):
            reserve(actor=system, reference=new_id(), lines=[(new_id(), 1)])

    def test_the_number_of_queries_does_not_depend_on_the_lines(self, acme, system):
        variants = [StockLevelFactory(on_hand=5).variant for _ in range(12)]
        counts = []
        for some in (variants[:2], variants):
            with CaptureQueriesContext(connection) as queries:
                reserve(actor=system, reference=new_id(), lines=[(variant.pk, 1) for variant in some])
            counts.append(len([q for q in queries if "outbox" not in q["sql"] and "search_path" not in q["sql"]]))
        assert counts[0] == counts[1]


class TestLocations:
    def test_the_first_is_the_default_and_another_can_take_over(self, acme, system):
        first = services.create_location(actor=system, name="North")
        second = services.create_location(actor=system, name="South")
        assert (first.is_default, second.is_default) == (True, False)
        services.update_location(actor=system, location_id=second.pk, is_default=True)
        first.refresh_from_db()
        assert not first.is_default
        with pytest.raises(services.LocationInUse):
            services.update_location(actor=system, location_id=second.pk, is_active=False)

    def test_one_that_held_stock_stays(self, acme, system):
        services.create_location(actor=system, name="North")
        other = services.create_location(actor=system, name="South")
        adjust_stock(actor=system, variant_id=VariantFactory().pk, location_id=other.pk, delta=1)
        with pytest.raises(services.LocationInUse):
            services.delete_location(actor=system, location_id=other.pk)

    def test_closing_one_makes_its_products_stale(self, acme, system, events_of):
        LocationFactory(is_default=True)
        level = StockLevelFactory(on_hand=5)
        services.update_location(actor=system, location_id=level.location_id, is_active=False)
        assert events_of("location.updated") == [{"location_id": str(level.location_id)}]
        assert selectors.products_at(level.location_id) == [level.variant.product_id]
        assert available([level.variant_id]) == {level.variant_id: 0}


def test_checking_promises_nothing(acme):
    variant, stranger = StockLevelFactory(on_hand=5).variant, new_id()
    checked = check_lines([(variant.pk, 3), (variant.pk, 3), (stranger, 1)])
    assert checked == [
        {"variant_id": str(variant.pk), "quantity": 6, "available": False, "inventory_quantity": 5},
        {"variant_id": str(stranger), "quantity": 1, "available": False, "inventory_quantity": 0},
    ]
    assert stock(variant) == [(5, 0)]


def test_the_index_part_tells_stock_by_one_query(acme, system):
    levels = [StockLevelFactory(on_hand=n) for n in range(4)]
    uncounted, nothing = VariantFactory(), VariantFactory()
    set_policy(actor=system, variant_id=uncounted.pk, tracked=False)
    variants = [*(level.variant for level in levels), uncounted, nothing]
    with CaptureQueriesContext(connection) as queries:
        parts = selectors.index_part([variant.product_id for variant in variants], ["en"], ["USD"])
    assert len(queries) == 1
    told = []
    for variant in variants:
        part = parts[variant.product_id]
        told.append(part.get("variants", {}).get(str(variant.pk), part["every_variant"]))
    assert [(one["available"], one["inventory_quantity"]) for one in told] == [
        (False, 0), (True, 1), (True, 2), (True, 3), (True, None), (False, 0),
    ]  # fmt: skip
