"""`audit_access`: it sees every way in, and a way that loses its declaration neither passes nor runs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from apps.comments.rest import CommentsView
from apps.outbox.tasks import prune
from rustok.access_audit import audit, unasked
from rustok.access_audit.idle import asked
from rustok.celery import UndeclaredTask
from rustok.kernel.access import ACTIONS, check_permission_name
from rustok.kernel.edges.declared import STAFF, DeclaredViewsMiddleware, declaration_of
from rustok.kernel.events import Undeclared, handlers
from tests.admin.conftest import Browser


def gaps():
    return {(one.edge, one.path) for one in audit() if one.permission is None}


def test_every_way_in_declares_who_may_use_it():
    found = audit()
    assert gaps() == set()
    assert {one.edge for one in found} == {
        "rest", "graphql", "admin", "action", "panel", "view", "task", "timer", "handler",
    }  # fmt: skip


def test_an_endpoint_without_a_permission_is_a_gap_and_does_not_run(api, admin_user, monkeypatch):
    client = api(admin_user)
    assert client.get("/api/v1/comments/").status_code != 403
    monkeypatch.setattr(CommentsView, "permission", None)
    assert ("rest", "GET /api/v1/comments/") in gaps()
    assert client.get("/api/v1/comments/").status_code == 403
    with pytest.raises(CommandError, match="declare no permission"):
        call_command("audit_access", "--quiet", stdout=StringIO())


def test_a_graphql_field_without_a_permission_is_a_gap_and_cannot_be_declared(monkeypatch):
    from rustok.kernel.edges.graphql import Field
    from rustok.schema import schema

    field = schema.query._meta.fields["users"]
    monkeypatch.setattr(field, "permission", None)
    assert ("graphql", "Query.users") in gaps()
    with pytest.raises(TypeError):
        Field(type(field))


def test_a_mutation_without_a_permission_is_a_gap_and_does_not_run(api, admin_user, monkeypatch):
    from apps.product.schema import ProductUpdate
    from tests.product.factories import ProductFactory

    product = ProductFactory()
    document = """mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { errors { code } } }"""
    api(admin_user).graphql(document, input={"id": str(product.pk), "vendor": "It ran"})
    product.refresh_from_db()
    assert product.vendor == "It ran"
    monkeypatch.setattr(ProductUpdate, "permission", None)
    assert ("graphql", "Mutation.product_update") in gaps()
    api(admin_user).graphql(document, input={"id": str(product.pk), "vendor": "It ran again"})
    product.refresh_from_db()
    assert product.vendor == "It ran"


def test_an_admin_page_without_a_resource_cannot_be_declared_and_an_address_without_one_does_not_run(
    admin_user, monkeypatch
):
    page = next(one for model, one in admin.site._registry.items() if model._meta.label == "audit.AuditEntry")
    client = Browser("acme.localhost", admin_user)
    monkeypatch.setattr(type(page), "url_permissions", {})
    assert ("admin", "/admin/audit/auditentry/export/<str:format>/") in gaps()
    assert client.get("/admin/audit/auditentry/export/csv/").status_code == 403


def test_an_action_without_a_permission_is_a_gap(monkeypatch):
    page = next(one for model, one in admin.site._registry.items() if model._meta.label == "order.Order")
    monkeypatch.delattr(type(page).ship_all, "allowed_permissions")
    assert ("action", "order.Order: ship_all") in gaps()


def test_a_task_without_a_reason_is_a_gap_and_does_not_run(acme, monkeypatch):
    task = prune._get_current_object() if hasattr(prune, "_get_current_object") else prune
    monkeypatch.setattr(task, "runs_as", "")
    assert ("task", "outbox.prune") in gaps()
    with pytest.raises(UndeclaredTask):
        prune()


def test_a_handler_without_a_reason_is_a_gap_and_does_not_run(monkeypatch):
    handler = handlers()["comments.forget_comments"]
    monkeypatch.setattr(handler, "runs_as", "")
    assert ("handler", "comments.forget_comments") in gaps()
    with pytest.raises(Undeclared):
        handler.reason()


def test_a_view_that_declares_nothing_does_not_run(rf):
    def view(request):
        raise AssertionError("it ran")

    assert declaration_of(view) is None
    request = rf.get("/")
    request.resolver_match = None
    with pytest.raises(PermissionDenied):
        DeclaredViewsMiddleware(view).process_view(request, view, (), {})


def test_every_permission_that_is_asked_for_is_one():
    names = asked(one for one in audit() if one.edge not in ("task", "timer", "handler"))
    for name in names - {STAFF}:
        assert check_permission_name(name) == name


def test_an_action_that_asks_for_what_there_is_not_is_a_gap(monkeypatch):
    page = next(one for model, one in admin.site._registry.items() if model._meta.label == "order.Order")
    monkeypatch.setattr(type(page).ship_all, "allowed_permissions", ["move"])
    assert ("action", "order.Order: ship_all") in gaps()
    with pytest.raises(CommandError, match="declare no permission"):
        call_command("audit_access", "--quiet", stdout=StringIO())


def test_every_permission_is_asked_for_or_explained(monkeypatch):
    idle = unasked(audit())
    assert {name for name, why in idle.items() if not why} == set()
    told = StringIO()
    call_command("audit_access", stdout=told)
    assert all(name in told.getvalue() for name in idle)
    monkeypatch.setattr("rustok.access_audit.idle._ACTIONS", {})
    with pytest.raises(CommandError, match=r"nothing asks for .*orders\.manage"):
        call_command("audit_access", "--quiet", stdout=StringIO())


def test_what_is_kept_for_a_module_to_come_is_asked_for_by_nothing_yet():
    idle = unasked(audit())
    for resource in ("customers", "discounts", "webhooks"):
        assert {f"{resource}.{action}" for action in ACTIONS} <= set(idle)
