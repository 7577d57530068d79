"""The admin edge of money: amounts are typed in major units, as people write them, and kept in minor ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from rustok.kernel.money import MAX_AMOUNT, BadAmount, Money

__all__ = ["AmountField", "shown"]


def shown(amount: int, currency: str) -> str:
    """Write an amount of minor units for the reader."""
    return Money(amount, currency).format(get_language() or "en")


class AmountField(forms.CharField):
    """An amount of one currency, such as 19.99 or 19,99; cleans to `Money`, or to None if it is empty."""

    def __init__(self, currency: str, *, label: Any, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attrs))
        super().__init__(label=label, max_length=20, **kwargs)
        self.currency = currency

    def prepare_value(self, value: Any) -> Any:
        """Write minor units as people do."""
        return Money(value, self.currency).as_dict()["amount"] if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Read what was typed."""
        text = "".join(str(super().clean(value) or "").split())
        if not text:
            return None
        if "," in text and "." not in text:
            text = text.replace(",", ".")
        try:
            money = Money.parse(text, self.currency)
        except BadAmount:
            message = _("This is not an amount of %(currency)s.") % {"currency": self.currency}
            raise ValidationError(message, code="invalid") from None
        if not 0 <= money.amount <= MAX_AMOUNT:
            raise ValidationError(_("An amount is not negative, and not that large."), code="invalid")
        return money

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is meant, not how it is written."""
        try:
            new = self.clean(data)
        except ValidationError:
            return True
        return (new.amount if new else None) != initial
