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
