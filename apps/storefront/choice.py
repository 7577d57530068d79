"""Which variant a reader means, and what the other values of each option would lead to."""

from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "option."


def wanted_options(query: Mapping[str, object]) -> dict[str, str]:
    """Read the options named in a query or a form: option.Colour=Blue."""
    return {key.removeprefix(PREFIX): str(value)[:200] for key, value in query.items() if key.startswith(PREFIX)}


def choose_variant(product: Mapping[str, Any], wanted: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return the variant that agrees with most of the wanted options, preferring one that is available."""
    variants = product.get("variants") or []
    return max(
        variants,
        key=lambda variant: (_agreement(variant, wanted), bool(variant["available"]), bool(variant["price"])),
        default=None,
    )


def option_choices(product: Mapping[str, Any], variant: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Describe every option: its values, the chosen one, and the ones that are sold out beside the other choices."""
    chosen = dict(variant["options"]) if variant else {}
    return [
        {
            "name": option["name"],
            "chosen": chosen.get(option["name"], ""),
            "values": [
                {
                    "id": f"option-{row}-{column}",
                    "value": value,
                    "checked": chosen.get(option["name"]) == value,
                    "gone": not _leads_anywhere(product, {**chosen, option["name"]: value}),
                }
                for column, value in enumerate(option["values"])
            ],
        }
        for row, option in enumerate(product["options"])
    ]


def pictures_of(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the pictures of a product, then those that only its variants have."""
    pictures = {image["url"]: image for image in product["images"]}
    for variant in product["variants"]:
        if url := variant.get("image_url"):
            pictures.setdefault(url, {"url": url, "alt": f"{product['title']}, {variant['title']}"})
    return list(pictures.values())


def picture_of(variant: Mapping[str, Any] | None, pictures: Sequence[Mapping[str, Any]]) -> int:
    """Return which of the pictures shows a variant, counted from 1; 0 if none does."""
    url = variant.get("image_url") if variant else None
    return next((number for number, picture in enumerate(pictures, start=1) if picture["url"] == url), 0)


def _agreement(variant: Mapping[str, Any], wanted: Mapping[str, str]) -> int:
    return sum(variant["options"].get(name) == value for name, value in wanted.items())


def _leads_anywhere(product: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return any(variant["available"] and _agreement(variant, wanted) == len(wanted) for variant in product["variants"])
