"""Reading the log over REST and GraphQL, exporting it, erasing people from it, and the back office."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit import services
from apps.audit.models import AuditEntry
from apps.audit.selectors import EntryFilter, entries, history
from apps.product.models import Product
from rustok.kernel.audit import record
from rustok.kernel.context import Work, bind, new_trace_id
from rustok.kernel.errors import Forbidden
from rustok.kernel.ids import new_id
from tests.admin.conftest import Browser, browser, words  # noqa: F401
from tests.conftest import make_user
from tests.product.factories import ProductFactory

pytestmark = pytest.mark.django_db


# --- who may --------------------------------------------------------------------------------------------------------


def test_only_who_may_read_logs_reads_it(api: Any, customer: Any, manager: Any, admin_user: Any) -> None:
    assert api().get("/api/v1/audit/").status_code == 401
    assert api(customer).get("/api/v1/audit/").status_code == 403
    assert api(manager).get("/api/v1/audit/").status_code == 403
    assert api(admin_user).get("/api/v1/audit/").status_code == 200


def test_a_tenants_token_reads_no_other_log(api: Any, admin_user: Any) -> None:
    token = api(admin_user).defaults["HTTP_AUTHORIZATION"]
    answer = api(host="globex.localhost").get("/api/v1/audit/", HTTP_AUTHORIZATION=token)
    assert answer.status_code == 401


def test_nobody_writes_it_over_an_api(api: Any, admin_user: Any) -> None:
    client = api(admin_user)
    for method in (client.post, client.put, client.patch):
        assert method("/api/v1/audit/", {}).status_code == 405
    assert client.delete("/api/v1/audit/").status_code == 405


# --- REST and GraphQL -----------------------------------------------------------------------------------------------


def test_a_change_over_rest_says_who_from_where_and_by_which_permission(api: Any, admin_user: Any) -> None:
    product = ProductFactory()
    client = api(admin_user)
    answer = client.patch(f"/api/v1/products/{product.pk}/", {"status": "archived"}, REMOTE_ADDR="192.0.2.55")
    assert answer.status_code == 200, answer.content
    found = client.get(f"/api/v1/audit/?object_id={product.pk}&action=row.update").json()["results"]
    (entry,) = [one for one in found if "status" in one["after"]]
    assert entry["actor"] == {"kind": "user", "id": str(admin_user.pk), "label": admin_user.email}
    assert (entry["via"], entry["address"], entry["permission"]) == ("rest", "192.0.2.55", "products.update")
    assert (entry["before"]["status"], entry["after"]["status"]) == ("draft", "archived")
    assert entry["trace_id"] == answer["X-Trace-Id"]
    assert client.get(f"/api/v1/audit/{entry['id']}/").json() == entry


@pytest.mark.parametrize("query", [
    "page_size=1000", "actor_id=x", "since=yesterday", "via=pigeon", "transaction=-1", "cursor=x", "object_type=" + "x" * 99,
])  # fmt: skip
def test_nonsense_is_refused_in_words(api: Any, admin_user: Any, query: str) -> None:
    assert api(admin_user).get(f"/api/v1/audit/?{query}").status_code in (400, 422)


def test_pages_do_not_overlap_and_cost_the_same(api: Any, admin_user: Any) -> None:
    client = api(admin_user)
    counts = []
    for size in (1, 20):
        for _ in range(size):
            ProductFactory()
        with CaptureQueriesContext(
            connection,
        ) as seen:
            first = client.get("/api/v1/audit/?page_size=20").json()
        counts.append(len(seen))
    second = client.get(first["next"].replace("http://acme.localhost", "")).json()
    assert counts[0] == counts[1]
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}


def test_graphql_lists_entries(api: Any, admin_user: Any, customer: Any) -> None:
    product = ProductFactory()
    query = """query($id: String) { auditEntries(first: 5, filter: {historyOf: $id}) {
        nodes { id action actor { kind } object { type id } before after } pageInfo { hasNextPage } } }"""
    found = api(admin_user).graphql(query, id=str(product.pk))["data"]["auditEntries"]["nodes"]
    assert {one["object"]["type"] for one in found} >= {"product.product", "product.producttranslation"}
    refused = api(customer).graphql(query, id=str(product.pk))
    assert refused["errors"][0]["extensions"]["code"] == "forbidden"


def test_the_history_of_an_object_has_its_parts(acme: Any, system: Any) -> None:
    product, other = ProductFactory(), ProductFactory()
    found = list(history(system, str(product.pk)))
    assert {entry.object_type for entry in found} >= {
        "product.product",
        "product.producttranslation",
        "product.variant",
    }
    assert not [entry for entry in found if str(other.pk) in (entry.object_id, entry.whole_id)]


def test_search_finds_by_id_address_and_name(acme: Any, system: Any) -> None:
    product = ProductFactory()
    with bind(Work(new_trace_id(), new_id(), address="198.51.100.20")):
        Product.objects.filter(pk=product.pk).update(status="archived")
    for text in (str(product.pk), "198.51.100.20", product.handle, product.handle.upper()):
        assert entries(system, EntryFilter(search=text)).exists(), text
    assert not entries(system, EntryFilter(search="nothing-like-it")).exists()


# --- exports --------------------------------------------------------------------------------------------------------


def test_an_export_is_complete_escaped_and_kept(acme: Any, system: Any) -> None:
    record("tests.said", actor=system, label='=HYPERLINK("http://evil")', words="x")
    text = b"".join(services.export_entries(actor=system, wanted=EntryFilter(), format="csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert '\'=HYPERLINK("http://evil")' in [row["object"] for row in rows]
    assert len(rows) == AuditEntry.objects.count()
    lines = b"".join(
        services.export_entries(actor=system, wanted=EntryFilter(actions=["audit.exported"]), format="jsonl")
    )
    assert [json.loads(line)["after"]["format"] for line in lines.splitlines()] == ["jsonl", "csv"]


def test_an_export_is_bounded(acme: Any, system: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_EXPORT", 5)
    monkeypatch.setattr(services, "BATCH", 2)
    ProductFactory.create_batch(3)
    lines = b"".join(services.export_entries(actor=system, wanted=EntryFilter(), format="jsonl")).splitlines()
    assert len(lines) == len({json.loads(line)["id"] for line in lines}) == 5


def test_who_may_not_export_gets_nothing_and_leaves_no_entry(acme: Any, manager: Any, actor: Any) -> None:
    with pytest.raises(Forbidden):
        services.export_entries(actor=actor(manager), wanted=EntryFilter(), format="csv")
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


# --- erasing --------------------------------------------------------------------------------------------------------


def test_a_person_is_erased_and_what_was_done_stays(acme: Any, system: Any) -> None:
    user = make_user("erase.me@acme.test")
    product = ProductFactory()
    work = Work(new_trace_id(), new_id(), actor_id=user.pk, actor_label=user.email, address="203.0.113.9")
    with bind(work):
        Product.objects.filter(pk=product.pk).update(status="archived")
        type(user).objects.because("a test").filter(pk=user.pk).update(name="Ellen Erasable")
        record("login.failed", actor=system, label="Erase.Me@acme.test")
    assert services.erase_person(actor=system, user_id=user.pk, email="Erase.me@acme.test") >= 4
    kept = json.dumps(
        [[str(row), row.actor_label, row.address, row.before, row.after] for row in AuditEntry.objects.all()]
    )
    assert "erase.me@" not in kept.lower()
    assert "Ellen" not in kept
    assert "203.0.113.9" not in kept
    done = AuditEntry.objects.get(object_id=str(product.pk), action="row.update")
    assert (done.actor_id, done.actor_label, done.after) == (user.pk, "erased", {"status": "archived"})
    assert AuditEntry.objects.filter(action="audit.erased").count() == 1


def test_erasing_one_leaves_the_others(acme: Any, system: Any) -> None:
    one, other = make_user("one@acme.test"), make_user("other@acme.test")
    services.erase_person(actor=system, user_id=one.pk, email=one.email)
    assert AuditEntry.objects.filter(object_id=str(other.pk), object_label=other.email).exists()


def test_erasing_needs_a_name_and_the_permission(acme: Any, system: Any, manager: Any, actor: Any) -> None:
    with pytest.raises(services.NobodyNamed):
        services.erase_person(actor=system)
    with pytest.raises(Forbidden):
        services.erase_person(actor=actor(manager), user_id=manager.pk)


# --- the back office ------------------------------------------------------------------------------------------------


def test_a_form_of_the_back_office_leaves_an_entry(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    desk = browser(admin_user)
    location = desk.send("/admin/taxonomy/tag/add/", name_en="Sale", slug="sale", name="Sale")
    assert location.status_code == 302, words(location)
    entry = AuditEntry.objects.filter(object_type__startswith="taxonomy.", action="row.insert").latest("id")
    assert (entry.actor_id, entry.actor_label, entry.via) == (admin_user.pk, admin_user.email, "admin")


def test_list_and_document_say_it_in_words(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    product = ProductFactory()
    Product.objects.filter(pk=product.pk).update(status="archived")
    desk = browser(admin_user)
    page = words(desk.get(f"/admin/audit/auditentry/?object={product.pk}"))
    assert "changed" in page
    assert "Status" in page
    assert product.handle in page
    entry = AuditEntry.objects.get(object_id=str(product.pk), action="row.update")
    document = words(desk.get(f"/admin/audit/auditentry/{entry.pk}/change/"))
    assert "Before After Status draft archived" in document


def test_history_on_an_objects_page_leads_to_the_log(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    product = ProductFactory()
    answer = browser(admin_user).get(f"/admin/product/product/{product.pk}/history/")
    assert answer["Location"] == f"/admin/audit/auditentry/?object={product.pk}"


def test_a_manager_has_no_log_but_the_history_of_the_page(browser: Callable[..., Browser], manager: Any) -> None:  # noqa: F811
    product = ProductFactory()
    desk = browser(manager)
    assert desk.get("/admin/audit/auditentry/").status_code == 403
    assert desk.get(f"/admin/product/product/{product.pk}/history/").status_code == 200
    assert desk.get("/admin/audit/auditentry/export/csv/").status_code == 403


def test_the_list_costs_the_same_however_long(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    desk = browser(admin_user)
    counts = []
    for size in (1, 10):
        for _ in range(size):
            ProductFactory()
        with CaptureQueriesContext(connection) as seen:
            assert desk.get("/admin/audit/auditentry/").status_code == 200
        counts.append(len(seen))
    assert counts[1] <= counts[0]


def test_the_export_button_streams_what_is_shown(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    product = ProductFactory()
    answer = browser(admin_user).get(f"/admin/audit/auditentry/export/jsonl/?object={product.pk}")
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert {line["object"]["id"] for line in lines} >= {str(product.pk)}
    assert AuditEntry.objects.filter(action="audit.exported", actor_id=admin_user.pk).exists()


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_lists_erases_and_verifies(acme: Any, capsys: pytest.CaptureFixture[str]) -> None:
    product = ProductFactory()
    call_command("audit", "list", "--tenant", "acme", "--object", str(product.pk))
    assert product.handle in capsys.readouterr().out
    call_command("audit", "verify")
    assert "append-only" in capsys.readouterr().out
    call_command("audit", "erase", "--tenant", "acme", "--email", "nobody@acme.test")
    assert "0 entries" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no tenant"):
        call_command("audit", "list", "--tenant", "nowhere")
    with pytest.raises(CommandError, match="nobody_named"):
        call_command("audit", "erase", "--tenant", "acme")


def test_a_document_names_what_keys_point_at(browser: Callable[..., Browser], admin_user: Any) -> None:  # noqa: F811
    entry = AuditEntry.objects.get(object_type="rbac.roleassignment", whole_id=str(admin_user.pk))
    document = words(browser(admin_user).get(f"/admin/audit/auditentry/{entry.pk}/change/"))
    assert f"User {admin_user}" in document
    assert "Role Admin" in document


def test_a_change_with_an_api_key_says_which_and_the_key_itself_stands_nowhere(api: Any, admin_user: Any) -> None:
    product, client = ProductFactory(), api(admin_user)
    wanted = {"name": "Till", "permissions": ["products.update", "products.read"], "expires_at": None}
    answer = client.post("/api/v1/api-keys/", wanted)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    program = api()
    program.defaults["HTTP_AUTHORIZATION"] = f"Bearer {made['key']}"
    assert program.patch(f"/api/v1/products/{product.pk}/", {"status": "archived"}).status_code == 200
    entry = AuditEntry.objects.get(object_id=str(product.pk), action="row.update")
    issued = AuditEntry.objects.get(object_type="accounts.apikey", action="row.insert")
    assert (str(entry.key_id), entry.actor_id) == (issued.object_id, admin_user.pk)
    assert made["key"] not in json.dumps(list(AuditEntry.objects.values("before", "after")))
    assert "digest" not in (issued.after or {})
