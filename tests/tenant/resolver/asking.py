"""Many threads that ask at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from apps.tenant.models import Tenant

ACME = "host:acme.localhost"


def at_once(number: int, work: Any) -> list[Any]:
    """Run work in so many threads that begin at the same moment."""
    ready = threading.Barrier(number)

    def run(index: int) -> Any:
        ready.wait(30)
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def suspend(slug: str = "acme") -> None:
    Tenant.objects.filter(slug=slug).update(status=Tenant.Status.SUSPENDED)
