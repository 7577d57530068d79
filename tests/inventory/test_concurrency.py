"""Nobody buys what is gone: real connections, real commits."""

import threading
from collections import Counter

from django.db import connections

from apps.inventory.models import StockLevel
from apps.inventory.public import OutOfStock, commit_reservation, release_reservation, reserve
from rustok.kernel.access import Actor
from rustok.kernel.ids import new_id
from tests.inventory.factories import StockLevelFactory

SYSTEM = Actor.system("tests")


def in_acme():
    from apps.tenant.public import find, use_tenant

    return use_tenant(find("acme"))


def all_at_once(tasks):
    """Run every task in a thread and a connection of its own; answer how they ended."""
    outcomes, start = Counter(), threading.Barrier(len(tasks))

    def work(task):
        try:
            with in_acme():
                start.wait(20)
                task()
            outcomes["done"] += 1
        except OutOfStock:
            outcomes["out of stock"] += 1
        except Exception as error:
            outcomes[repr(error)] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_fifty_buyers_of_five_units(committed_db):
    with in_acme():
        variant = StockLevelFactory(on_hand=5).variant
    outcomes = all_at_once(
        [lambda: reserve(actor=SYSTEM, reference=new_id(), lines=[(variant.pk, 1)]) for _ in range(50)]
    )
    assert outcomes == {"done": 5, "out of stock": 45}
    with in_acme():
        level = StockLevel.objects.get()
        assert (level.on_hand, level.reserved) == (5, 5)


def test_orders_in_opposite_directions_do_not_deadlock(committed_db):
    with in_acme():
        first, second = (StockLevelFactory(on_hand=30).variant.pk for _ in range(2))
    orders = [[(first, 1), (second, 1)], [(second, 1), (first, 1)]] * 20
    outcomes = all_at_once(
        [lambda lines=lines: reserve(actor=SYSTEM, reference=new_id(), lines=lines) for lines in orders]
    )
    assert outcomes == {"done": 30, "out of stock": 10}
    with in_acme():
        assert list(StockLevel.objects.values_list("on_hand", "reserved")) == [(30, 30)] * 2


def test_one_reference_is_settled_once_however_many_try(committed_db):
    reference = new_id()
    with in_acme():
        variant = StockLevelFactory(on_hand=9).variant
    tasks = [lambda: reserve(actor=SYSTEM, reference=reference, lines=[(variant.pk, 4)]) for _ in range(8)]
    assert all_at_once(tasks) == {"done": 8}
    tasks = [lambda: commit_reservation(reference), lambda: release_reservation(reference)] * 4
    assert all_at_once(tasks) == {"done": 8}
    with in_acme():
        level = StockLevel.objects.get()
        assert (level.on_hand, level.reserved) in {(5, 0), (9, 0)}
