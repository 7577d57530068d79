"""Sweeping files that no row names: every hour another part of each shop's folders."""

from __future__ import annotations

import logging
import time

from django.utils import timezone

from apps.media import services
from apps.media.orphans import folders_of
from apps.tenant.public import each_tenant
from rustok.kernel.access import Actor
from rustok.kernel.edges.tasks import task
from rustok.kernel.tenancy import current_tenant

__all__ = ["sweep", "sweep_shop"]

logger = logging.getLogger(__name__)

#: Seconds of one shop; what is left is looked at on another day.
SECONDS = 30.0


@task(name="media.sweep", everywhere=True, runs_as="deletes files that no row names")
def sweep() -> None:
    """Send a task for each shop."""
    slot = int(time.time() // 3600)
    for _tenant in each_tenant(module="media"):
        sweep_shop.delay(slot)


@task(name="media.sweep_shop", runs_as="deletes files that no row names")
def sweep_shop(slot: int) -> None:
    """Sweep the folders of an hour in one shop."""
    swept = services.sweep_files(
        actor=Actor.system("media.sweep"), folders=folders_of(slot), now=timezone.now(), seconds=SECONDS
    )
    if swept.is_held:
        logger.error(
            "%s of %s files of %s have no row: nothing was deleted, see `manage.py media sweep`",
            swept.orphans, swept.looked_at, current_tenant().slug,
        )  # fmt: skip
