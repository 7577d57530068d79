"""The one validation: a module declares an `Input` once, and REST, GraphQL and admin parse with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from rustok.kernel.errors import FieldError, Invalid
from rustok.kernel.locales import UnknownLocale, normalize_locale
from rustok.kernel.money import MAX_AMOUNT, BadAmount, Money, UnknownCurrency, check_currency
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "MAX_QUANTITY",
    "CurrencyField",
    "HandleField",
    "Input",
    "LocaleField",
    "MoneyInput",
    "QuantityField",
    "TextField",
]

#: The most of one variant that a cart line, an order line or an adjustment may hold.
MAX_QUANTITY = 9_999

_HANDLE = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")


class Input(serializers.Serializer[Any]):
    """A validated input; unknown fields are refused, so that a typing error is never silently dropped."""

    #: Words of `translations` that may also stand at the top, for one `locale` (the tenant's default if left out):
    #: what reads flat may be written flat.
    flat_words: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def parse(cls, data: Any, *, partial: bool = False) -> dict[str, Any]:
        """Answer clean values.

        :raises Invalid: with one entry per field that is wrong
        """
        from rustok.kernel.edges.problems import field_errors

        if not isinstance(data, Mapping):
            raise Invalid("a JSON object is expected")
        data = _with_flat_words(data, cls.flat_words)
        serializer = cls(data=data, partial=partial)
        unknown = set(data) - set(serializer.fields)
        if unknown:
            errors = tuple(FieldError(str(name)[:64], "unknown_field", "unknown field") for name in sorted(unknown))
            raise Invalid("unknown field: " + ", ".join(e.field for e in errors[:5]), errors=errors[:20])
        try:
            serializer.is_valid(raise_exception=True)
        except ValidationError as error:
            problems = tuple(field_errors(error.detail))
            detail = "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in problems[:3])
            raise Invalid(detail, errors=problems) from None
        return dict(serializer.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields, and refuse those that there are not: in an input within an input, too."""
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            names = sorted(str(name)[:64] for name in unknown)[:20]
            raise ValidationError({name: [ErrorDetail("unknown field", "unknown_field")] for name in names})
        return super().to_internal_value(data)


def _with_flat_words(data: Mapping[str, Any], words: tuple[str, ...]) -> Mapping[str, Any]:
    """Move words that stand at the top into the translation that they belong to."""
    flat = {word: data[word] for word in words if word in data}
    if not flat:
        return data
    rest = {name: value for name, value in data.items() if name not in flat and name != "locale"}
    translations = rest.get("translations", {})
    if not isinstance(translations, Mapping):
        return data
    locale = str(data.get("locale") or current_tenant().default_locale)
    beside = translations.get(locale)
    return rest | {
        "translations": {**translations, locale: {**(beside if isinstance(beside, Mapping) else {}), **flat}}
    }


class TextField(serializers.CharField):
    """Plain text with a maximum; NUL and other control characters are refused."""

    default_error_messages = {"control": "control characters are not allowed"}

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Read text."""
        text = super().to_internal_value(data)
        if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
            self.fail("control")
        return text


class HandleField(TextField):
    """A name for URLs: lower case letters, digits and single hyphens."""

    default_error_messages = {"handle": "use lower case letters, digits and single hyphens"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 120)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Read a handle."""
        text = super().to_internal_value(data)
        if not _HANDLE.match(text):
            self.fail("handle")
        return text


class QuantityField(serializers.IntegerField):
    """A whole number of pieces, from 1 to 9,999; a fraction or a text is refused."""

    default_error_messages = {"whole": "a whole number is expected"}

    def __init__(self, *, min_value: int = 1, max_value: int = MAX_QUANTITY, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Read a quantity."""
        if isinstance(data, bool | float):
            self.fail("whole")
        return super().to_internal_value(data)


class CurrencyField(serializers.CharField):
    """An ISO 4217 code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Read a currency code."""
        try:
            return check_currency(super().to_internal_value(data))
        except UnknownCurrency as error:
            raise ValidationError(error.detail, code=error.code) from None


class LocaleField(serializers.CharField):
    """A BCP 47 tag."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=35, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Read a locale."""
        try:
            return normalize_locale(super().to_internal_value(data))
        except UnknownLocale as error:
            raise ValidationError(error.detail, code=error.code) from None


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {
            "amount": {"type": "string", "examples": ["19.99"]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]},
        },
    }
)
class MoneyInput(serializers.Field[Money, Any, dict[str, str], Any]):
    """An amount as {"amount": "19.99", "currency": "USD"}; never negative."""

    default_error_messages = {
        "shape": 'expected {{"amount": "19.99", "currency": "USD"}}',  # DRF formats messages
        "negative": "an amount is not negative",
        "large": "the amount is too large",
    }

    def to_internal_value(self, data: Any) -> Money:
        """Read an amount; a JSON float is refused because it cannot hold money."""
        if not isinstance(data, Mapping) or set(data) != {"amount", "currency"}:
            self.fail("shape")
        if not isinstance(data["amount"], str | int) or isinstance(data["amount"], bool):
            self.fail("shape")
        try:
            money = Money.parse(str(data["amount"]), check_currency(data["currency"]))
        except (BadAmount, UnknownCurrency) as error:
            raise ValidationError(error.detail, code=error.code) from None
        if money.amount < 0:
            self.fail("negative")
        if money.amount > MAX_AMOUNT:
            self.fail("large")
        return money

    def to_representation(self, value: Money) -> dict[str, str]:
        """Write an amount."""
        return value.as_dict()
