"""Switching modules on and off for one tenant."""

from __future__ import annotations

import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.tenant.public import find, use_tenant
from apps.tenant.services.modules import disable_module, enable_module
from rustok.kernel.errors import Conflict, Forbidden, NotFound
from rustok.kernel.modules import find_module, is_enabled, off_by

SHOP = ("pricing", "inventory", "cart", "order", "commerce", "importer")


def again():
    """Work in acme as it is now."""
    tenant = find("acme")
    connection.set_tenant(tenant)
    return tenant


def test_a_module_is_switched_off_and_on_and_each_is_announced_once(acme, system, events_of):
    done = disable_module(actor=system, slug="forum")
    assert done.slugs == ("forum",)
    again()
    assert not is_enabled("forum")
    assert disable_module(actor=system, slug="forum").slugs == ()
    assert enable_module(actor=system, slug="forum").slugs == ("forum",)
    again()
    assert is_enabled("forum")
    assert events_of("module.disabled") == [{"slug": "forum"}]
    assert events_of("module.enabled") == [{"slug": "forum"}]


def test_what_others_need_is_not_switched_off_from_under_them(acme, system, events_of):
    with pytest.raises(Conflict) as refusal:
        disable_module(actor=system, slug="product")
    assert refusal.value.code == "module_required_by"
    assert "Carts, Checkout, Importer, Orders, Prices, Stock" in refusal.value.detail
    assert again().disabled_modules == []
    assert events_of("module.disabled") == []


def test_what_a_module_needs_is_named_before_it_is_switched_on(acme, system):
    disable_module(actor=system, slug="product", with_dependencies=True)
    with pytest.raises(Conflict) as refusal:
        enable_module(actor=system, slug="pricing")
    assert refusal.value.code == "module_requires"
    assert "Products" in refusal.value.detail


def test_a_whole_shop_goes_and_comes_back_with_one_switch(acme, system, events_of):
    disable_module(actor=system, slug="importer")
    off = disable_module(actor=system, slug="product", with_dependencies=True)
    assert set(off.slugs) == {"product", *SHOP} - {"importer"}
    again()
    assert not any(is_enabled(slug) for slug in SHOP)
    assert [event["slug"] for event in events_of("module.disabled")][-1] == "product"
    on = enable_module(actor=system, slug="product")
    assert set(on.slugs) == set(off.slugs)
    again()
    assert not is_enabled("importer")  # somebody switched that off itself


def test_switching_on_brings_what_is_needed_when_asked_to(acme, system):
    disable_module(actor=system, slug="tax", with_dependencies=True)
    disable_module(actor=system, slug="shipping", with_dependencies=True)
    assert enable_module(actor=system, slug="commerce", with_dependencies=True).slugs == (
        "tax", "shipping", "cart", "commerce",
    )  # fmt: skip
    assert again().disabled_modules == []


def test_what_no_shop_can_do_without_stays_on(acme, system):
    for slug in ("accounts", "rbac", "outbox", "tenant", "index", "telemetry", "content", "media", "taxonomy"):
        with pytest.raises(Conflict) as refusal:
            disable_module(actor=system, slug=slug, with_dependencies=True)
        assert refusal.value.code == "module_not_toggleable"
    assert again().disabled_modules == []


def test_an_unknown_module_is_refused_and_one_of_code_that_is_gone_is_ignored(acme, system):
    with pytest.raises(NotFound) as refusal:
        disable_module(actor=system, slug="no-such")
    assert refusal.value.code == "no_such_module"
    assert off_by(["gone", "accounts"]) == frozenset()
    type(acme).objects.filter(pk=acme.pk).update(disabled_modules=["gone"])
    disable_module(actor=system, slug="blog")
    assert again().disabled_modules == ["blog", "gone"]
    enable_module(actor=system, slug="blog")
    assert again().disabled_modules == ["gone"]


def test_only_who_may_switches(acme, actor, manager, customer, admin_user, events_of):
    for user in (manager, customer):
        with pytest.raises(Forbidden):
            disable_module(actor=actor(user), slug="forum")
    assert events_of("module.disabled") == []
    assert disable_module(actor=actor(admin_user), slug="forum").slugs == ("forum",)


def test_an_admin_of_one_shop_switches_nothing_of_another(acme, globex, actor, admin_user):
    with pytest.raises(NotFound):
        disable_module(actor=actor(admin_user), slug="forum", tenant_slug="globex")
    assert find("globex").disabled_modules == []


def test_the_switch_of_one_shop_is_no_other_s(acme, globex, system):
    disable_module(actor=system, slug="blog")
    with use_tenant(find("globex")):
        assert is_enabled("blog")


def test_the_hooks_of_a_module_run_in_the_transaction_of_its_switch(acme, system, monkeypatch, events_of):
    seen = []
    blog = type(find_module("blog"))
    monkeypatch.setattr(blog, "on_enable", classmethod(lambda cls, tenant: seen.append(("on", tenant.slug))))
    monkeypatch.setattr(blog, "on_disable", classmethod(lambda cls, tenant: seen.append(("off", tenant.slug))))
    disable_module(actor=system, slug="blog")
    enable_module(actor=system, slug="blog")
    assert seen == [("off", "acme"), ("on", "acme")]

    def refuse(cls, tenant):
        raise Conflict("not now")

    monkeypatch.setattr(blog, "on_disable", classmethod(refuse))
    with pytest.raises(Conflict):
        disable_module(actor=system, slug="blog")
    assert again().disabled_modules == []
    assert len(events_of("module.disabled")) == 1


def test_asking_whether_a_module_is_on_asks_no_database(acme, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert is_enabled("blog", "forum", "commerce")


def test_two_who_switch_at_once_both_get_their_way(committed_db):
    """With real connections: the second waits for the first, and does not write over it."""
    from rustok.kernel.access import Actor

    start, failures = threading.Barrier(2), []

    def switch(slug: str) -> None:
        try:
            with use_tenant(find("acme")):
                start.wait(10)
                disable_module(actor=Actor.system("tests"), slug=slug)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    for first, second in (("blog", "forum"), ("comments", "navigation")):
        threads = [threading.Thread(target=switch, args=(slug,)) for slug in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert failures == []
    connection.set_schema_to_public()
    assert find("acme").disabled_modules == ["blog", "comments", "forum", "navigation"]


# --- edges ------------------------------------------------------------------------------------------------------


def test_rest_lists_modules_and_switches_them(acme, api, admin_user, manager):
    client = api(admin_user)
    rows = {row["slug"]: row for row in client.get("/api/v1/modules/").json()["results"]}
    assert rows["blog"] == {
        "slug": "blog", "name": "Blog", "description": "Posts with a cover, tags and comments.", "version": "0.1.0",
        "enabled": True, "toggleable": True, "requires": ["content", "index", "media", "taxonomy"], "missing": [],
        "required_by": [], "health": {"status": "ok", "reason": ""},
    }  # fmt: skip
    refused = client.patch("/api/v1/modules/product/", {"enabled": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "module_required_by")
    done = client.patch("/api/v1/modules/product/", {"enabled": False, "with_dependencies": True}).json()
    assert (done["enabled"], set(done["changed"])) == (False, {"product", *SHOP})
    cart = client.get("/api/v1/modules/cart/").json()
    assert (cart["enabled"], cart["missing"]) == (False, ["pricing", "product"])
    assert client.get("/api/v1/products/").json()["code"] == "module_disabled"
    assert client.patch("/api/v1/modules/product/", {"enabled": True}).json()["enabled"] is True
    assert client.get("/api/v1/products/").status_code == 200
    assert client.patch("/api/v1/modules/none/", {"enabled": True}).json()["code"] == "no_such_module"
    assert client.patch("/api/v1/modules/blog/", {"enabled": "perhaps"}).status_code == 400
    assert client.get("/api/v1/modules/none/").status_code == 404
    assert api(manager).patch("/api/v1/modules/blog/", {"enabled": False}).status_code == 403
    assert api().get("/api/v1/modules/").status_code == 401


def test_graphql_lists_modules_and_switches_them(acme, api, admin_user):
    client = api(admin_user)
    listed = client.graphql("{ modules { slug enabled requiredBy health { status } } }")["data"]["modules"]
    assert {"slug": "blog", "enabled": True, "requiredBy": [], "health": {"status": "ok"}} in listed
    update = (
        "mutation($i: ModuleUpdateInput!) { moduleUpdate(input: $i) { changed module { enabled } errors { code } } }"
    )
    done = client.graphql(update, i={"slug": "blog", "enabled": False})["data"]["moduleUpdate"]
    assert done == {"changed": ["blog"], "module": {"enabled": False}, "errors": []}
    refused = client.graphql(update, i={"slug": "tax", "enabled": False})["data"]["moduleUpdate"]
    assert refused["errors"] == [{"code": "module_required_by"}]
    said = client.graphql("{ posts { nodes { id } } }")
    assert said["errors"][0]["extensions"]["code"] == "module_disabled"


def test_the_command_lists_and_switches(acme, capsys):
    call_command("module", "disable", "product", "shipping", "--tenant", "acme", "--with-dependencies", "--json")
    assert set(json.loads(capsys.readouterr().out)["changed"]) == {"product", "shipping", *SHOP}
    call_command("module", "list", "--tenant", "acme", "--json")
    rows = {row["slug"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["shipping"]["enabled"], rows["cart"]["missing"]) == (False, ["pricing", "product", "shipping"])
    call_command("module", "enable", "product", "--tenant", "acme")
    assert "switched on" in capsys.readouterr().out
    with pytest.raises(CommandError, match="module_requires"):
        call_command("module", "enable", "cart", "--tenant", "acme")
    with pytest.raises(CommandError, match="no_such_module"):
        call_command("module", "disable", "nope", "--tenant", "acme")
    with pytest.raises(CommandError, match="no tenant"):
        call_command("module", "list", "--tenant", "nobody")


def test_the_check_costs_no_query(acme, api):
    client = api()
    client.get("/api/v1/posts/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/v1/posts/")
    assert not [query for query in queries.captured_queries if "disabled_modules" in query["sql"]]
    disable_module(actor=_system(), slug="blog")
    client.get("/api/v1/posts/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/posts/").status_code == 404
    assert len(queries) == 0


def _system():
    from rustok.kernel.access import Actor

    return Actor.system("tests")
