"""The `test` provider: stands in for a network, with a ledger of its own that shows what was charged and how often.

`tok_ok` is charged, `tok_authorize` reserved, `tok_declined` refused; `tok_timeout` is charged, but the answer is lost.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.payment.models import SandboxCharge
from apps.payment.providers.base import Charge, NoAnswer, Outcome, UnknownPaymentToken

__all__ = ["SandboxProvider"]

_ANSWERS = {"tok_ok": "captured", "tok_timeout": "captured", "tok_authorize": "authorized", "tok_declined": "failed"}


class SandboxProvider:
    """Keeps its ledger in a table, so that it outlives a killed process as a real provider's would."""

    online = True

    def check(self, token: str) -> None:
        """Refuse a token that is none of the four.

        :raises UnknownPaymentToken: for such a token
        """
        if token not in _ANSWERS:
            raise UnknownPaymentToken(f"the test provider takes {', '.join(_ANSWERS)}", field="payment.token")

    def charge(self, charge: Charge) -> Outcome:
        """Write the charge down once; a repeated key reads what was written.

        :raises NoAnswer: the first time that `tok_timeout` is charged
        """
        row, is_new = _ledger().get_or_create(
            key=charge.key,
            defaults={"amount": charge.amount, "currency": charge.currency, "status": _ANSWERS[charge.token]},
        )
        if is_new and charge.token == "tok_timeout":  # noqa: S105
            raise NoAnswer("the connection was lost after the charge")
        return _outcome(row)

    def lookup(self, key: UUID) -> Outcome | None:
        """Read the ledger."""
        row = _ledger().filter(key=key).first()
        return _outcome(row) if row else None

    def capture(self, key: UUID) -> Outcome:
        """Take what was reserved."""
        _ledger().filter(key=key, status="authorized").update(status="captured")
        return self.lookup(key) or Outcome("failed", error="no such charge")

    def void(self, key: UUID) -> None:
        """Let go of what was reserved."""
        _ledger().filter(key=key, status="authorized").update(status="voided")


def _ledger() -> Any:
    return SandboxCharge.objects.because("stands in for a provider, who asks nobody of ours")


def _outcome(row: SandboxCharge) -> Outcome:
    if row.status in ("captured", "authorized"):
        return Outcome(row.status, reference=str(row.pk))  # type: ignore[arg-type]
    return Outcome("failed", reference=str(row.pk), error="the card was declined")
