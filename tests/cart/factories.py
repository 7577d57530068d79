"""Things to buy, and carts that hold them."""

from django.utils import timezone

from apps.cart.public import Wish, create_cart, update_cart
from apps.inventory.public import set_stock
from apps.pricing.public import NewPrice, set_prices
from apps.product.public import create_product
from rustok.kernel.access import ANONYMOUS, Actor
from rustok.kernel.money import Money
from rustok.kernel.tenancy import current_tenant

SYSTEM = Actor.system("tests")
ADDRESS = {
    "first_name": "Ann", "last_name": "Lee", "company": "", "line1": "1 Main St", "line2": "", "city": "Portland",
    "region": "OR", "postal_code": "97201", "country": "US", "phone": "",
}  # fmt: skip


def _title(sku, locale):
    return sku.title() if locale == "en" else f"{sku.title()} ({locale})"


def make_variant(sku="tent", *, price=1999, stock=10, currency="USD", status="active", shipped=True, **prices):
    """Make a product of one variant; answer the variant's id. `price=None` gives it none."""
    ref = create_product(
        actor=SYSTEM,
        handle=sku.lower(),
        translations={locale: {"title": _title(sku, locale)} for locale in current_tenant().locales},
        variants=[{"sku": sku, "requires_shipping": shipped}],
        kind="physical" if shipped else "digital",
        status=status,
        now=timezone.now(),
    )
    variant_id = ref.variants[sku]
    amounts = ({currency: price} if price is not None else {}) | prices
    set_prices(actor=SYSTEM, prices=[NewPrice(variant_id, Money(amount, code)) for code, amount in amounts.items()])
    set_stock(actor=SYSTEM, variant_id=variant_id, on_hand=stock)
    return variant_id


def make_cart(*wishes, currency="USD", actor=ANONYMOUS, locale="en"):
    """Open a cart with (variant, quantity) pairs; answer it with its token."""
    lines = [Wish(variant_id, quantity) for variant_id, quantity in wishes]
    return create_cart(actor=actor, currency=currency, locale=locale, lines=lines)


def make_ready_cart(*wishes, method, email="ann@example.com", address=None, **fields):
    """Open a cart that can be completed."""
    cart, token = make_cart(*wishes, **fields)
    update_cart(
        actor=ANONYMOUS,
        cart_id=cart.pk,
        token=token,
        locale="en",
        email=email,
        shipping_address=address or ADDRESS,
        shipping_method_id=method,
    )
    return cart, token
