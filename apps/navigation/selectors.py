"""Reading menus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.content.public import locale_chain
from apps.navigation.models import MAX_ITEMS, Menu, MenuItem
from apps.pages.public import paths_of
from rustok.kernel.locales import pick
from rustok.kernel.modules import is_enabled

__all__ = ["menu", "menu_for_editor", "menus", "version_of"]

Children = dict[UUID | None, list[MenuItem]]


def menu(location: str, locale: str) -> list[dict[str, Any]]:
    """Answer the items of a location as a tree of {label, url, children}; empty if it has no menu.

    An item whose page visitors cannot see is left out, with all that is under it; so is every page while pages are off.
    """
    items = _items(location)
    linked = [item.page_id for item in items if item.page_id]
    paths = paths_of(linked, locale) if is_enabled("pages") else {}
    return _branch(_by_parent(items), None, paths, locale)


def _items(location: str) -> list[MenuItem]:
    rows = MenuItem.objects.filter(menu__location=location[:16]).prefetch_related("translations")
    return list(rows.order_by("position", "id")[:MAX_ITEMS])


def _by_parent(items: Iterable[MenuItem]) -> Children:
    children: Children = {}
    for item in items:
        children.setdefault(item.parent_id, []).append(item)
    return children


def _branch(children: Children, parent: UUID | None, paths: dict[UUID, str], locale: str) -> list[dict[str, Any]]:
    chain = locale_chain(locale)
    branch = []
    for item in children.get(parent, ()):
        label = pick(item.translations.all(), chain)
        if (item.page_id and item.page_id not in paths) or label is None:
            continue
        branch.append({
            "label": label.label,
            "url": _address(paths[item.page_id]) if item.page_id else item.url,
            "children": _branch(children, item.pk, paths, locale),
        })  # fmt: skip
    return branch


def _address(path: str) -> str:
    return "/" if path == "home" else f"/{path}/"


def version_of(location: str) -> int:
    """Answer the version of a menu; 0 for none."""
    return Menu.objects.filter(location=location[:16]).values_list("version", flat=True).first() or 0


def menus(locale: str) -> list[dict[str, Any]]:
    """List the menus that there are, with their items; there are as many as locations at most."""
    return [{"location": row.location, "items": menu(row.location, locale)} for row in Menu.objects.all()[:10]]


def menu_for_editor(location: str) -> list[dict[str, Any]]:
    """Answer the items of a location as `set_menu` takes them."""
    children = _by_parent(_items(location))

    def branch(parent: UUID | None) -> list[dict[str, Any]]:
        return [
            {
                "labels": {words.locale: words.label for words in item.translations.all()},
                "url": item.url,
                "page_id": str(item.page_id) if item.page_id else None,
                "children": branch(item.pk),
            }
            for item in children.get(parent, ())
        ]

    return branch(None)
