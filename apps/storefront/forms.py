"""What a reader typed and what is wrong with it; the rules themselves belong to the services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rustok.kernel.errors import DomainError

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
        errors = {one.field.rpartition(".")[2]: one.message for one in error.errors if one.field}
        loose = [one.message for one in error.errors if one.field.rpartition(".")[2] not in values]
        return cls(values, errors, " ".join(loose) or ("" if errors else error.detail))


def typed(data: Mapping[str, str], *names: str) -> dict[str, str]:
    """Take named fields of a sent form, trimmed."""
    return {name: str(data.get(name, "")).strip() for name in names}
