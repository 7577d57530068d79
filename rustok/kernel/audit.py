"""What the audit log is told: the contract. `apps.audit` implements it.

Changes of rows are written by the database itself; this is for what leaves no row behind: a login that failed, a token
of another tenant, an export, a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.db.models import Model

from rustok.kernel.access import Actor

__all__ = ["Recorder", "install", "record"]


class Recorder(Protocol):
    """What `apps.audit` provides."""

    def record(self, action: str, actor: Actor, obj: Model | None, label: str, data: Mapping[str, Any]) -> None:
        """Write one entry into the current tenant's log."""


_recorder: list[Recorder] = []


def install(recorder: Recorder) -> None:
    """Set the one implementation."""
    _recorder[:] = [recorder]


def record(action: str, *, actor: Actor, obj: Model | None = None, label: str = "", **data: Any) -> None:
    """Write into the current tenant's audit log that something was done or refused, as `login.failed`.

    Address, API key and trace come from the current work. Never pass a secret.
    """
    for recorder in _recorder:
        recorder.record(action, actor, obj, label, data)
