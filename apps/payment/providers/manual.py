"""Paying outside of the platform: bank transfer, invoice, cash on delivery. A person says when the money is here."""

from __future__ import annotations

from uuid import UUID

from apps.payment.providers.base import Charge, Outcome

__all__ = ["ManualProvider"]


class ManualProvider:
    """Nothing to ask."""

    online = False

    def check(self, token: str) -> None:
        """Take any token: there is none."""

    def charge(self, charge: Charge) -> Outcome:
        """Wait for the money."""
        return Outcome("pending")

    def lookup(self, key: UUID) -> Outcome | None:
        """Wait for the money."""
        return Outcome("pending")

    def capture(self, key: UUID) -> Outcome:
        """Take a person's word for it."""
        return Outcome("captured")

    def void(self, key: UUID) -> None:
        """Nothing was reserved."""
