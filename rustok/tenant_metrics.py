"""Metrics of the tenant resolver, which stands beside telemetry and knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

from apps.telemetry.public import Gauge, collector, counter
from apps.tenant.resolver import count_with, resolver

_lookups = counter("rustok_tenant_lookups_total", "What the tenant resolver did, by a word of a fixed list", ["what"])


def _count(word: str, by: float) -> None:
    _lookups.inc(word, by=by)


count_with(_count)


@collector
def look() -> Iterator[Gauge]:
    """Tell how much the process that answers remembers, and whether it has given up on Valkey for now."""
    sizes: dict[tuple[str, ...], float] = {
        ("memory",): len(resolver.memory), ("negative",): len(resolver.negative), ("digest",): len(resolver.digest)
    }  # fmt: skip
    opened: dict[tuple[str, ...], float] = {(): resolver.shared.breaker.is_open}
    yield Gauge("rustok_tenant_names", "Names that the answering process remembers", ("kind",), sizes)
    yield Gauge("rustok_tenant_breaker_open", "1 if the answering process does without Valkey for now", (), opened)
