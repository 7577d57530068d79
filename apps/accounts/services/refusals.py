"""What the audit log is told of tokens that are not good here: once a minute for each origin, however many it sends."""

from __future__ import annotations

import time

from apps.accounts.services.attempts import Busy, Count, change_counts
from apps.accounts.services.lockouts import network_of
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.audit import record
from rustok.kernel.context import current_work

__all__ = ["note_refusal"]

EVERY = 60.0


def note_refusal(kind: str) -> None:
    """Record that a token of a kind (`session`, `bearer`) was refused: broken, over, or another tenant's."""
    network = network_of(current_work().address)
    try:
        first = change_counts([f"refused:{kind}:{network}"], _first)
    except Busy:
        return
    if first:
        record("token.refused", actor=ANONYMOUS, kind=kind)


def _first(counts: list[Count]) -> bool:
    now = time.time()
    if counts[0].until > now:
        return False
    counts[0].until = now + EVERY
    return True
