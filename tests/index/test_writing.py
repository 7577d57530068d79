"""Events, concurrent reindexers, rebuild and verify."""

import threading
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from apps.index import handlers, parts, selectors, services
from apps.index.models import IndexContent, IndexProduct, IndexRun
from apps.index.public import get_content, get_product
from rustok.kernel.events import handlers as all_handlers


def run(*args, **options):
    out = StringIO()
    call_command("index", *args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.mark.django_db
class TestWords:
    def test_they_are_parsed_again_only_when_they_change(self, acme, catalogue):
        key = catalogue.add("tent", number=1, price=100)
        parsed = IndexProduct.objects.filter(product_id=key).values_list("search", flat=True)
        IndexProduct.objects.update(search="'kept'")
        catalogue.add("tent", key=key, number=1, price=200)
        assert set(parsed.all()) == {"'kept'"}
        assert get_product("tent", "en", "USD")["price_range"]["min"]["amount"] == "2.00"
        catalogue.add("tent", key=key, number=1, price=200, title="Palace")
        assert all("palac" in search for search in parsed.all())

    def test_a_search_that_does_not_fit_its_words_is_found_and_repaired(self, acme, catalogue):
        catalogue.add("tent")
        IndexProduct.objects.update(search="'broken'")
        assert {drift.problem for drift in services.verify("products", repair=True)} == {"different"}
        assert not list(services.verify("products"))


@pytest.mark.django_db
class TestEvents:
    def envelope(self, name, **payload):
        return SimpleNamespace(event_type=name, payload={k: str(v) for k, v in payload.items()})

    def test_the_handlers_take_batches(self):
        assert all_handlers()["index.reindex_products"].batch
        assert all_handlers()["index.reindex_content"].batch

    def test_a_batch_of_events_of_the_same_product_reads_it_once(self, acme, catalogue):
        key, other = catalogue.add("tent", index=False), catalogue.add("stove", index=False)
        events = [self.envelope("product.updated", product_id=k) for k in (key, key, other, key)]
        handlers.reindex_products(events)
        assert catalogue.calls == 1
        assert get_product("tent", "en", "USD")
        assert get_product("stove", "en", "USD")
        handlers.reindex_products(events)
        assert IndexProduct.objects.count() == 8

    def test_a_part_may_say_which_products_an_event_touches(self, acme, catalogue):
        keys = [catalogue.add(f"tent-{n}", index=False) for n in range(2)]
        parts.register("products", "more", lambda *_: {}, events={"category.updated": lambda payload: keys})
        handlers.reindex_products([self.envelope("category.updated", category_id=keys[0])])
        assert IndexProduct.objects.count() == 8

    def test_content_follows_its_events(self, acme, catalogue):
        key = catalogue.add_node("hello", index=False, en={"title": "Hello"})
        handlers.reindex_content([self.envelope("node.updated", node_id=key)])
        assert get_content("hello", "en")["title"] == "Hello"
        catalogue.nodes[key] = catalogue.nodes[key] | {"locales": {}}
        handlers.reindex_content([self.envelope("node.updated", node_id=key)])
        assert not IndexContent.objects.exists()


class TestConcurrency:
    def test_two_reindexers_never_leave_the_older_state(self, committed_db, catalogue):
        """The first one has read the source when it changes; the second one reads the newer, and is done first."""
        from apps.tenant.public import find, use_tenant

        key = catalogue.add("tent", index=False)
        has_read, may_write = threading.Event(), threading.Event()
        slow = catalogue.part

        def part(keys, locales, currencies):
            found = dict(slow(keys, locales, currencies))
            if threading.current_thread().name == "first":
                has_read.set()
                may_write.wait(10)
            return found

        parts.register("products", "tests", part)

        def reindex():
            with use_tenant(find("acme")):
                services.reindex_products([key])
            connections.close_all()

        first = threading.Thread(target=reindex, name="first")
        first.start()
        assert has_read.wait(10)
        catalogue.add("tent", key=key, title="Newer", index=False)
        second = threading.Thread(target=reindex, name="second")
        second.start()
        second.join(10)
        assert not second.is_alive()
        may_write.set()
        first.join(10)
        with use_tenant(find("acme")):
            assert get_product("tent", "en", "USD")["title"] == "Newer"

    def test_what_was_deleted_does_not_come_back_with_an_older_reading(self, acme, catalogue):
        key = catalogue.add("tent")
        older = services._next_reading()
        tent = catalogue.products.pop(key)
        assert services.reindex_products([key]) == 4
        catalogue.products[key] = tent
        assert services._newest("products", [key], older) == []
        assert services.reindex_products([key]) == 4

    def test_crossing_batches_do_not_deadlock(self, committed_db, catalogue):
        from apps.tenant.public import find, use_tenant

        keys = [catalogue.add(f"tent-{n}", index=False) for n in range(30)]
        failures = []

        def reindex(order):
            try:
                with use_tenant(find("acme")):
                    for _ in range(5):
                        services.reindex_products(order, force=True)
            except Exception as error:
                failures.append(error)
            connections.close_all()

        threads = [
            threading.Thread(target=reindex, args=(order,)) for order in (keys, keys[::-1], keys[10:] + keys[:10])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert failures == []
        with use_tenant(find("acme")):
            assert IndexProduct.objects.count() == 120


@pytest.mark.django_db
class TestRebuild:
    def test_it_indexes_all_and_drops_what_is_gone(self, acme, catalogue, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 4)
        gone = catalogue.add("gone")
        del catalogue.products[gone]
        for n in range(11):
            catalogue.add(f"tent-{n}", index=False)
        catalogue.add_node("hello", index=False, en={"title": "Hello"})
        assert "12 products" in run("rebuild", tenant="acme")
        assert IndexProduct.objects.count() == 44
        assert get_product("gone", "en", "USD") is None
        assert get_content("hello", "de")["resolved_locale"] == "en"
        assert set(IndexRun.objects.values_list("kind", "state")) == {("products", "done"), ("content", "done")}

    def test_it_goes_on_where_it_was_interrupted(self, acme, catalogue, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 3)
        for n in range(10):
            catalogue.add(f"tent-{n}", index=False)

        class Killed(Exception):
            pass

        def die(done, total):
            if done >= 6:
                raise Killed

        with pytest.raises(Killed):
            services.rebuild("products", progress=die)
        assert IndexProduct.objects.count() == 24
        catalogue.calls = 0
        assert services.rebuild("products") == 10
        assert catalogue.calls == 2
        assert IndexProduct.objects.count() == 40

    def test_it_can_start_anew(self, acme, catalogue):
        key = catalogue.add("tent")
        IndexRun.objects.create(kind="products", reached=key, done=1)
        assert services.rebuild("products") == 1
        IndexRun.objects.create(kind="products", reached=key, done=1)
        assert services.rebuild("products", restart=True) == 1
        assert catalogue.calls == 2

    def test_verify_finds_and_repairs_each_kind_of_drift(self, acme, catalogue):
        keys = [catalogue.add(f"tent-{n}") for n in range(5)]
        assert list(services.verify("products")) == []
        with connection.cursor() as cursor:
            table = IndexProduct._meta.db_table
            cursor.execute(f"UPDATE {table} SET document = document || '{{\"title\": \"X\"}}' WHERE handle = 'tent-0'")
            cursor.execute(f"UPDATE {table} SET search = '' WHERE handle = 'tent-1' AND locale = 'de'")
            cursor.execute(f"UPDATE {table} SET price_min = 1 WHERE handle = 'tent-2' AND currency = 'EUR'")
            cursor.execute(f"DELETE FROM {table} WHERE handle = 'tent-3' AND locale = 'en'")
        del catalogue.products[keys[4]]
        expected = (
            [(keys[0], "different")] * 4
            + [(keys[1], "different")] * 2
            + [(keys[2], "different")] * 2
            + [(keys[3], "missing")] * 2
            + [(keys[4], "extra")] * 4
        )
        found = list(services.verify("products"))
        assert sorted((drift.key, drift.problem) for drift in found) == sorted(expected)
        with pytest.raises(CommandError, match="14 row"):
            run("verify", tenant="acme", kind=["products"])
        assert "14 row(s) repaired" in run("verify", "--repair", tenant="acme")
        assert list(services.verify("products")) == []

    def test_status_tells_rows_and_the_last_rebuild(self, acme, catalogue):
        catalogue.add("tent")
        services.rebuild("products")
        state = selectors.status()["products"]
        assert (state["keys"], state["rows"], state["last_rebuild"]["state"]) == (1, 4, "done")
        assert "last rebuild done, 1/1" in run("status", tenant="acme")
        assert '"rows": 4' in run("status", "--json", tenant="acme")

    def test_an_unknown_tenant_is_a_clear_error(self, db):
        with pytest.raises(CommandError, match="no tenant 'nowhere'"):
            run("status", tenant="nowhere")
