"""A small shop: a category, a jacket in two colours, a page, a menu, a way to send things."""

from typing import Any

from django.utils import timezone

from apps.inventory.public import set_stock
from apps.navigation.public import set_menu
from apps.pricing.public import NewPrice, set_prices
from apps.product.public import create_product
from apps.taxonomy.public import create_category
from rustok.kernel.access import Actor
from rustok.kernel.money import Money

SYSTEM = Actor.system("tests")
ADDRESS = {
    "email": "ann@example.com",
    "first_name": "Ann",
    "last_name": "Lee",
    "line1": "1 Main St",
    "city": "Hamburg",
    "postal_code": "20457",
    "country": "DE",
}


def make_jacket(handle: str = "jacket", *, stock: int = 10, **given: Any) -> dict[str, Any]:
    """Put a jacket on sale: blue for 90, red for 100 US dollars, only blue in euros; answer variants by colour."""
    ref = create_product(
        actor=SYSTEM,
        handle=handle,
        translations={
            "en": {"title": handle.title(), "subtitle": "Keeps rain out", "description": "<p>Warm</p>"},
            "de": {"title": f"{handle.title()} (de)"},
        },
        options=[{"name": "Colour", "values": ["Blue", "Red"]}],
        variants=[
            {"sku": f"{handle}-blue", "options": {"Colour": "Blue"}},
            {"sku": f"{handle}-red", "options": {"Colour": "Red"}},
        ],
        vendor="Northcut",
        status="active",
        now=timezone.now(),
        **given,
    )
    blue, red = ref.variants[f"{handle}-blue"], ref.variants[f"{handle}-red"]
    prices = [(blue, 9000, "USD"), (red, 10000, "USD"), (blue, 8000, "EUR")]
    set_prices(actor=SYSTEM, prices=[NewPrice(variant, Money(amount, code)) for variant, amount, code in prices])
    for variant in (blue, red):
        set_stock(actor=SYSTEM, variant_id=variant, on_hand=stock)
    return {"blue": blue, "red": red}


def make_department(slug: str = "clothing", **given: Any) -> Any:
    """Make a category."""
    return create_category(actor=SYSTEM, slug=slug, translations={"en": {"name": slug.title()}}, **given)


def make_menu(location: str = "header", *urls: str) -> None:
    """Fill a menu with addresses, labelled by themselves."""
    set_menu(actor=SYSTEM, location=location, items=[{"labels": {"en": url}, "url": url} for url in urls])
