"""Attacks on people and their rights by way of policies, staff and teams: nobody comes to more than they may."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.public import set_password
from apps.rbac import services
from apps.rbac.services.invitations import invite_person
from rustok.kernel import links
from rustok.kernel.access import Actor, MoreThanOwn, allows
from tests.conftest import make_user
from tests.isolation.test_attacks_people import change, confirmed, holder
from tests.product.factories import ProductFactory
from tests.rbac.factories import fresh_actor, policy

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")


@pytest.fixture
def hr(acme):
    """Manages people and roles, and may nothing else."""
    return holder("hr@acme.test", users_manage="all")


# --- by way of policies that ask for a role ------------------------------------------------------------------------


def role(slug: str) -> Any:
    return services.save_role(actor=SYSTEM, slug=slug, name=slug, permissions={})


def test_nobody_gives_an_empty_role_that_a_policy_turns_into_more_than_theirs(api, hr):
    role("editors"), role("porters")
    policy('"editors" in subject.roles', actions=["update"])
    assigned = api(hr).post(f"/api/v1/users/{hr.pk}/roles/", {"role": "editors"})
    assert (assigned.status_code, assigned.json()["code"]) == (403, "more_than_own")
    with pytest.raises(MoreThanOwn):
        invite_person(actor=confirmed(hr), email="friend@evil.test", roles=["editors"], now=timezone.now())
    services.assign_role(actor=fresh_actor(hr), user_id=hr.pk, role="porters")
    assert not allows(fresh_actor(hr), "products.update")


def test_nobody_renames_their_role_to_one_that_a_policy_asks_for(hr):
    policy('"editors" in subject.roles', actions=["update"])
    mine = role("porters")
    services.assign_role(actor=SYSTEM, user_id=hr.pk, role="porters")
    with pytest.raises(MoreThanOwn):
        services.save_role(actor=fresh_actor(hr), role_id=mine.pk, slug="editors", name="x", permissions={})
    services.save_role(actor=fresh_actor(hr), role_id=mine.pk, slug="carriers", name="x", permissions={})


def test_nobody_takes_or_renames_the_role_by_which_a_policy_holds_somebody_back(hr):
    friend, trainees = make_user("friend@acme.test", is_staff=True), role("trainees")
    services.assign_role(actor=SYSTEM, user_id=friend.pk, role="trainees")
    policy('"trainees" in subject.roles', effect="deny", actions=["delete"])
    with pytest.raises(MoreThanOwn):
        services.withdraw_role(actor=fresh_actor(hr), user_id=friend.pk, role="trainees")
    with pytest.raises(MoreThanOwn):
        services.save_role(actor=fresh_actor(hr), role_id=trainees.pk, slug="graduates", name="x", permissions={})


def test_a_policy_that_compares_any_text_with_roles_counts_for_each_role(hr):
    role("porters")
    policy("object.status in subject.roles", actions=["update"])
    with pytest.raises(MoreThanOwn):
        services.assign_role(actor=fresh_actor(hr), user_id=hr.pk, role="porters")


def test_who_may_do_what_the_policy_gives_still_gives_the_role(admin_user):
    friend, _editors = make_user("friend@acme.test", is_staff=True), role("editors")
    policy('"editors" in subject.roles', actions=["update"])
    policy('object.status == "archived"', effect="deny", actions=["update"])
    services.assign_role(actor=fresh_actor(admin_user), user_id=friend.pk, role="editors")
    assert allows(fresh_actor(friend), "products.update")


# --- by way of staff, teams, and people whom no policy holds back ---------------------------------------------------


def test_nobody_makes_themselves_staff(api, acme):
    someone = make_user("quiet@acme.test")
    services.save_role(actor=SYSTEM, slug="desk", name="x", permissions={"users.read": "all", "users.update": "all"})
    services.assign_role(actor=SYSTEM, user_id=someone.pk, role="desk")
    answer = change(api(someone), someone, is_staff=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_own")
    assert not User.objects.get(pk=someone.pk).is_staff


def test_nobody_makes_staff_of_whom_a_policy_then_gives_more(api, acme):
    someone, friend = make_user("quiet@acme.test"), make_user("friend@acme.test")
    wanted = {"users.read": "all", "users.update": "all", "users.create": "all"}
    services.save_role(actor=SYSTEM, slug="desk", name="x", permissions=wanted)
    services.assign_role(actor=SYSTEM, user_id=someone.pk, role="desk")
    policy("subject.is_staff == true", actions=["update"])
    assert change(api(someone), friend, is_staff=True).status_code == 403
    new = {"email": "new@acme.test", "password": "correct-horse-9", "is_staff": True}
    assert api(someone).post("/api/v1/users/", new).status_code == 403
    assert not User.objects.filter(email="new@acme.test").exists()


def test_whoever_may_make_some_accounts_makes_no_others(api, acme):
    policy("object.is_staff == false", resource="users", actions=["create"], name="desk")
    desk = make_user("desk@acme.test", is_staff=True)
    new = {"email": "new@acme.test", "password": "correct-horse-9"}
    answer = api(desk).post("/api/v1/users/", new | {"is_staff": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_own_scope")
    assert api(desk).post("/api/v1/users/", new).status_code == 201


def test_nobody_takes_a_team_apart_to_which_others_shared(hr):
    friend = make_user("friend@acme.test", is_staff=True)
    team = services.save_team(actor=SYSTEM, name="Editors", members=[friend.pk])
    services.grant_access(
        actor=SYSTEM, permission="products.update", obj=ProductFactory(), to=services.Grantee("team", team.pk)
    )  # fmt: skip
    with pytest.raises(MoreThanOwn):
        services.save_team(actor=fresh_actor(hr), team_id=team.pk, name="Editors", members=[])
    with pytest.raises(MoreThanOwn):
        services.delete_team(actor=fresh_actor(hr), team_id=team.pk)


def test_nobody_acts_as_somebody_whom_a_policy_does_not_hold_back_as_it_does_them(acme):
    packer = holder("packer@acme.test", orders_manage="all", users_read="all", users_update="all")
    colleague = holder("colleague@acme.test", orders_manage="all")
    policy("object.total > 100", effect="deny", resource="orders", actions=["delete"])
    set_password(actor=fresh_actor(packer), user_id=colleague.pk, new="blue-canoe-99-x", now=timezone.now())
    policy('object.total > 100 and "packer" in subject.roles', effect="deny", resource="orders", actions=["read"])
    with pytest.raises(MoreThanOwn):
        set_password(actor=fresh_actor(packer), user_id=colleague.pk, new="mine-now-99-x", now=timezone.now())


def test_an_invitation_of_somebody_who_is_switched_off_is_good_no_more(acme):
    boss = holder("boss@acme.test", users_manage="all", users_create="all")
    invitation = invite_person(actor=confirmed(boss), email="late@acme.test", roles=["boss"], now=timezone.now())
    User.objects.filter(pk=boss.pk).update(is_active=False)
    state = (invitation.email, invitation.sent_at.isoformat(), None, None)
    token = links.sign("invitation", invitation.pk, *state)
    with pytest.raises(links.InvalidLink):
        services.accept_invitation(token=token, password="correct-horse-9", now=timezone.now())


# --- the last one -------------------------------------------------------------------------------------------------


def test_nobody_empties_the_role_by_which_alone_people_are_managed(api, hr):
    answer = api(hr).put("/api/v1/roles/hr/", {"slug": "hr", "name": "hr", "permissions": {}})
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_left")
    assert "users.manage" in fresh_actor(hr).grants
