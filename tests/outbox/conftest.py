"""What the tests of the outbox share."""

from __future__ import annotations

import pytest

from rustok.kernel import events
from tests.admin.conftest import browser, operator

__all__ = ["browser", "operator"]


@pytest.fixture(autouse=True)
def _nobody_greets_new_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the users of these tests register unheard: each delivery here is one that the test asked for."""
    monkeypatch.setitem(events._by_event, "user.registered", [])


@pytest.fixture
def listen():
    """Register handlers for the length of a test."""
    added = []

    def register(function, **options):
        events.on("sample.happened", name=f"tests.{function.__name__}", runs_as="is a test", **options)(function)
        added.append(f"tests.{function.__name__}")
        return function

    yield register
    for name in added:
        handler = events._handlers.pop(name)
        events._by_event["sample.happened"].remove(handler)
