"""Shipping methods for tests."""

from apps.shipping.public import save_shipping_method
from rustok.kernel.access import Actor
from rustok.kernel.money import Money

SYSTEM = Actor.system("tests")


def make_method(handle="standard", *, price=490, currency="USD", free_from=None, countries=(), **fields):
    free = None if free_from is None else Money(free_from, currency)
    return save_shipping_method(
        actor=SYSTEM,
        handle=handle,
        names=fields.pop("names", {"en": handle.title(), "de": f"{handle.title()} (de)"}),
        rates=[(Money(price, currency), free)],
        countries=countries,
        **fields,
    )
