"""What a condition knows besides the object: who asks, when, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rustok.kernel.ids import parse_id

__all__ = ["ENVIRONMENT", "SUBJECT", "Facts", "fits", "in_network", "kind_of", "networks"]

#: What every subject has, and what its kind is; the tenant adds attributes of its own.
SUBJECT = {"id": "id", "email": "text", "roles": "texts", "is_staff": "bool", "locale": "text"}
#: Hours count from 0 to 23, days of the week from 1, Monday, to 7.
ENVIRONMENT = {"hour": "number", "weekday": "number", "date": "date", "address": "address", "via": "text"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The subject's attributes, and the moment in the tenant's time zone."""

    subject: Mapping[str, Any]
    now: datetime
    zone: ZoneInfo
    address: str = ""
    via: str = ""

    def value(self, of: str, name: str) -> Any:
        """Answer what a name stands for; None if there is no such thing."""
        return self.subject.get(name) if of == "subject" else self._environment(name)

    def _environment(self, name: str) -> Any:
        local = self.now.astimezone(self.zone)
        match name:
            case "hour":
                return Decimal(local.hour)
            case "weekday":
                return Decimal(local.isoweekday())
            case "date":
                return local.date()
            case "address":
                return self.address or None
            case "via":
                return self.via or None
        return None


def kind_of(value: Any) -> str:
    """Name the kind of a value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Decimal | int):
        return "number"
    return "id" if isinstance(value, UUID) else "text" if isinstance(value, str) else "date"


def fits(value: Any, kind: str) -> Any:
    """Answer a value as one of a kind; None if it is of another."""
    if value is None or kind_of(value) == kind:
        return value
    if kind == "id" and isinstance(value, str):
        return parse_id(value)
    return None


def in_network(address: str, network: str) -> bool:
    """Tell whether an IP address is the given one, or in the given network."""
    try:
        return ip_address(address) in networks(network)
    except ValueError:
        return False


@lru_cache(maxsize=1_024)
def networks(network: str) -> Any:
    """Read a network, or one address as a network.

    :raises ValueError: if it is neither
    """
    return ip_network(network, strict=False)
