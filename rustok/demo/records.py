"""What the demo's data files hold, typed and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rustok.demo.art.look import Picture

#: Locale → words.
Words: TypeAlias = dict[str, str]
#: Currency → minor units.
Amounts: TypeAlias = dict[str, int]


@dataclass(frozen=True)
class Site:
    """One demo tenant."""

    slug: str
    name: str
    locales: tuple[str, ...]
    currencies: tuple[str, ...]
    sku_prefix: str
    mark: Picture
    backdrop: str

    @property
    def second_locale(self) -> str:
        """Answer the language besides the default one."""
        return self.locales[1]


@dataclass(frozen=True)
class Location:
    """A place with stock; `share` is its part of everything in percent."""

    code: str
    name: str
    country: str
    share: int


@dataclass(frozen=True)
class Heading:
    """A category, a collection or a board: a handle with a name and a description."""

    handle: str
    name: Words
    description: Words
    parent: str = ""


@dataclass(frozen=True)
class Value:
    """One value of an option."""

    handle: str
    name: Words
    ink: str = ""


@dataclass(frozen=True)
class Option:
    """An option with the values that a product has."""

    handle: str
    name: Words
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Variant:
    """One combination of option values, by handle."""

    sku: str
    values: tuple[str, ...]
    prices: Amounts
    compare_at: Amounts
    stock: dict[str, int]
    weight_g: int


@dataclass(frozen=True)
class Image:
    """A drawing with its alternative text; `value` is the colour that it shows."""

    picture: Picture
    alt: Words
    value: str = ""


@dataclass(frozen=True)
class Product:
    """Everything that is known of a product."""

    handle: str
    status: str
    title: Words
    subtitle: Words
    description: Words
    category: str
    vendor: str
    tags: tuple[str, ...]
    collections: tuple[str, ...]
    options: tuple[Option, ...]
    variants: tuple[Variant, ...]
    images: tuple[Image, ...]


@dataclass(frozen=True)
class Remark:
    """A comment or a reply."""

    author: str
    text: str
    days_ago: float
    locale: str = ""


@dataclass(frozen=True)
class Post:
    """An article."""

    handle: str
    days_ago: int
    title: Words
    excerpt: Words
    body: Words
    tags: tuple[str, ...]
    cover: Picture
    comments: tuple[Remark, ...]


@dataclass(frozen=True)
class Block:
    """A block of a page; words by locale, the rest shared."""

    type: str
    words: dict[str, Words]
    settings: dict[str, str | int]
    picture: Picture | None = None


@dataclass(frozen=True)
class Page:
    """A page of blocks."""

    path: str
    title: Words
    summary: Words
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class MenuItem:
    """An entry of a menu: it leads to a page or to an address."""

    label: Words
    url: str = ""
    page: str = ""


@dataclass(frozen=True)
class Topic:
    """A conversation in the forum, in one language."""

    board: str
    locale: str
    title: str
    body: str
    author: str
    days_ago: float
    replies: tuple[Remark, ...]
    pinned: bool = False


@dataclass(frozen=True)
class Customer:
    """Somebody who buys."""

    first_name: str
    last_name: str
    email: str
    address: dict[str, str]


@dataclass(frozen=True)
class Shop:
    """All data of a demo tenant."""

    site: Site
    locations: tuple[Location, ...]
    categories: tuple[Heading, ...]
    collections: tuple[Heading, ...]
    products: tuple[Product, ...]
    posts: tuple[Post, ...]
    pages: tuple[Page, ...]
    menus: dict[str, tuple[MenuItem, ...]]
    boards: tuple[Heading, ...]
    topics: tuple[Topic, ...]
    customers: tuple[Customer, ...]

    def pictures(self) -> list[Picture]:
        """List every drawing that the shop shows, each once."""
        wanted = [image.picture for product in self.products for image in product.images]
        wanted += [post.cover for post in self.posts]
        wanted += [block.picture for page in self.pages for block in page.blocks if block.picture]
        return list(dict.fromkeys([*wanted, self.site.mark]))
