"""A project with one event and one handler."""

from __future__ import annotations

import pytest

from apps.outbox import schemas
from rustok.kernel.events import RetryPolicy, event, on
from tests.outbox.schemas.things import ThingNamed, listen


@pytest.fixture
def folder(scratch_events, settings, tmp_path):
    """A project with one event and one handler, and all that is to be committed of them."""
    settings.BASE_DIR = tmp_path
    event("thing.named", version=1)(ThingNamed)
    on("thing.named", name="shop.listen", retry=RetryPolicy(max_attempts=3, base=0.5, ceiling=90))(listen)
    schemas.write()
    assert schemas.check() == []
    return tmp_path / "docs" / "events"
