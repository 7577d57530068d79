"""What is said of a product in each locale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from apps.product.models import Product, ProductTranslation
from apps.product.services.aggregate import check_locales
from rustok.kernel.errors import Invalid
from rustok.kernel.markup import sanitize

__all__ = ["MAX_DESCRIPTION", "NeedsTitle", "Translations", "Words", "insert_words", "write_words"]

#: Characters of a description after sanitising.
MAX_DESCRIPTION = 100_000
_FIELDS = ("title", "subtitle", "description", "seo_title", "seo_description")


class NeedsTitle(Invalid):
    """A product needs a title in every locale that it is described in, and in one at least."""

    code = "needs_title"


class TooLong(Invalid):
    """This description is too long."""

    code = "too_long"


class Words(TypedDict, total=False):
    """The words of one locale; a description is HTML and is sanitised."""

    title: str
    subtitle: str
    description: str
    seo_title: str
    seo_description: str


#: By locale; in a change, None takes a locale away.
Translations = Mapping[str, Words | None]


def insert_words(product: Product, translations: Translations) -> None:
    """Write the words of a new product."""
    check_locales(translations)
    rows = [_row(product, locale, words) for locale, words in translations.items() if words is not None]
    if not rows:
        raise NeedsTitle(field="translations")
    ProductTranslation.objects.bulk_create(rows)


def write_words(product: Product, translations: Translations) -> None:
    """Change the locales that are named; what is left out of a locale stays."""
    if not translations:
        return
    check_locales(translations)
    standing = {row.locale: row for row in product.translations.all()}
    gone = [locale for locale, words in translations.items() if words is None]
    if not (set(standing) | set(translations)) - set(gone):
        raise NeedsTitle(field="translations")
    product.translations.filter(locale__in=gone).delete()
    ProductTranslation.objects.bulk_create(
        [
            _row(product, locale, words, standing.get(locale))
            for locale, words in translations.items()
            if words is not None
        ],
        update_conflicts=True,
        unique_fields=["product", "locale"],
        update_fields=[*_FIELDS, "updated_at"],
    )


def _row(product: Product, locale: str, words: Words, row: ProductTranslation | None = None) -> ProductTranslation:
    row = row or ProductTranslation(product=product, locale=locale)
    for name in _FIELDS:
        if name in words:
            setattr(row, name, str(words[name]).strip())  # type: ignore[literal-required]
    if "description" in words:
        row.description = sanitize(row.description)
    if len(row.description) > MAX_DESCRIPTION:
        raise TooLong(field=f"translations.{locale}.description")
    if not row.title:
        raise NeedsTitle(field=f"translations.{locale}.title")
    return row
