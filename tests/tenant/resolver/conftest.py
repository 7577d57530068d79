"""Resolvers as processes have them, with a Valkey of their own, and what they count."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from apps.tenant.resolver import Resolver, tally
from apps.tenant.resolver.shared import Shared
from tests import valkey


@pytest.fixture
def server():
    with valkey.running() as own:
        yield own


@pytest.fixture
def counts():
    """What was counted since the test began."""
    found: Counter[str] = Counter()
    lock = threading.Lock()

    def count(word: str, by: float) -> None:
        with lock:
            found[word] += int(by)

    before = tally._count[0]
    tally.count_with(count)
    yield found
    tally.count_with(before)


@pytest.fixture
def processes(committed_db, server):
    """Make resolvers that know nothing of each other, as those of processes do."""
    return lambda: Resolver(Shared(server.url))


@pytest.fixture(autouse=True)
def _resolved_tenants_stay():
    """Here they grow old as they do."""
