"""Two people move categories at once, in transactions that really commit."""

import threading

from django.db import connection

from apps.taxonomy import services
from apps.taxonomy.models import Category
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import Actor
from tests.taxonomy.factories import CategoryFactory

SYSTEM = Actor.system("tests")


def test_moves_that_cross_leave_no_cycle(committed_db):
    """Two threads put A under B and B under A; one of them is refused."""
    acme = find("acme")
    with use_tenant(acme):
        a, b = CategoryFactory(name="A"), CategoryFactory(name="B")
    refused: list[Exception] = []
    start = threading.Barrier(2)

    def move(what, where):
        try:
            with use_tenant(acme):
                start.wait()
                services.update_category(actor=SYSTEM, category_id=what.pk, parent_id=where.pk)
        except services.UnderItself as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with use_tenant(acme):
        assert sorted(Category.objects.values_list("path", flat=True)) in (["a", "a/b"], ["b", "b/a"])
