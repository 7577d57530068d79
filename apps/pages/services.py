"""Writing pages: the path, the words, the blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.content.public import Texts, check_locale, create_node, delete_node, publish_node, unpublish_node, update_node
from apps.pages.models import MAX_BLOCKS, Block, Page
from apps.pages.models.blocks import Blocks, check_blocks
from rustok.kernel.access import Actor
from rustok.kernel.errors import Conflict, Invalid, NotFound
from rustok.kernel.ids import new_id
from rustok.kernel.locales import UnknownLocale, normalize_locale
from rustok.kernel.slugs import numbered

__all__ = ["create_page", "delete_page", "extend_node", "publish_page", "set_blocks", "unpublish_page", "update_page"]

#: Locale → blocks as {"type", "data"}, in order.
PageBlocks = Mapping[str, Iterable[Any]]
_PATH = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$")
#: First steps that lead elsewhere on the site, and last steps that the API uses.
_TAKEN_FIRST = frozenset(
    [
        "account",
        "admin",
        "api",
        "blog",
        "cart",
        "categories",
        "checkout",
        "collections",
        "forum",
        "health",
        "media",
        "metrics",
        "orders",
        "preferences",
        "products",
        "search",
        "static",
    ]
)
_TAKEN_LAST = frozenset(["preview", "publish", "revisions", "schedule", "unpublish"])


class BadPath(Invalid):
    """A path is words of lower case letters, digits and hyphens, with a slash between them."""

    code = "invalid_path"


class PathReserved(Invalid):
    """This path belongs to the shop itself."""

    code = "path_reserved"


class PathTaken(Conflict):
    """There is a page at this path."""

    code = "path_taken"


def _checked(path: str) -> str:
    clean = path.strip().strip("/")
    if len(clean) > 200 or not _PATH.match(clean):
        raise BadPath(field="path")
    steps = clean.split("/")
    if steps[0] in _TAKEN_FIRST or steps[-1] in _TAKEN_LAST or _is_locale(steps[0]):
        raise PathReserved(f"{clean!r} is used by the shop itself", field="path")
    return clean


def _is_locale(step: str) -> bool:
    """Tell whether a first step looks like the prefix of a language of the shop."""
    from rustok.kernel.tenancy import current_tenant

    try:
        return normalize_locale(step) in current_tenant().locales
    except UnknownLocale:
        return False


@transaction.atomic
def create_page(
    *, actor: Actor, path: str, translations: Texts, now: datetime, blocks: PageBlocks | None = None,
    author_name: str = "", publish_at: datetime | None = None,
) -> Page:  # fmt: skip
    """Make a page with its blocks; with `publish_at` it is published as of then, in every language it has.

    :raises PathTaken: if there is a page at the path
    :raises BlockInvalid: if a block is not as its type wants it
    """
    clean = _checked(path)
    last = clean.rsplit("/", 1)[-1][:120]
    texts = {locale: text and {**text, "slug": text.get("slug") or last} for locale, text in translations.items()}
    node = create_node(
        actor=actor, kind="page", translations=texts, now=now, author_name=author_name, publish_at=publish_at
    )
    page = _insert(node.pk, clean)
    _replace_blocks(page, blocks or {})
    return page


def _insert(node_id: UUID, path: str) -> Page:
    try:
        with transaction.atomic():
            return Page.objects.create(pk=node_id, node_id=node_id, path=path)
    except IntegrityError:
        raise PathTaken(f"there is a page at /{path}/", field="path") from None


def extend_node(actor: Actor, node: Any) -> Page:
    """Give a node that came over the general edge a path: its slug, with a number if that is taken."""
    slug = node.translations.order_by("created_at").values_list("slug", flat=True)[0]
    for number in range(1, 50):
        path = slug if number == 1 else numbered(slug, number, max_length=200)
        if not Page.objects.filter(path=path).exists():
            return _insert(node.pk, _checked(path))
    raise PathTaken(f"there is a page at /{slug}/", field="path")


@transaction.atomic
def update_page(
    *, actor: Actor, page_id: UUID, now: datetime, path: str | None = None, translations: Texts | None = None,
    blocks: PageBlocks | None = None, author_name: str | None = None, expected: int | None = None,
) -> Page:  # fmt: skip
    """Change a page; the blocks of a language that is named are replaced, those of others stay.

    :raises PreconditionFailed: if its version is not the expected one
    :raises PathTaken: if there is another page at the path
    """
    update_node(
        actor=actor, node_id=page_id, kind="page", translations=translations or {}, author_name=author_name, now=now,
        expected=expected,
    )  # fmt: skip
    page = _page(page_id)
    if path is not None and _checked(path) != page.path:
        page.path = _checked(path)
        try:
            with transaction.atomic():
                page.save(update_fields=["path", "updated_at"])
        except IntegrityError:
            raise PathTaken(f"there is a page at /{page.path}/", field="path") from None
    _replace_blocks(page, blocks or {})
    return page


def set_blocks(
    *, actor: Actor, page_id: UUID, locale: str, blocks: Iterable[Any], now: datetime, expected: int | None = None
) -> Page:
    """Replace the blocks of a page in one language."""
    return update_page(actor=actor, page_id=page_id, blocks={locale: list(blocks)}, now=now, expected=expected)


def _page(page_id: UUID) -> Page:
    page = Page.objects.filter(pk=page_id).first()
    if page is None:
        raise NotFound()
    return page


def _replace_blocks(page: Page, blocks: PageBlocks) -> None:
    for locale, given in blocks.items():
        check_locale(locale, f"blocks.{locale}")
        clean = check_blocks(given, maximum=MAX_BLOCKS, field=f"blocks.{locale}")
        _write_blocks(page, locale, clean)


def _write_blocks(page: Page, locale: str, blocks: Blocks) -> None:
    """Write blocks into the rows that there are, so that a block at its place keeps its id."""
    rows = list(Block.objects.filter(page=page, locale=locale).order_by("position"))
    for row, (kind, data) in zip(rows, blocks, strict=False):
        row.type, row.data = kind, data
    Block.objects.bulk_update(rows[: len(blocks)], ["type", "data"])
    Block.objects.filter(pk__in=[row.pk for row in rows[len(blocks) :]]).delete()
    Block.objects.bulk_create(
        Block(pk=new_id(), page=page, locale=locale, position=position, type=kind, data=data)
        for position, (kind, data) in enumerate(blocks[len(rows) :], start=len(rows))
    )


def publish_page(
    *, actor: Actor, page_id: UUID, now: datetime, locale: str | None = None, published_at: datetime | None = None,
    expected: int | None = None,
) -> Page:  # fmt: skip
    """Let visitors see a page, in one language or in all that it has."""
    publish_node(
        actor=actor, node_id=page_id, kind="page", locale=locale, published_at=published_at, now=now, expected=expected
    )
    return _page(page_id)


def unpublish_page(
    *, actor: Actor, page_id: UUID, now: datetime, locale: str | None = None, expected: int | None = None
) -> Page:
    """Hide a page, in one language or in all."""
    unpublish_node(actor=actor, node_id=page_id, kind="page", locale=locale, now=now, expected=expected)
    return _page(page_id)


def delete_page(*, actor: Actor, page_id: UUID, expected: int | None = None) -> None:
    """Remove a page."""
    delete_node(actor=actor, node_id=page_id, kind="page", expected=expected)
