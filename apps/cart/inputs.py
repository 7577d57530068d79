"""What the cart module accepts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel import Locale
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.cart.models import MAX_LINES
from rustok.kernel.inputs import CurrencyField, Input, LocaleField, QuantityField, TextField

__all__ = [
    "AddLinesInput", "AddressInput", "CartLineInput", "CountryField", "CreateCartInput",
    "QuantityInput", "RemoveLinesInput", "UpdateCartInput", "UpdateLinesInput", "countries",
]  # fmt: skip

#: What CLDR names by two letters besides countries: unions, islands of a country, places made up for tests.
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """List the codes of countries (ISO 3166-1 alpha-2)."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


class CountryField(TextField):
    """The code of a country."""

    default_error_messages = {"country": "use the ISO 3166-1 code of a country, such as DE"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Read a code."""
        code = super().to_internal_value(data).upper()
        if code not in countries():
            self.fail("country")
        return code


@extend_schema_serializer(component_name="PostalAddress")
class AddressInput(Input):
    """Where to send something, or whom to bill."""

    first_name = TextField(max_length=100, default="", allow_blank=True)
    last_name = TextField(max_length=100)
    company = TextField(max_length=120, default="", allow_blank=True)
    line1 = TextField(max_length=200)
    line2 = TextField(max_length=200, default="", allow_blank=True)
    city = TextField(max_length=120)
    region = TextField(max_length=120, default="", allow_blank=True)
    postal_code = TextField(max_length=20, default="", allow_blank=True)
    country = CountryField()
    phone = TextField(max_length=40, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """Read an address; an unknown field is refused here too."""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError({str(name)[:64]: "unknown field" for name in sorted(unknown)[:20]})
        return super().to_internal_value(data)


class CartLineInput(Input):
    """So many pieces of one variant."""

    variant_id = serializers.UUIDField()
    quantity = QuantityField(default=1)


class AddLinesInput(Input):
    """One line, or several as `lines`."""

    variant_id = serializers.UUIDField(required=False)
    quantity = QuantityField(required=False)
    lines = CartLineInput(many=True, required=False, max_length=MAX_LINES, allow_empty=False)  # type: ignore[call-arg]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take either form and answer `lines`."""
        if ("variant_id" in attrs) == ("lines" in attrs) or ("quantity" in attrs and "lines" in attrs):
            raise serializers.ValidationError({"variant_id": "give one variant_id, or lines"})
        one = {"variant_id": attrs.get("variant_id"), "quantity": attrs.get("quantity", 1)}
        return {"lines": attrs.get("lines") or [one]}


class CreateCartInput(Input):
    """A new cart; its currency is fixed from then on."""

    currency = CurrencyField(required=False)
    locale = LocaleField(required=False)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    lines = CartLineInput(many=True, required=False, max_length=MAX_LINES)  # type: ignore[call-arg]


class QuantityInput(Input):
    """How many."""

    quantity = QuantityField()


class LineQuantityInput(QuantityInput):
    """How many of one line."""

    line_id = serializers.UUIDField()


class UpdateLinesInput(Input):
    """How many of several lines."""

    lines = LineQuantityInput(many=True, max_length=MAX_LINES, allow_empty=False)  # type: ignore[call-arg]


class RemoveLinesInput(Input):
    """Lines to take out."""

    line_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_LINES, allow_empty=False)


class UpdateCartInput(Input):
    """Who buys, where it goes, how it is sent; null takes a thing back."""

    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    shipping_address = AddressInput(required=False, allow_null=True)
    billing_address = AddressInput(required=False, allow_null=True)
    shipping_method_id = serializers.UUIDField(required=False, allow_null=True)
