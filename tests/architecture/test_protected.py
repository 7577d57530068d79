"""Protected models: nothing of theirs is read without an actor, a reason, or an object that one holds."""

from __future__ import annotations

import pytest
from django.apps import apps

from rustok.kernel.access import Actor, restrict
from rustok.kernel.context import Work, because, bind, new_trace_id
from rustok.kernel.ids import new_id
from rustok.kernel.models import ProtectedEntity, UnguardedQuery

PROTECTED = [model for model in apps.get_models() if issubclass(model, ProtectedEntity)]
WAYS = {
    "list": list,
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(pk=new_id()),
    "in_bulk": lambda rows: rows.in_bulk([new_id()]),
    "values": lambda rows: list(rows.values_list("pk")),
    "iterator": lambda rows: list(rows.iterator()),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(top=__import__("django.db.models", fromlist=["Max"]).Max("pk")),
    "update": lambda rows: rows.update(pk=new_id()),
    "delete": lambda rows: rows.delete(),
    "bulk_update": lambda rows: rows.bulk_update([rows.model(pk=new_id())], [rows.model._meta.concrete_fields[1].name]),
    "union": lambda rows: list(rows.because("mine").order_by().union(rows.order_by())),
    "or": lambda rows: list(rows.because("mine") | rows),
    "raw": lambda rows: list(rows.raw("SELECT 1")),
}


@pytest.fixture
def request_like(acme):
    """Work as a request does: with no reason of its own."""
    with bind(Work(new_trace_id(), new_id())):
        yield


def test_what_would_hurt_is_protected():
    names = {model._meta.label for model in PROTECTED}
    assert {
        "accounts.User", "accounts.Session", "accounts.ApiKey", "accounts.SecondFactor", "order.Order",
        "order.OrderLine", "payment.Payment", "cart.Cart", "comments.Comment", "rbac.Role", "rbac.RoleAssignment",
        "rbac.Invitation",
    } <= names  # fmt: skip


@pytest.mark.parametrize("model", PROTECTED, ids=lambda model: model._meta.label)
def test_no_way_of_reading_runs_unguarded(request_like, model):
    for name, way in WAYS.items():
        with pytest.raises(UnguardedQuery):
            way(model._default_manager.all())
            pytest.fail(f"{name} ran")


@pytest.mark.parametrize("model", PROTECTED, ids=lambda model: model._meta.label)
def test_an_actor_a_reason_or_the_works_own_lets_it_run(request_like, model):
    rows = model._default_manager.all()
    assert rows.because("a test").count() >= 0
    assert restrict(Actor.system("a test"), rows, "users.read").count() >= 0
    assert list(rows.none()) == []
    with because("a command"):
        assert rows.count() >= 0


def test_an_object_leads_to_its_own_rows(acme):
    from tests.order.factories import make_order

    order = make_order()
    with bind(Work(new_trace_id(), new_id())):
        assert order.lines.count() >= 1
        order.refresh_from_db()
        order.save()
