"""One connection, many tenants, cancelled statements: nobody sees what is not theirs (pitfalls 1 and 6)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import database

ROOT = Path(__file__).resolve().parents[2]
IS_FULL = os.environ.get("STORM") == "full"
#: `STORM=full make test ARGS="tests/isolation/test_storm.py -s"`: 50 tenants and 50,000 requests.
TENANTS, REQUESTS = (50, 50_000) if IS_FULL else (5, 1_500)


def settle(slug: str) -> None:
    """Make a tenant with a category and a user that carry its mark."""
    from django.db import connection

    from apps.accounts.public import create_user
    from apps.tenant.public import create_tenant, use_tenant
    from rustok.kernel.access import Actor
    from rustok.kernel.context import because
    from tests.taxonomy.factories import CategoryFactory

    system = Actor.system("tests")
    with because("tests"):
        tenant = create_tenant(actor=system, slug=slug, name=f"mark-{slug}-shop", domains=[f"{slug}.localhost"])
        with use_tenant(tenant):
            create_user(actor=system, email=f"mark-{slug}-me@example.com", password="correct-horse-9")
            CategoryFactory(translations={"en": {"name": f"mark-{slug}-category", "slug": "goods"}})
    connection.close()


@pytest.fixture
def seen(committed_db: str) -> Any:
    for slug in (f"t{number}" for number in range(TENANTS)):
        settle(slug)
    env = os.environ | {
        "DATABASE_URL": database.url(committed_db), "VALKEY_URL": settings.VALKEY_URL, "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "tests.isolation.storm_settings", "HTTPS": "0", "LOG_LEVEL": "INFO",
        "RATE_LIMIT_API": "100000000/m",
    }  # fmt: skip
    program = [sys.executable, "-m", "tests.isolation", str(TENANTS), str(REQUESTS)]
    done = subprocess.run(program, check=False, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, timeout=1_800)
    assert done.returncode == 0
    found = json.loads(done.stdout.splitlines()[-1])
    sys.stderr.write(json.dumps(found, indent=1) + "\n")
    return found


def test_a_storm_of_cancelled_statements_shows_nobody_what_is_not_theirs(seen):
    assert seen["requests"] == REQUESTS
    assert seen["right"] > REQUESTS / 4, seen
    assert seen["failed"] > 20, "the storm was too weak to show anything"
    assert seen["cancelled"] > 100
    assert seen["ended"] > 0
    assert seen["log_labels"] > 20
    assert seen["cache_keys"] > REQUESTS / 2
    others = ("foreign_rows", "foreign_written", "foreign_cache_keys", "foreign_log_labels", "foreign_tokens_taken")
    assert {name: seen.get(name, 0) for name in others} == dict.fromkeys(others, 0)
