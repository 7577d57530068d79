"""schema.org descriptions for search engines."""

from collections.abc import Callable, Mapping
from typing import Any


def product_data(product: Mapping[str, Any], *, url: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Describe a product and its offers."""
    offers = [
        {
            "@type": "Offer",
            "sku": variant["sku"],
            "price": variant["price"]["amount"],
            "priceCurrency": variant["price"]["currency"],
            "availability": f"https://schema.org/{'InStock' if variant['available'] else 'OutOfStock'}",
            "url": url,
        }
        for variant in product["variants"]
        if variant["price"]
    ]
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product["title"],
        "description": product.get("subtitle") or "",
        "image": [absolute(image["url"]) for image in product["images"]],
        "offers": offers,
        "url": url,
    }
    if product.get("vendor"):
        described["brand"] = {"@type": "Brand", "name": product["vendor"]}
    return described
