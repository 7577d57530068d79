"""Writing menus: a menu is replaced as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.content.public import check_locale
from apps.navigation.events import MenuUpdated
from apps.navigation.models import MAX_DEPTH, MAX_ITEMS, Location, Menu, MenuItem, MenuItemTranslation
from rustok.kernel.access import Actor, authorize_all
from rustok.kernel.errors import Invalid, NotFound, PreconditionFailed
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id, parse_id

__all__ = ["set_menu"]

#: A place on this site, elsewhere by http(s), or an address to write to or call; nothing that runs.
_ADDRESS = re.compile(r"^(/(?![/\\])\S*|#[\w-]*|https?://\S+|mailto:\S+|tel:\S+)$")
Item = Mapping[str, Any]
#: An item and what it is called.
Row = tuple[MenuItem, list[MenuItemTranslation]]


class UnknownLocation(NotFound):
    """A menu stands in the header, footer, sidebar or on mobile."""

    code = "unknown_location"


class BadMenu(Invalid):
    """An item of a menu has labels, leads to a page or an address, and may have items under it."""

    code = "invalid_menu"


@transaction.atomic
def set_menu(*, actor: Actor, location: str, items: Sequence[Item], expected: int | None = None) -> Menu:
    """Replace the menu of a location.

    An item is {"labels": {locale: text}, "url" or "page_id", "children": [items]}.

    :raises UnknownLocation: if there is no such location
    :raises BadMenu: if an item is wrong, there are more than 100, or they nest deeper than 3
    :raises PreconditionFailed: if the menu's version is not the expected one
    """
    authorize_all(actor, "pages.update")
    if location not in Location.values:
        raise UnknownLocation(f"{location[:32]!r} is none of {', '.join(Location.values)}", field="location")
    Menu.objects.get_or_create(location=location)
    menu = Menu.objects.select_for_update().get(location=location)
    if expected is not None and menu.version != expected:
        raise PreconditionFailed()
    rows = list(_rows(menu, items, None, "items", 1, iter(_standing(menu))))
    if len(rows) > MAX_ITEMS:
        raise BadMenu(f"{len(rows)} items; a menu has at most {MAX_ITEMS}", field="items")
    _check_pages([item for item, _ in rows])
    _write(menu, rows)
    menu.version += 1
    menu.save(update_fields=["version", "updated_at"])
    publish(MenuUpdated(menu_id=menu.pk, location=location), aggregate=menu)
    return menu


def _standing(menu: Menu) -> list[UUID]:
    """List the keys of a menu's items, parents before children."""
    below: dict[UUID | None, list[MenuItem]] = {}
    for item in menu.items.order_by("position", "pk"):
        below.setdefault(item.parent_id, []).append(item)

    def walk(parent: UUID | None) -> Iterator[UUID]:
        for item in below.get(parent, ()):
            yield item.pk
            yield from walk(item.pk)

    return list(walk(None))


def _write(menu: Menu, rows: Sequence[Row]) -> None:
    """Write items over those at their places, so that what did not change stays as it is."""
    labels = {(label.item_id, label.locale): label for _, own in rows for label in own}
    MenuItem.objects.bulk_create(
        [item for item, _ in rows], update_conflicts=True, unique_fields=["id"],
        update_fields=["parent", "position", "url", "page", "updated_at"],
    )  # fmt: skip
    menu.items.exclude(pk__in=[item.pk for item, _ in rows]).delete()
    before = MenuItemTranslation.objects.filter(item__menu=menu)
    gone = [label.pk for label in before if (label.item_id, label.locale) not in labels]
    before.filter(pk__in=gone).delete()
    MenuItemTranslation.objects.bulk_create(
        labels.values(), update_conflicts=True, unique_fields=["item", "locale"], update_fields=["label", "updated_at"]
    )


def _rows(
    menu: Menu, items: Sequence[Item], parent: MenuItem | None, path: str, depth: int, keys: Iterator[UUID]
) -> Iterator[Row]:
    """Walk the items, parents before children; each takes the key of the one at its place before."""
    if items and depth > MAX_DEPTH:
        raise BadMenu(f"deeper than {MAX_DEPTH} levels", field=path)
    if not isinstance(items, list | tuple) or len(items) > MAX_ITEMS:
        raise BadMenu(f"a list of at most {MAX_ITEMS} items is expected", field=path)
    for position, given in enumerate(items):
        where = f"{path}.{position}"
        item = _item(menu, given, where, next(keys, None) or new_id())
        item.parent, item.position = parent, position
        yield item, _labels(item, given.get("labels"), f"{where}.labels")
        yield from _rows(menu, given.get("children") or [], item, f"{where}.children", depth + 1, keys)


def _item(menu: Menu, given: Any, where: str, own_key: UUID) -> MenuItem:
    if not isinstance(given, Mapping) or set(given) - {"labels", "url", "page_id", "children"}:
        raise BadMenu("expected labels, url or page_id, children", field=where)
    url, page = given.get("url") or "", given.get("page_id")
    if bool(url) == bool(page):
        raise BadMenu("give a url or a page_id, not both", field=where)
    if url and (not isinstance(url, str) or len(url) > 500 or not _ADDRESS.match(url)):
        raise BadMenu("an address begins with / or https://", field=f"{where}.url")
    key = parse_id(str(page)) if page else None
    if page and key is None:
        raise BadMenu("there is no such page", field=f"{where}.page_id")
    return MenuItem(pk=own_key, menu=menu, url=url, page_id=key)


def _labels(item: MenuItem, labels: Any, where: str) -> list[MenuItemTranslation]:
    if not isinstance(labels, Mapping) or not labels:
        raise BadMenu("a label in at least one language is needed", field=where)
    rows = []
    for locale, text in labels.items():
        check_locale(str(locale), f"{where}.{locale}"[:200])
        label = text.strip() if isinstance(text, str) else ""
        if not 1 <= len(label) <= 80:
            raise BadMenu("a label has 1 to 80 characters", field=f"{where}.{locale}")
        rows.append(MenuItemTranslation(pk=new_id(), item=item, locale=locale, label=label))
    return rows


def _check_pages(items: Sequence[MenuItem]) -> None:
    pages: Any = MenuItem._meta.get_field("page").related_model
    wanted: set[UUID] = {item.page_id for item in items if item.page_id}
    if wanted and pages.objects.filter(pk__in=wanted).count() != len(wanted):
        raise BadMenu("there is no such page", field="items")
