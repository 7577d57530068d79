"""Attacks by those from whom a policy takes something: no other way leads to it."""

from __future__ import annotations

import pytest

from apps.media.models import Asset
from apps.media.services import store_image
from rustok.kernel.access import OutsideOwnScope
from tests.admin.conftest import Browser
from tests.content.factories import make_post
from tests.isolation.test_attacks_people import holder
from tests.media.factories import picture
from tests.rbac.factories import fresh_actor, person, policy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["posts/", "nodes/?kind=post"])
def test_no_list_shows_drafts_that_a_policy_takes_away(api, path):
    editor = holder("editor@acme.test", posts_manage="all")
    draft = make_post(published=False, translations={"en": {"title": "Secret plan", "slug": "secret-plan"}})
    assert "Secret plan" in api(editor).get(f"/api/v1/{path}").content.decode()
    policy("object.author != subject.id", resource="posts", actions=["read", "list"], effect="deny")
    policy("object.author == null", resource="posts", actions=["read", "list"], effect="deny")
    client = api(editor)
    for address in (path, "posts/?status=draft", "posts/secret-plan/", f"posts/{draft.pk}/", f"nodes/{draft.pk}/"):
        assert "Secret plan" not in client.get(f"/api/v1/{address}").content.decode(), address
    asked = client.graphql('{ posts { nodes { title } } post(slug: "secret-plan") { title } }')
    assert "Secret plan" not in str(asked)


def test_no_panel_sums_up_what_a_policy_takes_away(acme):
    clerk = holder("clerk@acme.test", orders_manage="all")
    before = Browser(user=clerk).get("/admin/").content.decode()
    policy("object.total > 0", resource="orders", actions=["read"], effect="deny")
    after = Browser(user=clerk).get("/admin/").content.decode()
    assert "Latest orders" in before, before[:0]
    assert "Latest orders" not in after


def test_who_may_upload_small_images_uploads_no_large_one(acme):
    policy("object.bytes < 100", resource="media", actions=["create"])
    with pytest.raises(OutsideOwnScope):
        store_image(actor=fresh_actor(person("photo@acme.test")), content=picture(size=(300, 300)))
    assert not Asset.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_no_day_in_a_policy_breaks_the_lists_of_those_whom_it_is_about(api, customer, deliver_events, op, day):
    policy(f"object.published {op} {day} or object.created {op} {day}", actions=["read", "list"])
    policy(f"object.placed {op} {day}", resource="orders", actions=["read", "list"])
    client = api(customer)
    for path in ("products/?status=draft", "products/", "orders/"):
        assert client.get(f"/api/v1/{path}").status_code == 200, path
