"""Turns the terse rows of a catalogue file into products with variants, prices, stock and images."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Any

from rustok.demo.art.look import Picture
from rustok.demo.records import Image, Location, Option, Product, Site, Value, Variant, Words

#: How many colours of a product get a picture of their own.
_COLOURS_SHOWN = 3


def read_products(
    site: Site, catalogue: dict[str, Any], rows: Iterable[dict[str, Any]], locations: Sequence[Location]
) -> tuple[Product, ...]:
    """Read products; prices, SKUs and stock depend on the rows alone, so that every run is the same."""
    return tuple(_product(site, catalogue, row, locations) for row in rows)


def _product(site: Site, catalogue: dict[str, Any], row: dict[str, Any], locations: Sequence[Location]) -> Product:
    options = tuple(_option(site, catalogue, name, chosen) for name, chosen in row.get("options", {}).items())
    combinations = list(itertools.product(*(option.values for option in options)))
    return Product(
        handle=row["handle"],
        status=row.get("status", "active"),
        title=_words(site, row, 0),
        subtitle=_words(site, row, 1),
        description=_words(site, row, 2),
        category=row["category"],
        vendor=row["vendor"],
        tags=tuple(row["tags"]),
        collections=tuple(row.get("collections", ())),
        options=options,
        variants=tuple(_variant(site, row, values, locations) for values in combinations),
        images=tuple(_images(site, row, options)),
    )


def _words(site: Site, row: dict[str, Any], part: int) -> Words:
    return {locale: row[locale][part] for locale in site.locales}


def _option(site: Site, catalogue: dict[str, Any], name: str, chosen: list[str]) -> Option:
    """An option's values; colours are kept together because pictures are drawn in them."""
    known = catalogue["options"][name]
    values = catalogue["colours"] if name == "colour" else known["values"]
    return Option(
        handle=name,
        name={locale: known[locale] for locale in site.locales},
        values=tuple(
            Value(key, {locale: values[key][locale] for locale in site.locales}, values[key].get("ink", ""))
            for key in chosen
        ),
    )


def _variant(site: Site, row: dict[str, Any], values: tuple[Value, ...], locations: Sequence[Location]) -> Variant:
    handles = tuple(value.handle for value in values)
    words = [word[:5] for word in row["handle"].split("-")]
    sku = "-".join([site.sku_prefix, *words, *handles]).upper()
    more = sum(row.get("plus", {}).get(handle, 0) for handle in handles)
    regular = {currency: amount + more for currency, amount in row["price"].items()}
    reduced = {currency: _reduced(amount, row.get("sale", 0)) for currency, amount in regular.items()}
    return Variant(
        sku=sku,
        values=handles,
        prices=reduced,
        compare_at=regular if "sale" in row else {},
        stock=_stock(sku, row.get("stock", ""), locations),
        weight_g=row["weight"] * (4 if "1kg" in handles else 1),
    )


def _reduced(amount: int, percent: int) -> int:
    step = 100 if amount >= 5000 else 10
    return round(amount * (100 - percent) / 100 / step) * step


def _stock(sku: str, level: str, locations: Sequence[Location]) -> dict[str, int]:
    """Spread a believable stock over the locations; one variant in twenty is sold out."""
    dice = random.Random(sku)
    total = {"out": 0, "low": dice.randint(1, 3)}.get(level, 0 if dice.random() < 0.05 else dice.randint(8, 60))
    spread = {location.code: total * location.share // 100 for location in locations[1:]}
    return {locations[0].code: total - sum(spread.values()), **spread}


def _images(site: Site, row: dict[str, Any], options: tuple[Option, ...]) -> Iterable[Image]:
    colours = next((option.values for option in options if option.handle == "colour"), ())
    titles = _words(site, row, 0)
    for value in colours[:_COLOURS_SHOWN]:
        alt = {locale: f"{titles[locale]}, {value.name[locale]}" for locale in site.locales}
        yield Image(_picture(site, row, value.ink, site.backdrop), alt, value.handle)
    first = colours[0].ink if colours else row["art"]["colour"]
    if not colours:
        yield Image(_picture(site, row, first, site.backdrop), titles)
    for mood in row["art"].get("scenes", ()):
        yield Image(
            _picture(site, row, first, mood),
            {locale: f"{titles[locale]} – {_IN_USE[locale]}" for locale in site.locales},
        )


#: How an alternative text says that a product is shown where it is used.
_IN_USE: Words = {"en": "in use", "de": "im Einsatz", "ru": "в деле"}


def _picture(site: Site, row: dict[str, Any], ink: str, backdrop: str) -> Picture:
    art = row["art"]
    return Picture(
        art["subject"],
        ink,
        art["accent"],
        style=art.get("style", ""),
        title=art.get("title", row["en"][0] if "author" in row else ""),
        byline=art.get("byline", row.get("author", "")),
        backdrop=backdrop,
        seed=row["handle"],
    )
