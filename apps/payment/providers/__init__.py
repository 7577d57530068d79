"""Payment providers: the edge to somebody else's network.

A provider is asked with an idempotency key, so asking twice charges once. It is never called while rows are locked.
"""

from __future__ import annotations

from apps.payment.providers.base import Charge, NoAnswer, Outcome, Provider
from apps.payment.providers.manual import ManualProvider
from apps.payment.providers.sandbox import SandboxProvider

__all__ = ["PROVIDERS", "Charge", "NoAnswer", "Outcome", "Provider"]

PROVIDERS: dict[str, Provider] = {"manual": ManualProvider(), "test": SandboxProvider()}
