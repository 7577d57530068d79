"""A role whose scope is “own”, at every edge of everything that can be somebody's own.

What there is to try is read from the registry: a new module whose objects have owners is held to it until it stands in
the tables here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin

from apps.comments.public import add_comment
from apps.forum import services as forum
from apps.rbac import services
from apps.rbac.guard import owns
from rustok.access_audit import Entry, audit
from rustok.kernel.access import ACTIONS, Actor
from rustok.kernel.context import because
from tests.admin.conftest import Browser
from tests.content.factories import NOW, make_board, make_page, make_post, make_topic
from tests.order.factories import make_order
from tests.product.factories import ProductFactory
from tests.rbac.factories import SYSTEM, fresh_actor, person, policy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

OWNED = {
    model._meta.label: model
    for model in apps.get_models()
    if hasattr(model, "owner_field") and getattr(model, "policy_resources", ())
}
RESOURCES = sorted({resource for model in OWNED.values() for resource in model.policy_resources})  # type: ignore[attr-defined]
#: Has an owner, and is held by a secret instead of a permission.
HELD_BY_SECRET = {"cart.Cart"}
WORDS = {"translations": {"en": {"title": "Changed", "body": "Words."}}}


@dataclass(frozen=True)
class Kind:
    """How one kind of object is made by somebody, and named in an address."""

    make: Callable[[Actor], Any]
    named: Callable[[Any], dict[str, Any]] = lambda obj: dict.fromkeys(("slug", "path", "node_id"), obj.pk)


def _comment(actor: Actor) -> Any:
    return add_comment(actor=actor, target_kind="post", target_id=make_post().pk, body="Mine")


def _reply(actor: Actor) -> Any:
    return forum.add_reply(actor=actor, topic_id=make_topic().pk, body="Mine", now=NOW)


KINDS = {
    "content.Node": Kind(lambda actor: make_post(actor=actor).node),
    "blog.Post": Kind(lambda actor: make_post(actor=actor)),
    "pages.Page": Kind(lambda actor: make_page(actor=actor)),
    "forum.Topic": Kind(lambda actor: make_topic(actor=actor), lambda topic: {"topic_id": topic.pk}),
    "forum.Reply": Kind(_reply, lambda reply: {"topic_id": reply.topic_id, "reply_id": reply.pk}),
    "comments.Comment": Kind(_comment, lambda comment: {"comment_id": comment.pk}),
    "order.Order": Kind(
        lambda actor: make_order("confirmed", customer_id=actor.id), lambda order: {"number": order.number}
    ),
}


@dataclass(frozen=True)
class Write:
    """A way to change an object: of what kind, and what is sent."""

    kind: str
    body: dict[str, Any] = field(default_factory=dict)
    #: What the role needs to do it to what is its own.
    needs: str = ""


REST = {
    "PATCH /api/v1/nodes/<uuid:node_id>/": Write("content.Node", WORDS),
    "DELETE /api/v1/nodes/<uuid:node_id>/": Write("content.Node"),
    "POST /api/v1/nodes/<uuid:node_id>/publish/": Write("content.Node"),
    "POST /api/v1/nodes/<uuid:node_id>/unpublish/": Write("content.Node"),
    "PATCH /api/v1/posts/<slug:slug>/": Write("blog.Post", WORDS),
    "DELETE /api/v1/posts/<slug:slug>/": Write("blog.Post"),
    "POST /api/v1/posts/<slug:slug>/publish/": Write("blog.Post"),
    "POST /api/v1/posts/<slug:slug>/unpublish/": Write("blog.Post"),
    "PATCH /api/v1/pages/<path:path>/": Write("pages.Page", {"translations": {"en": {"title": "Changed"}}}),
    "DELETE /api/v1/pages/<path:path>/": Write("pages.Page"),
    "POST /api/v1/pages/<path:path>/publish/": Write("pages.Page"),
    "POST /api/v1/pages/<path:path>/unpublish/": Write("pages.Page"),
    "PATCH /api/v1/forum/topics/<uuid:topic_id>/": Write("forum.Topic", {"pinned": True}, "nodes.manage"),
    "DELETE /api/v1/forum/topics/<uuid:topic_id>/": Write("forum.Topic"),
    "PATCH /api/v1/topics/<uuid:topic_id>/": Write("forum.Topic", {"locked": True}, "nodes.manage"),
    "DELETE /api/v1/topics/<uuid:topic_id>/": Write("forum.Topic"),
    "DELETE /api/v1/forum/topics/<uuid:topic_id>/replies/<uuid:reply_id>/": Write("forum.Reply"),
    "PATCH /api/v1/comments/<uuid:comment_id>/": Write("comments.Comment", {"body": "Changed"}),
    "DELETE /api/v1/comments/<uuid:comment_id>/": Write("comments.Comment"),
    "POST /api/v1/orders/<slug:number>/confirm/": Write("order.Order"),
    "POST /api/v1/orders/<slug:number>/pay/": Write("order.Order"),
    "POST /api/v1/orders/<slug:number>/capture/": Write("order.Order"),
    "POST /api/v1/orders/<slug:number>/ship/": Write("order.Order"),
    "POST /api/v1/orders/<slug:number>/deliver/": Write("order.Order"),
    "POST /api/v1/orders/<slug:number>/cancel/": Write("order.Order"),
}
#: Ways that make something: of what kind, and what is sent.
CREATES = {
    "POST /api/v1/nodes/": Write("content.Node", {"kind": "post"} | WORDS),
    "POST /api/v1/posts/": Write("blog.Post", WORDS),
    "POST /api/v1/pages/": Write("pages.Page", {"path": "mine", "translations": {"en": {"title": "Mine"}}}),
    "POST /api/v1/forum/topics/": Write("forum.Topic", {"category": "general", "title": "Mine", "body": "Words"}),
    "POST /api/v1/topics/": Write("forum.Topic", {"category": "general", "title": "Mine", "body": "Words"}),
    "POST /api/v1/posts/<slug:slug>/comments/": Write("comments.Comment", {"body": "Mine"}),
    "POST /api/v1/forum/topics/<uuid:topic_id>/replies/": Write("forum.Reply", {"body": "Mine"}),
    "POST /api/v1/topics/<uuid:topic_id>/replies/": Write("forum.Reply", {"body": "Mine"}),
}
#: Ways about no object of anybody: for those who may do it to all.
ABOUT_NONE = {
    "POST /api/v1/forum/categories/": {"slug": "mine", "translations": {"en": {"name": "Mine"}}},
    "DELETE /api/v1/forum/categories/<slug:slug>/": {},
    "PUT /api/v1/menus/<slug:location>/": {"items": []},
}
#: Ways that save nothing.
HARMLESS = {"POST /api/v1/nodes/render/"}
_TEXTS = [{"locale": "en", "title": "Changed"}]
GRAPHQL = {
    "Mutation.node_update": Write("content.Node", {"translations": _TEXTS}),
    "Mutation.node_publish": Write("content.Node"),
    "Mutation.node_unpublish": Write("content.Node"),
    "Mutation.order_confirm": Write("order.Order"),
    "Mutation.order_pay": Write("order.Order"),
    "Mutation.order_capture": Write("order.Order"),
    "Mutation.order_ship": Write("order.Order"),
    "Mutation.order_deliver": Write("order.Order"),
    "Mutation.order_cancel": Write("order.Order"),
}
GRAPHQL_CREATES = {
    "Mutation.node_create": Write("content.Node", {"kind": "POST", "translations": _TEXTS}),
    "Mutation.topic_create": Write("forum.Topic", {"category": "general", "title": "Mine", "body": "Words"}),
    "Mutation.reply_create": Write("forum.Reply", {"body": "Mine"}),
    "Mutation.comment_add": Write("comments.Comment", {"body": "Mine"}),
}


def ways(*edges: str) -> list[Entry]:
    """List the ways that ask for something that can be somebody's own, reading aside."""
    return [
        one
        for one in audit()
        if one.edge in edges
        and (one.permission or "").partition(".")[0] in RESOURCES
        and not one.path.startswith("GET")
    ]


def row(obj: Any) -> dict[str, Any] | None:
    """Answer what the database says of an object now."""
    with because("a test looks"):
        return type(obj)._base_manager.filter(pk=obj.pk).values().first()  # type: ignore[no-any-return]


def owner(email: str, given: set[str]) -> Any:
    """Make staff with a role that does some actions with what is their own."""
    user = person(email)
    if not apps.get_model("rbac.Role").objects.because("a test").filter(slug="own").exists():
        permissions = {f"{resource}.{action}": "own" for resource in RESOURCES for action in given}
        services.save_role(actor=SYSTEM, slug="own", name="Own", permissions=permissions)
    services.assign_role(actor=SYSTEM, user_id=user.pk, role="own")
    return user


@pytest.fixture(params=["every action", "manage"])
def people(request: Any) -> tuple[Any, Any]:
    """Two people with the same role, who may do everything with what is theirs."""
    given = {"manage"} if request.param == "manage" else ACTIONS - {"manage"}
    return owner("ann@acme.test", given), owner("bob@acme.test", given)


def path_to(way: str, kind: str, obj: Any) -> tuple[str, str]:
    """Answer the method, and the address of an object."""
    method, path = way.split(" ", 1)
    names = {name: str(value) for name, value in KINDS[kind].named(obj).items()}
    return method.lower(), re.sub(r"<\w+:(\w+)>", lambda found: names[found[1]], path)


def test_all_that_can_be_owned_stands_here() -> None:
    assert set(OWNED) == set(KINDS)
    assert {m._meta.label for m in apps.get_models() if hasattr(m, "owner_field")} - set(OWNED) == HELD_BY_SECRET


def test_every_way_to_change_what_can_be_owned_stands_here() -> None:
    paths = {one.path for one in ways("rest") if one.permission not in ("public", "authenticated")}
    assert paths == {*REST, *CREATES, *ABOUT_NONE, *HARMLESS}
    mutations = {one.path for one in ways("graphql") if one.path.startswith("Mutation.")}
    assert mutations == {*GRAPHQL, *GRAPHQL_CREATES}


@pytest.mark.parametrize("way", REST)
def test_over_rest_what_is_somebody_elses_stays_as_it_is(api: Any, people: Any, way: str) -> None:
    write = REST[way]
    ann, bob = people
    theirs, mine = (KINDS[write.kind].make(fresh_actor(user)) for user in (bob, ann))
    before, client = row(theirs), api(ann)
    method, path = path_to(way, write.kind, theirs)
    answer = getattr(client, method)(path, write.body, content_type="application/json")
    assert answer.status_code in (403, 404), answer.content
    assert row(theirs) == before
    method, path = path_to(way, write.kind, mine)
    answer = getattr(client, method)(path, write.body, content_type="application/json")
    if write.needs and fresh_actor(ann).scope(write.needs) is None:
        assert answer.status_code == 403
    else:
        assert answer.status_code < 300 or answer.status_code == 409, answer.content


@pytest.mark.parametrize(("make", "where"), [(make_post, "posts"), (make_page, "pages")])
def test_over_rest_somebody_lists_and_reads_the_drafts_that_are_their_own(
    api: Any, people: Any, make: Any, where: str
) -> None:
    ann, bob = people
    mine, theirs = (make(actor=fresh_actor(user), published=False) for user in (ann, bob))
    client = api(ann)
    listed = client.get(f"/api/v1/{where}/?status=draft").json()["results"]
    assert [one["id"] for one in listed] == [str(mine.pk)]
    assert client.get(f"/api/v1/{where}/{mine.pk}/").status_code == 200
    assert client.get(f"/api/v1/{where}/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize("way", CREATES)
def test_over_rest_what_somebody_makes_is_their_own(api: Any, people: Any, way: str) -> None:
    write, (ann, bob) = CREATES[way], people
    make_board()
    model = OWNED[write.kind]
    beside = "blog.Post" if write.kind == "comments.Comment" else write.kind
    _, path = path_to(way, beside, KINDS[beside].make(fresh_actor(bob)))
    with because("a test looks"):
        known = set(model._base_manager.values_list("pk", flat=True))
        answer = api(ann).post(path, write.body)
        assert answer.status_code == 201, answer.content
        (made,) = model._base_manager.exclude(pk__in=known)
        assert owns(fresh_actor(ann), made)


@pytest.mark.parametrize("way", ABOUT_NONE)
def test_over_rest_what_is_nobodys_is_for_those_who_may_do_it_to_all(api: Any, people: Any, way: str) -> None:
    make_board("empty")
    method, path = way.split(" ", 1)
    path = re.sub(r"<\w+:(\w+)>", lambda found: {"slug": "empty", "location": "header"}[found[1]], path)
    answer = getattr(api(people[0]), method.lower())(path, ABOUT_NONE[way], content_type="application/json")
    assert answer.status_code == 403, answer.content
    assert set(apps.get_model("forum.ForumCategory").objects.values_list("slug", flat=True)) == {"empty"}


def mutate(client: Any, way: str, sent: dict[str, Any]) -> set[str]:
    """Run a mutation; answer the codes that it was refused with."""
    name = re.sub(r"_(\w)", lambda found: found[1].upper(), way.removeprefix("Mutation."))
    kind = f"{name[0].upper()}{name[1:]}Input!"
    said = client.graphql(f"mutation($input: {kind}) {{ {name}(input: $input) {{ errors {{ code }} }} }}", input=sent)
    errors = ((said.get("data") or {}).get(name) or {}).get("errors") or ()
    return {one["extensions"]["code"] for one in said.get("errors") or ()} | {one["code"] for one in errors}


@pytest.mark.parametrize("way", GRAPHQL)
def test_over_graphql_what_is_somebody_elses_stays_as_it_is(api: Any, people: Any, way: str) -> None:
    write, (ann, bob) = GRAPHQL[way], people
    theirs, mine = (KINDS[write.kind].make(fresh_actor(user)) for user in (bob, ann))
    before, client = row(theirs), api(ann)
    key = (lambda obj: {"number": obj.number}) if write.kind == "order.Order" else (lambda obj: {"id": str(obj.pk)})
    assert mutate(client, way, key(theirs) | write.body) & {"forbidden", "not_found", "no_such_node", "no_such_order"}
    assert row(theirs) == before
    assert not mutate(client, way, key(mine) | write.body) & {"forbidden", "not_found", "no_such_node", "no_such_order"}


@pytest.mark.parametrize("way", GRAPHQL_CREATES)
def test_over_graphql_what_somebody_makes_is_their_own(api: Any, people: Any, way: str) -> None:
    write, (ann, bob) = GRAPHQL_CREATES[way], people
    make_board()
    beside = {"forum.Reply": make_topic, "comments.Comment": make_post}.get(write.kind)
    about: dict[str, Any] = {}
    if beside is not None:
        about = {("topic" if write.kind == "forum.Reply" else "post"): beside(actor=fresh_actor(bob))}
    sent = write.body | {f"{name}_id".replace("_id", "Id"): str(obj.pk) for name, obj in about.items()}
    model = OWNED[write.kind]
    with because("a test looks"):
        known = set(model._base_manager.values_list("pk", flat=True))
        assert mutate(api(ann), way, sent) == set()
        (made,) = model._base_manager.exclude(pk__in=known)
        assert owns(fresh_actor(ann), made)


# --- the back office --------------------------------------------------------------------------------------------------

PAGES = {model._meta.label: page for model, page in admin.site._registry.items() if model._meta.label in OWNED}
BULK = [
    (label, name)
    for label, page in PAGES.items()
    for _, name, _ in page._get_base_actions()
    if name != "delete_selected"
]


@pytest.mark.parametrize(("kind", "name"), BULK)
def test_a_bulk_action_reaches_what_is_ones_own_alone(people: Any, kind: str, name: str) -> None:
    ann, bob = people
    theirs, mine = (KINDS[kind].make(fresh_actor(user)) for user in (bob, ann))
    before = row(theirs)
    where = f"/admin/{type(mine)._meta.app_label}/{type(mine)._meta.model_name}/"
    chosen = {"action": name, "_selected_action": [str(theirs.pk), str(mine.pk)]}
    answer = Browser("acme.localhost", ann).post(where, chosen, follow=True)
    assert answer.status_code in (200, 403)
    assert row(theirs) == before


@pytest.mark.parametrize("kind", PAGES)
def test_pages_of_what_is_somebody_elses_are_not_there(people: Any, kind: str) -> None:
    ann, bob = people
    theirs, mine = (KINDS[kind].make(fresh_actor(user)) for user in (bob, ann))
    where = f"/admin/{type(mine)._meta.app_label}/{type(mine)._meta.model_name}/"
    client = Browser("acme.localhost", ann)
    listed = client.get(where).content.decode()
    assert str(mine.pk) in listed
    assert str(theirs.pk) not in listed
    for way in ("change", "history", "delete"):
        assert client.get(f"{where}{theirs.pk}/{way}/", follow=True).status_code in (200, 403, 404)
        assert client.get(f"{where}{theirs.pk}/{way}/").status_code in (302, 403, 404)
    before = row(theirs)
    client.post(f"{where}{theirs.pk}/delete/", {"post": "yes"})
    assert row(theirs) == before


def test_a_bulk_action_on_products_reaches_those_of_ones_vendor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.product.services import publishing

    monkeypatch.setattr(publishing, "_checks", {})
    policy("object.vendor == subject.vendor", actions=["read", "list", "update"])
    client = Browser("acme.localhost", person("vendor@acme.test", vendor="Acme"))
    mine, theirs = ProductFactory(vendor="Acme"), ProductFactory(vendor="Globex")
    chosen = [str(mine.pk), str(theirs.pk)]
    client.post("/admin/product/product/", {"action": "publish_all", "_selected_action": chosen})
    for product, status in ((mine, "active"), (theirs, "draft")):
        product.refresh_from_db()
        assert product.status == status
