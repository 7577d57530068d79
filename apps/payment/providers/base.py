"""What every provider speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from rustok.kernel.errors import Invalid

__all__ = ["Charge", "NoAnswer", "Outcome", "Provider", "UnknownPaymentToken"]


class UnknownPaymentToken(Invalid):
    """The payment provider knows no such token."""

    code = "unknown_payment_token"


class NoAnswer(Exception):
    """The provider did not answer in time; whether it charged is not known."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a provider is asked to take, in minor units; the key makes repeating it harmless."""

    key: UUID
    amount: int
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a provider answered; `pending` means that the money comes later and somebody will say so."""

    status: Literal["pending", "authorized", "captured", "failed"]
    reference: str = ""
    error: str = ""


class Provider(Protocol):
    """A payment provider."""

    #: Whether it is somebody else's network, which can fall silent.
    online: bool

    def check(self, token: str) -> None:
        """Refuse a token that cannot be charged, before anything is written.

        :raises UnknownPaymentToken: for such a token
        """

    def charge(self, charge: Charge) -> Outcome:
        """Take or reserve money; the same key again answers what happened the first time.

        :raises NoAnswer: if the answer never came
        """

    def lookup(self, key: UUID) -> Outcome | None:
        """Answer what became of a charge; None if the provider never heard of it.

        :raises NoAnswer: if the answer never came
        """

    def capture(self, key: UUID) -> Outcome:
        """Take the money that a charge reserved; safe to repeat.

        :raises NoAnswer: if the answer never came
        """

    def void(self, key: UUID) -> None:
        """Let go of the money that a charge reserved; safe to repeat.

        :raises NoAnswer: if the answer never came
        """
