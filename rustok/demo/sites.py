"""The two demo tenants, and how their data files become records."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from rustok.demo.art.look import Picture
from rustok.demo.goods import read_products
from rustok.demo.records import (
    Block,
    Customer,
    Heading,
    Location,
    MenuItem,
    Page,
    Post,
    Remark,
    Shop,
    Site,
    Topic,
    Words,
)  # fmt: skip

__all__ = ["PASSWORD", "SITES", "load_shop"]

#: Of every demo account; the demo refuses to run in production.
PASSWORD = "demo-pass-2026!"

SITES = {
    site.slug: site
    for site in (
        Site(
            "acme", "Acme Outdoor", ("en", "de"), ("USD", "EUR"), "AC",
            Picture("mark", "#3f6b52", "#e2a04a", style="mountain"), "studio",
        ),
        Site(
            "globex", "Globex Books & Coffee", ("en", "ru"), ("EUR",), "GX",
            Picture("mark", "#22384a", "#d98f3e", style="book"), "warm",
        ),
    )
}  # fmt: skip

_DATA = Path(__file__).parent / "data"


@lru_cache
def load_shop(slug: str) -> Shop:
    """Read a demo tenant's data.

    :raises KeyError: if there is no such tenant, or a file misses a field
    """
    site = SITES[slug]
    folder = _DATA / slug
    catalogue = _toml(folder / "catalogue.toml")
    writing = _toml(folder / "pages.toml")
    forum = _toml(folder / "forum.toml")
    locations = tuple(Location(**row) for row in catalogue["location"])
    goods = [row for path in sorted(folder.glob("products-*.toml")) for row in _toml(path)["product"]]
    return Shop(
        site=site,
        locations=locations,
        categories=tuple(_heading(site, row) for row in catalogue["category"]),
        collections=tuple(_heading(site, row) for row in catalogue["collection"]),
        products=read_products(site, catalogue, goods, locations),
        posts=tuple(_post(site, row) for row in _toml(folder / "posts.toml")["post"]),
        pages=tuple(_page(site, row) for row in writing["page"]),
        menus={name: tuple(_item(site, row) for row in rows) for name, rows in writing["menu"].items()},
        boards=tuple(_heading(site, {"handle": row["slug"], **row}) for row in forum["board"]),
        topics=tuple(_topic(row) for row in forum["topic"]),
        customers=tuple(_customer(site, row, n) for n, row in enumerate(_toml(folder / "people.toml")["customer"])),
    )


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _words(site: Site, row: dict[str, Any], key: str | int) -> Words:
    return {locale: row[locale][key] for locale in site.locales}


def _heading(site: Site, row: dict[str, Any]) -> Heading:
    return Heading(row["handle"], _words(site, row, 0), _words(site, row, 1), row.get("parent", ""))


def _scene(row: dict[str, str]) -> Picture:
    return Picture("scene", row["colour"], row["accent"], style=row["style"], backdrop=row["mood"])


def _post(site: Site, row: dict[str, Any]) -> Post:
    age = row["days_ago"]
    comments = tuple(
        Remark(said["author"], said["text"], max(age - 1 - number, 0.2), said["locale"])
        for number, said in enumerate(row.get("comment", ()))
    )
    return Post(
        handle=row["handle"],
        days_ago=age,
        title=_words(site, row, "title"),
        excerpt=_words(site, row, "excerpt"),
        body={locale: "\n\n".join(row[locale]["body"]) for locale in site.locales},
        tags=tuple(row["tags"]),
        cover=_scene(row["cover"]),
        comments=comments,
    )


def _page(site: Site, row: dict[str, Any]) -> Page:
    return Page(
        row["path"], _words(site, row, "title"), _words(site, row, "seo"),
        tuple(_block(site, block) for block in row["block"]),
    )  # fmt: skip


def _block(site: Site, row: dict[str, Any]) -> Block:
    extra = {key: value for key, value in row.items() if key not in {"type", "image", *site.locales}}
    picture = _scene(row["image"]) if "image" in row else None
    return Block(row["type"], {locale: dict(row[locale]) for locale in site.locales}, extra, picture)


def _item(site: Site, row: dict[str, str]) -> MenuItem:
    return MenuItem({locale: row[locale] for locale in site.locales}, row.get("url", ""), row.get("page", ""))


def _topic(row: dict[str, Any]) -> Topic:
    replies = tuple(Remark(author, text, age, row["locale"]) for author, age, text in row["replies"])
    fields = {name: row[name] for name in ("board", "locale", "title", "body", "author", "days_ago")}
    return Topic(**fields, replies=replies, pinned=row.get("pinned", False))


def _customer(site: Site, row: dict[str, Any], number: int) -> Customer:
    line1, city, region, postal_code, country = row["address"]
    first, last = row["name"]
    address = {
        "first_name": first, "last_name": last, "line1": line1, "city": city, "region": region,
        "postal_code": postal_code, "country": country,
    }  # fmt: skip
    return Customer(first, last, f"customer{number + 1}@{site.slug}.test", address)
