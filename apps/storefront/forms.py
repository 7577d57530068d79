"""What a reader typed and what is wrong with it; the rules themselves belong to the services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.storefront.words import explain, explain_code
from rustok.kernel.errors import DomainError

__all__ = ["ADDRESS", "Filled", "typed"]

ADDRESS = ("first_name", "last_name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent, to be shown again."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def refused(cls, values: Mapping[str, Any], error: DomainError) -> "Filled":
        """Put each message beside its field, and what belongs to none above the form."""
        errors: dict[str, str] = {}
        for one in error.errors:
            name = one.field.rpartition(".")[2]
            if name in values:
                errors.setdefault(name, explain_code(one.code) or one.message)
        return cls(values, errors, "" if errors else explain(error))


def typed(data: Mapping[str, str], *names: str) -> dict[str, str]:
    """Take named fields of a sent form, trimmed."""
    return {name: str(data.get(name, "")).strip() for name in names}
