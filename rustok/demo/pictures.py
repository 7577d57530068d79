"""Hands pictures to the media library, beside the work that needs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from types import TracebackType
from uuid import UUID

from django.db import connection

from apps.media import public as media
from rustok.demo.art.look import Picture
from rustok.demo.painters import Painters
from rustok.demo.records import Words
from rustok.demo.tenants import DEMO
from rustok.kernel.tenancy import Tenant, current_tenant, use_tenant


class Studio:
    """Stores what is ordered, in that order, while others work; storing again what is there changes nothing.

    Pillow and PostgreSQL work without the interpreter's lock, so threads use all cores; each has its own connection.
    """

    def __init__(self, painters: Painters) -> None:
        self._painters = painters
        self._workers = min(4, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers, "studio")
        self._assets: dict[tuple[UUID, Picture], Future[UUID]] = {}

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for future in self._assets.values():
            future.cancel()
        together = Barrier(self._workers)  # so that every thread takes one, and closes its own connection
        for _ in range(self._workers):
            self._pool.submit(_close_connection, together)
        self._pool.shutdown()

    def order(self, tenant: Tenant, wanted: Mapping[Picture, Words]) -> None:
        """Have pictures drawn and stored for a tenant."""
        self._painters.draw(wanted)
        for picture, words in wanted.items():
            self._assets[tenant.id, picture] = self._pool.submit(self._store, tenant, picture, words)

    def __getitem__(self, picture: Picture) -> UUID:
        """Answer the current tenant's asset of a picture, waiting until it is drawn."""
        return self._assets[current_tenant().id, picture].result()

    def _store(self, tenant: Tenant, picture: Picture, words: Words) -> UUID:
        drawing = self._painters[picture]
        with use_tenant(tenant):
            return media.store_image(actor=DEMO, content=drawing.content, filename=drawing.name, alt=words)


def _close_connection(together: Barrier) -> None:
    together.wait(timeout=60)
    connection.close()
