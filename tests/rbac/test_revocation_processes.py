"""Rights that end: a process that remembers them hears of it from another, with Valkey and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.product.models import Product
from apps.rbac import rights, services
from apps.tenant.public import find, use_tenant
from rustok.kernel.context import because
from tests import database, valkey
from tests.conftest import make_user
from tests.product.factories import ProductFactory
from tests.rbac.factories import SYSTEM, person

pytestmark = pytest.mark.slow

#: A process that asks all the time whether somebody may, as each request does.
ASK = """
import json, sys, time
import django
django.setup()
from django.contrib.auth import get_user_model
from apps.product.models import Product
from apps.tenant.public import find, use_tenant
from rustok.kernel.access import actor_for, allows
from rustok.kernel.context import because
with use_tenant(find("acme")), because("a test"):
    product = Product.objects.get()
    while True:
        at = time.time()
        user = get_user_model().objects.get(pk=sys.argv[1])
        may = allows(actor_for(user), "products.read", product)
        print(json.dumps({"at": at, "may": may}), flush=True)
        time.sleep(0.02)
"""
#: A process that does something, and is gone.
DO = """
import sys
import django
django.setup()
from apps.rbac import services
from apps.rbac.services import Grantee
from apps.tenant.public import find, use_tenant
from django.contrib.auth import get_user_model
from apps.product.models import Product
from rustok.kernel.access import Actor
from rustok.kernel.context import because
system = Actor.system("a test")
with use_tenant(find("acme")), because("a test"):
    user = get_user_model().objects.get(pk=sys.argv[1])
    {what}
"""
CHANGES = {
    "a role that is withdrawn": 'services.withdraw_role(actor=system, user_id=user.pk, role="manager")',
    "a policy that denies": 'services.save_policy(actor=system, name="no", effect="deny", resource="products",'
    ' actions=["read"], condition="")',
    "an account that is switched off": "user.is_active = False; user.save()",
    "a grant that is withdrawn": 'services.withdraw_access(actor=system, permission="products.read",'
    ' obj=Product.objects.get(), to=Grantee("user", user.pk))',
    "a person who leaves the team": 'services.save_team(actor=system, name="Team", members=[],'
    " team_id=user.groups.get().pk)",
}


@pytest.fixture
def server(committed_db: str) -> Iterator[valkey.Server]:
    """A Valkey of the test's own."""
    rights._memory.clear()
    with valkey.running() as own:
        yield own
    rights._memory.clear()


def _environment(server: valkey.Server) -> dict[str, str]:
    name = settings.DATABASES["default"]["NAME"]
    return os.environ | {
        "DATABASE_URL": database.url(name), "VALKEY_URL": server.url, "DJANGO_SETTINGS_MODULE": "rustok.settings_test",
        "PYTHONPATH": str(database.ROOT),
    }  # fmt: skip


@contextmanager
def _asking(server: valkey.Server, user: Any) -> Iterator[Callable[[], dict[str, Any]]]:
    command = [sys.executable, "-c", ASK, str(user.pk)]
    process = subprocess.Popen(command, env=_environment(server), stdout=subprocess.PIPE, text=True, cwd=database.ROOT)
    assert process.stdout is not None
    answers = process.stdout
    try:
        yield lambda: json.loads(answers.readline())
    finally:
        process.kill()
        process.wait()


def _somebody(change: str) -> User:
    """Make somebody who may read the one product in the way that is about to end."""
    if "role" in change or "policy" in change or "account" in change:
        return make_user("m@acme.test", role="manager")
    user = person("p@acme.test")
    to = services.Grantee("user", user.pk)
    if "team" in change:
        to = services.Grantee("team", services.save_team(actor=SYSTEM, name="Team", members=[user.pk]).pk)
    services.grant_access(actor=SYSTEM, permission="products.read", obj=Product.objects.get(), to=to)
    return user  # type: ignore[no-any-return]


@pytest.mark.parametrize("with_valkey", [True, False], ids=["valkey up", "valkey down"])
@pytest.mark.parametrize("change", CHANGES)
def test_another_process_refuses_in_time(server: valkey.Server, change: str, with_valkey: bool) -> None:
    with use_tenant(find("acme")), because("a test"):
        ProductFactory()
        user = _somebody(change)
    with _asking(server, user) as answer:
        assert answer()["may"]
        if not with_valkey:
            server.kill()
        until = time.time() + 1
        while answer()["at"] < until:  # the process remembers by now
            pass
        done = subprocess.run(
            [sys.executable, "-c", DO.replace("{what}", CHANGES[change]), str(user.pk)],
            env=_environment(server), cwd=database.ROOT, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert done.returncode == 0
        committed = time.time()
        told = answer()
        while told["may"]:
            assert told["at"] - committed <= (0.5 if with_valkey else rights.BOUND + 0.5)
            told = answer()
