"""Roles, ownership, grants, policies and an API key together: a list and its rows are decided alike, in any world."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from guardian.models import GroupObjectPermission, UserObjectPermission
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.blog.models import Post
from apps.content.models import Node
from apps.rbac.models import Policy, Role, RolePermission
from apps.rbac.public import assign_role
from rustok.kernel.access import actor_for, allows, changed, restrict
from rustok.kernel.context import because
from tests.rbac.factories import SYSTEM, person

MANY = 10
ACTIONS = ["read", "list", "update", "delete", "create", "manage"]
CONDITIONS = [
    "", "object.author == subject.id", 'object.author_name == "Ann"', "object.takes_comments == true",
    "object.author == null", 'not (object.author_name == subject.vendor)', '"helper" in subject.roles',
    'object.author_name == "Ann" and object.takes_comments == false', 'environment.via == "api_key"',
]  # fmt: skip
SOME = st.sets(st.integers(0, MANY - 1), max_size=4)
SHARED = st.lists(st.tuples(st.sampled_from(["view", "change", "delete"]), SOME), max_size=2)
RULES = st.lists(
    st.tuples(st.booleans(), st.sets(st.sampled_from(ACTIONS), min_size=1, max_size=2), st.sampled_from(CONDITIONS)),
    max_size=3,
)
ROLES = st.dictionaries(
    st.sampled_from(["posts.read", "posts.list", "posts.update", "posts.manage"]),
    st.sampled_from(["all", "own"]),
    max_size=2,
)
KEYS = st.none() | st.lists(
    st.sampled_from(["posts.read", "posts.list", "posts.update", "posts.manage", "orders.read"]),
    max_size=2,
    unique=True,
)


@pytest.fixture
def world(acme: Any) -> Any:
    """Ten posts, of the person, of another and of nobody; a role, and two teams that the person is in."""
    me, other = person("me@acme.test", vendor="Ann"), person("other@acme.test")
    with because("tests"):
        role = Role.objects.create(slug="helper", name="Helper")
        assign_role(actor=SYSTEM, user_id=me.pk, role="helper")
        teams = [Group.objects.create(name=name) for name in ("a", "b")]
        me.groups.set(teams)
        for n in range(MANY):
            node = Node.objects.create(
                kind="post", author=[me, other, None][n % 3], author_name=["Ann", "Bob"][n // 3 % 2]
            )
            Post.objects.create(pk=node.pk, node=node, takes_comments=bool(n % 2))
        posts = list(Post.objects.select_related("node").order_by("-id"))
    changed()  # so that nothing is remembered before the test is over
    return SimpleNamespace(me=me, role=role, teams=teams, posts=posts, node=ContentType.objects.get_for_model(Node))


def _share(world: Any, holder: Any, shared: Any) -> None:
    team = isinstance(holder, Group)
    table: Any = GroupObjectPermission if team else UserObjectPermission
    table.objects.all().filter(**{"group" if team else "user": holder}).delete()
    rows = {(verb, at) for verb, places in shared for at in places}
    kinds = {p.codename: p for p in Permission.objects.filter(content_type=world.node)}
    table.objects.bulk_create(
        table(**{"group" if team else "user": holder}, permission=kinds[f"{verb}_node"], content_type=world.node,
              object_pk=str(world.posts[at].pk)) for verb, at in sorted(rows)
    )  # fmt: skip


def _set_up(world: Any, roles: Any, rules: Any, shares: Any) -> None:
    """Make the world as it was drawn."""
    RolePermission.objects.filter(role=world.role).delete()
    RolePermission.objects.bulk_create(
        RolePermission(role=world.role, permission=name, scope=scope) for name, scope in roles.items()
    )
    Policy.objects.all().delete()
    Policy.objects.bulk_create(
        Policy(
            name=str(n), effect="allow" if allow else "deny", resource="posts", actions=sorted(actions), condition=text
        )
        for n, (allow, actions, text) in enumerate(rules)
    )
    for holder, shared in zip([world.me, *world.teams], shares, strict=True):
        _share(world, holder, shared)


@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
@given(
    roles=ROLES, rules=RULES, shares=st.tuples(SHARED, SHARED, SHARED), key=KEYS,
    action=st.sampled_from(["read", "list", "update", "delete"]), size=st.integers(1, 6), start=st.integers(0, 4),
)  # fmt: skip
def test_a_list_and_each_of_its_rows_get_the_same_answer(
    world: Any, roles: Any, rules: Any, shares: Any, key: Any, action: str, size: int, start: int
) -> None:
    with because("tests"):
        _set_up(world, roles, rules, shares)
        user = type(world.me).objects.get(pk=world.me.pk)
        if key is not None:
            user.api_key = SimpleNamespace(pk=UUID(int=1), permissions=key)
        actor, permission = actor_for(user), f"posts.{action}"
        rows = restrict(actor, Post.objects.order_by("-id"), permission)
        right = [post.pk for post in world.posts if allows(actor, permission, post)]
        assert list(rows.values_list("pk", flat=True)) == right
        assert list(rows.values_list("pk", flat=True)[start : start + size]) == right[start : start + size]
        assert rows.count() == len(right)
        assert not right or allows(actor, permission)
        _by_the_book(world, actor, permission, right, key)


def _by_the_book(world: Any, actor: Any, permission: str, right: Any, key: Any) -> None:
    """Check what holds whatever was drawn: a key never adds, and what is denied to all is nobody's."""
    if key is not None:
        bare = type(world.me).objects.get(pk=world.me.pk)
        with_all = actor_for(bare)
        via = any("environment.via" in rule.condition for rule in with_all.rules)
        assert via or {*right} <= {post.pk for post in world.posts if allows(with_all, permission, post)}
        if not any(one in (permission, "posts.manage") for one in key):
            assert not right
    if any(not rule.allow and rule.covers(permission) and not rule.condition for rule in actor.rules):
        assert not right
