"""The filters of a product list: read from the address, shown as checkboxes and chips, written to links."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.storefront.choice import PREFIX

SORTS = ("relevance", "newest", "price", "-price", "title")
MAX_VALUES = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """The state of the filter form."""

    path: str
    query: QueryDict
    facets: Mapping[str, Any]
    searching: bool = False

    @property
    def sort(self) -> str:
        """The order asked for, or the usual one."""
        asked = self.query.get("sort", "")
        offered = [key for key, _name in self.sorts]
        return asked if asked in offered else offered[0]

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The orders on offer, the usual one first."""
        names = {
            "relevance": _("Best match"),
            "newest": _("Newest"),
            "price": _("Price, low to high"),
            "-price": _("Price, high to low"),
            "title": _("Name"),
        }
        return [(key, names[key]) for key in SORTS if self.searching or key != "relevance"]

    @property
    def price_min(self) -> str:
        """The lower bound as it was typed."""
        return self.query.get("price_min", "")[:12]

    @property
    def price_max(self) -> str:
        """The upper bound as it was typed."""
        return self.query.get("price_max", "")[:12]

    @property
    def in_stock(self) -> bool:
        """Whether only what can be bought is asked for."""
        return self.query.get("in_stock") == "true"

    @property
    def cursor(self) -> str:
        """The page asked for."""
        return self.query.get("cursor", "")

    @property
    def active(self) -> bool:
        """Whether anything is filtered by."""
        return bool(self.chips)

    @property
    def lowest(self) -> str:
        """The lowest price found."""
        return str(self.facets.get("price", {}).get("min") or "")

    @property
    def highest(self) -> str:
        """The highest price found."""
        return str(self.facets.get("price", {}).get("max") or "")

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The checkbox groups: options of the products found, then brands."""
        options = self.facets.get("options", {})
        found = [self._group(f"{PREFIX}{name}", name, values) for name, values in options.items()]
        if len(self.facets.get("vendors", ())) > 1 or self.query.get("vendor"):
            found.append(self._group("vendor", _("Brand"), self.facets.get("vendors", ())))
        return found

    @property
    def chips(self) -> list[dict[str, str]]:
        """What is filtered by, each with the address of the same list without it."""
        chips = [
            {"label": value, "url": self._without(key, value)}
            for key in self.query
            if key.startswith(PREFIX) or key in ("vendor", "tag")
            for value in self.query.getlist(key)
        ]
        if self.price_min:
            label = _("from %(price)s") % {"price": self.price_min}
            chips.append({"label": label, "url": self._without("price_min")})
        if self.price_max:
            label = _("up to %(price)s") % {"price": self.price_max}
            chips.append({"label": label, "url": self._without("price_max")})
        if self.in_stock:
            chips.append({"label": _("In stock"), "url": self._without("in_stock")})
        return chips

    @property
    def clear_url(self) -> str:
        """The address of the same list without filters."""
        kept = QueryDict(mutable=True)
        for key in ("q", "sort"):
            if self.query.get(key):
                kept[key] = str(self.query[key])
        return _address(self.path, kept)

    def _group(self, name: str, title: str, values: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        chosen = self.query.getlist(name)
        counted = {str(one["value"]): one.get("count") for one in values}
        shown = [*counted, *(value for value in chosen if value not in counted)][:MAX_VALUES]
        return {
            "name": name,
            "title": title,
            "values": [
                {
                    "id": f"{name}-{index}".replace(" ", "-"),
                    "value": value,
                    "label": value,
                    "count": counted.get(value, 0),
                    "checked": value in chosen,
                }
                for index, value in enumerate(shown)
            ],
        }

    def _without(self, key: str, value: str | None = None) -> str:
        kept = self.query.copy()
        rest = [one for one in kept.getlist(key) if value is not None and one != value]
        kept.pop("cursor", None)
        kept.pop(key, None)
        if rest:
            kept.setlist(key, rest)
        return _address(self.path, kept)


def _address(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path
