"""Locales: BCP 47 tags, and the chain that a read falls back along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from rustok.kernel.errors import Invalid

__all__ = ["LAST_RESORT", "fallback_chain", "negotiate", "normalize_locale", "pick", "text_search_config"]

#: What a read ends at when neither the asked locale nor the tenant's default exists.
LAST_RESORT = "en"

_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:-([a-zA-Z]{4}))?(?:-([a-zA-Z]{2}|\d{3}))?$")

#: Text search configurations that PostgreSQL ships, by language.
_TEXT_SEARCH = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


class UnknownLocale(Invalid):
    """This locale is not one that the shop offers."""

    code = "unknown_locale"


@lru_cache(maxsize=1024)
def normalize_locale(tag: str) -> str:
    """Answer a tag in the case that BCP 47 recommends: `EN-us` → `en-US`.

    :raises UnknownLocale: if it is no language[-Script][-REGION] tag
    """
    match = _TAG.match(str(tag).strip().replace("_", "-"))
    if match is None:
        raise UnknownLocale(f"{str(tag)[:35]!r} is not a locale")
    language, script, region = match.groups()
    parts = [language.lower(), script and script.title(), region and region.upper()]
    return "-".join(part for part in parts if part)


def fallback_chain(requested: str, default: str) -> tuple[str, ...]:
    """List the locales to try in turn: requested, its language, the tenant's default, `en`."""
    candidates = (requested, requested.split("-", maxsplit=1)[0], default, LAST_RESORT)
    return tuple(dict.fromkeys(candidates))


def negotiate(accept_language: str, offered: Sequence[str], default: str) -> str:
    """Choose the offered locale that an Accept-Language header likes best (RFC 9110, 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for order, part in enumerate(accept_language[:500].split(",")[:20]):
        tag, _, q = part.strip().partition(";q=")
        try:
            wishes.append((-(float(q) if q else 1.0), order, normalize_locale(tag)))
        except (ValueError, UnknownLocale):
            continue
    for _, _, tag in sorted(wishes):
        for candidate in (tag, tag.split("-")[0]):
            if candidate in offered:
                return candidate
    return default


class Translation(Protocol):
    """A row of a translation table."""

    locale: str


T = TypeVar("T", bound=Translation)


def pick(translations: Iterable[T], chain: Sequence[str]) -> T | None:
    """Take the translation that comes first in the chain; None if there is none at all."""
    by_locale: Mapping[str, T] = {t.locale: t for t in translations}
    for locale in chain:
        if locale in by_locale:
            return by_locale[locale]
    return next(iter(by_locale.values()), None)


def text_search_config(locale: str) -> str:
    """Name PostgreSQL's text search configuration for a locale."""
    return _TEXT_SEARCH.get(locale.split("-", maxsplit=1)[0], "simple")
