"""Attacks on people and their rights from inside of one shop: nobody comes to more than they may by way of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.public import (
    confirm_second_factor,
    create_user,
    end_sessions,
    enrol_second_factor,
    reset_password,
    reset_second_factor,
    set_password,
    settle_user,
    update_user,
)
from apps.accounts.services.people import OwnAccount
from apps.rbac import services
from apps.rbac.services.invitations import invite_person
from rustok.kernel import links
from rustok.kernel.access import Actor, Forbidden, MoreThanOwn, actor_for, allows
from rustok.kernel.context import because
from rustok.kernel.errors import DomainError
from tests.conftest import make_user
from tests.product.factories import ProductFactory
from tests.rbac.factories import fresh_actor, policy

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests")


def holder(email: str, **permissions: str) -> Any:
    """Make somebody in the back office with a role of these permissions; `users_update="all"`."""
    slug = email.partition("@")[0]
    wanted = {name.replace("_", "."): scope for name, scope in permissions.items()}
    services.save_role(actor=SYSTEM, slug=slug, name=slug, permissions=wanted)
    return make_user(email, role=slug, is_staff=True)


@pytest.fixture
def support(acme):
    """Helps people with their accounts, and may nothing else."""
    return holder("support@acme.test", users_read="all", users_list="all", users_update="all")


@pytest.fixture
def hr(acme):
    """Manages people and roles, and may nothing else."""
    return holder("hr@acme.test", users_manage="all")


def change(client: Any, user: Any, **changes: Any) -> Any:
    return client.patch(f"/api/v1/users/{user.pk}/", changes)


# --- taking an account over ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [
    {"email": "support+mine@acme.test"}, {"is_active": False}, {"is_staff": False}, {"name": "Me"},
])  # fmt: skip
def test_who_updates_people_does_not_change_those_who_may_more(api, support, admin_user, changes):
    answer = change(api(support), admin_user, **changes)
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_own")
    fresh = User.objects.get(pk=admin_user.pk)
    assert (fresh.email, fresh.is_active, fresh.is_staff) == ("admin@acme.test", True, True)


def test_who_updates_people_still_helps_customers(api, support, customer):
    assert change(api(support), customer, email="moved@acme.test").status_code == 200


@pytest.mark.parametrize("attack", [
    lambda actor, user: set_password(actor=actor, user_id=user.pk, new="mine-now-99-x", now=timezone.now()),
    lambda actor, user: end_sessions(actor=actor, user_id=user.pk, now=timezone.now()),
    lambda actor, user: update_user(actor=actor, user_id=user.pk, now=timezone.now(), email="mine@acme.test"),
])  # fmt: skip
def test_passwords_sessions_and_addresses_of_those_who_may_more_are_out_of_reach(support, admin_user, attack):
    with pytest.raises(MoreThanOwn):
        attack(fresh_actor(support), admin_user)


def test_an_account_that_is_switched_off_counts_with_what_it_may_once_on(support, admin_user):
    User.objects.filter(pk=admin_user.pk).update(is_active=False)
    with pytest.raises(MoreThanOwn):
        update_user(
            actor=fresh_actor(support), user_id=admin_user.pk, now=timezone.now(), email="mine@acme.test"
        )  # fmt: skip


def test_who_has_more_by_a_policy_or_a_share_alone_is_out_of_reach(support, hr):
    vendor = make_user("vendor@acme.test", is_staff=True)
    editor = make_user("editor@acme.test", is_staff=True)
    policy('subject.vendor == "north"', actions=["update"])
    services.set_attributes(actor=SYSTEM, user_id=vendor.pk, attributes={"vendor": "north"})
    product = ProductFactory()
    services.grant_access(
        actor=SYSTEM, permission="products.update", obj=product, to=services.Grantee("user", editor.pk)
    )  # fmt: skip
    for user in (vendor, editor):
        with pytest.raises(MoreThanOwn):
            set_password(actor=fresh_actor(support), user_id=user.pk, new="mine-now-99-x", now=timezone.now())


def test_a_key_does_not_change_the_account_that_it_belongs_to(api, admin_user):
    _key, text = services.create_api_key(
        actor=actor_for(admin_user), name="Till", permissions=["users.read", "users.update"], now=timezone.now()
    )  # fmt: skip
    client = api()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {text}"
    answer = change(client, admin_user, email="thief@evil.test")
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_own")


def test_nobody_makes_a_key_that_acts_as_somebody_who_may_more(hr, admin_user):
    with pytest.raises(MoreThanOwn):
        services.create_api_key(
            actor=fresh_actor(hr), user_id=admin_user.pk, name="x", permissions=["users.read"], now=timezone.now()
        )  # fmt: skip


def test_a_second_factor_is_not_taken_from_those_who_may_more(hr, admin_user):
    with pytest.raises(MoreThanOwn):
        reset_second_factor(actor=fresh_actor(hr), user_id=admin_user.pk, now=timezone.now())


def test_ones_own_password_and_address_are_changed_where_the_old_password_is_asked_for(admin_user):
    """A borrowed session must not become an account."""
    actor = fresh_actor(admin_user)
    with pytest.raises(OwnAccount):
        set_password(actor=actor, user_id=admin_user.pk, new="mine-now-99-x", now=timezone.now())
    with pytest.raises(OwnAccount):
        update_user(actor=actor, user_id=admin_user.pk, now=timezone.now(), email="m@acme.test", is_staff=True)


# --- giving oneself more ------------------------------------------------------------------------------------------


def test_nobody_takes_a_role_from_those_who_may_more(api, hr, admin_user):
    answer = api(hr).delete(f"/api/v1/users/{admin_user.pk}/roles/admin/")
    assert (answer.status_code, answer.json()["code"]) == (403, "more_than_own")
    assert "admin" in fresh_actor(admin_user).roles


def test_nobody_empties_or_deletes_a_role_that_holds_more_than_theirs(hr):
    services.save_role(actor=SYSTEM, slug="stock", name="Stock", permissions={"inventory.manage": "all"})
    with because("tests"):
        role = services.roles.Role.objects.get(slug="stock")
    with pytest.raises(MoreThanOwn):
        services.save_role(actor=fresh_actor(hr), role_id=role.pk, slug="stock", name="Stock", permissions={})
    with pytest.raises(MoreThanOwn):
        services.delete_role(actor=fresh_actor(hr), role_id=role.pk)


def test_an_invitation_carries_no_more_than_its_author_may(hr):
    with pytest.raises(MoreThanOwn):
        invite_person(actor=confirmed(hr), email="friend@evil.test", roles=["admin"], now=timezone.now())


def confirmed(user: Any) -> Actor:
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
    return fresh_actor(user)


def test_nobody_joins_a_team_to_get_what_was_shared_with_it(hr):
    friend = make_user("friend@acme.test", is_staff=True)
    team = services.save_team(actor=SYSTEM, name="Editors", members=[])
    services.grant_access(
        actor=SYSTEM, permission="products.update", obj=ProductFactory(), to=services.Grantee("team", team.pk)
    )  # fmt: skip
    for user in (hr, friend):
        with pytest.raises(MoreThanOwn):
            services.save_team(actor=fresh_actor(hr), team_id=team.pk, name="Editors", members=[user.pk])
    services.save_team(actor=fresh_actor(hr), team_id=team.pk, name="Writers")
    own = services.save_team(actor=fresh_actor(hr), name="Office", members=[hr.pk, friend.pk])
    assert own.user_set.count() == 2


def test_nobody_says_of_people_what_a_policy_turns_into_more_than_theirs(hr):
    friend = make_user("friend@acme.test", is_staff=True)
    policy('subject.vendor == "north"', actions=["update"])
    say = {"actor": fresh_actor(hr), "user_id": friend.pk}
    with pytest.raises(MoreThanOwn):
        services.set_attributes(**say, attributes={"vendor": "north"})
    services.set_attributes(**say, attributes={"desk": "2nd floor"})


def test_nobody_unsays_what_a_policy_holds_against_somebody(hr):
    friend = make_user("friend@acme.test", is_staff=True)
    services.set_attributes(actor=SYSTEM, user_id=friend.pk, attributes={"trainee": True})
    policy("subject.trainee == true", effect="deny", actions=["delete"])
    with pytest.raises(MoreThanOwn):
        services.set_attributes(actor=fresh_actor(hr), user_id=friend.pk, attributes={})


def test_managing_own_people_is_not_managing_people(api, acme):
    """There is no such thing as one's own role, team or policy; the scope must not fall back to all of them."""
    someone = holder("own@acme.test", users_manage="own", settings_update="own", modules_update="own")
    client = api(someone)
    assert client.post("/api/v1/teams/", {"name": "Mine"}).status_code == 403
    assert client.patch("/api/v1/settings/", {"name": "Mine"}).status_code == 403
    assert client.patch("/api/v1/modules/forum/", {"enabled": False}).status_code == 403
    with pytest.raises(Forbidden):
        services.save_role(actor=fresh_actor(someone), slug="x", name="x", permissions={})


def test_a_policy_about_some_people_opens_nothing_that_is_about_none(api, customer):
    policy("object.is_staff == false", resource="users", actions=["manage"], name="desk")
    desk = make_user("desk@acme.test", is_staff=True)
    client = api(desk)
    assert client.post("/api/v1/teams/", {"name": "Mine", "members": [str(desk.pk)]}).status_code == 403
    keys = {"name": "x", "permissions": ["orders.read"], "expires_at": None}
    assert client.post("/api/v1/api-keys/", keys).status_code == 403


def test_a_shop_that_asks_its_staff_for_a_second_factor_asks_everybody_with_a_role(acme):
    user = make_user("quiet@acme.test", role="admin", is_staff=False)
    acme.staff_second_factor = True
    with pytest.raises(Forbidden):
        create_user(actor=fresh_actor(user), email="x@acme.test", password="correct-horse-9")


# --- sitting on somebody's address --------------------------------------------------------------------------------


def squatted(email: str) -> Any:
    """Make an account with somebody else's address, and a second factor that only the squatter has."""
    user = make_user(email)
    actor, now = actor_for(user), timezone.now()
    enrolment = enrol_second_factor(actor=actor)
    code = pyotp.TOTP(enrolment.secret).at(now)
    confirm_second_factor(actor=actor, password="correct-horse-9", code=code, now=now)
    return User.objects.get(pk=user.pk)


def test_who_shows_that_the_address_is_theirs_by_an_invitation_does_not_inherit_a_squatters_second_factor(acme):
    squatted("invited@acme.test")
    settled = settle_user(
        actor=SYSTEM, email="invited@acme.test", password="quite-another-7", name="I", locale="", is_staff=True,
        now=timezone.now(),
    )  # fmt: skip
    assert not User.objects.get(pk=settled.pk).has_second_factor


def test_who_resets_the_password_of_an_address_never_confirmed_does_not_inherit_it_either(acme):
    user = squatted("owner@acme.test")
    token = links.sign("reset", user.pk, user.email, user.password)
    reset_password(token=token, new="quite-another-7", now=timezone.now())
    assert not User.objects.get(pk=user.pk).has_second_factor


def test_a_reset_leaves_the_second_factor_of_a_confirmed_address(acme):
    user = squatted("known@acme.test")
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now() - timedelta(days=1))
    token = links.sign("reset", user.pk, user.email, user.password)
    reset_password(token=token, new="quite-another-7", now=timezone.now())
    assert User.objects.get(pk=user.pk).has_second_factor


def test_an_address_that_nobody_confirmed_opens_nothing_that_a_policy_gives_it(acme):
    policy('subject.email == "boss@acme.test"', actions=["update"])
    policy('subject.email == "boss@acme.test"', actions=["read"], effect="deny", resource="orders")
    squatter = make_user("boss@acme.test")
    assert not allows(fresh_actor(squatter), "products.update")
    assert not allows(fresh_actor(squatter), "orders.read")
    User.objects.filter(pk=squatter.pk).update(email_verified_at=timezone.now())
    assert allows(fresh_actor(squatter), "products.update")


def test_no_input_of_an_account_takes_rights_along(api):
    sent = {"email": "mass@acme.test", "password": "correct-horse-9"}
    for extra in (
        {"is_staff": True},
        {"is_superuser": True},
        {"roles": ["admin"]},
        {"email_verified_at": "2020-01-01"},
    ):
        answer = api().post("/api/v1/auth/register/", sent | extra)
        assert answer.status_code == 400, extra
    assert not User.objects.filter(email="mass@acme.test").exists()


def test_a_customer_gives_nobody_a_role(customer):
    with pytest.raises(DomainError):
        services.assign_role(actor=fresh_actor(customer), user_id=customer.pk, role="admin")
