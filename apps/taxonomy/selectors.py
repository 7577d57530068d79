"""Reading the tree and the tags, in a locale, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.taxonomy.models import Category, CategoryTranslation, Tag
from rustok.kernel.locales import fallback_chain
from rustok.kernel.tenancy import current_tenant
from rustok.kernel.times import iso

__all__ = [
    "categories", "category_by_path", "category_document", "category_documents", "category_ids_below", "category_refs",
    "category_tree", "find_category", "find_tag", "tag_document", "tag_slugs", "tags",
]  # fmt: skip

#: Translations by category and locale.
Words = dict[UUID, dict[str, CategoryTranslation]]


def categories() -> QuerySet[Category]:
    """List categories by path."""
    return Category.objects.order_by("path")


def tags() -> QuerySet[Tag]:
    """List tags by slug."""
    return Tag.objects.order_by("slug")


def find_category(category_id: UUID) -> Category | None:
    """Answer a category by id."""
    return Category.objects.filter(pk=category_id).first()


def find_tag(tag_id: UUID) -> Tag | None:
    """Answer a tag by id."""
    return Tag.objects.filter(pk=tag_id).first()


def category_ids_below(path: str) -> list[UUID]:
    """List the ids of the category of that path and of all under it."""
    return list(Category.objects.below(path).values_list("pk", flat=True))


def tag_slugs(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Answer the slugs of tags."""
    return dict(Tag.objects.filter(pk__in=list(ids)).values_list("pk", "slug"))


def tag_document(tag: Tag) -> dict[str, Any]:
    """Answer the form that the APIs show of a tag."""
    return {"id": str(tag.pk), "slug": tag.slug, "name": tag.name}


# --- the tree -----------------------------------------------------------------------------------------------------


def category_tree(locale: str) -> list[dict[str, Any]]:
    """Answer the whole tree, in two queries."""
    nodes = list(Category.objects.tree_order())
    words = _words([node.pk for node in nodes], without_description=True)
    chain = _chain(locale)
    written: dict[UUID, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for node in nodes:
        written[node.pk] = document = {**_reference(node, words, chain), "slug": node.slug, "children": []}
        siblings = roots if node.parent_id is None else written[node.parent_id]["children"]
        siblings.append(document)
    return roots


def category_by_path(path: str, locale: str) -> dict[str, Any] | None:
    """Answer a category by its path; None if there is none."""
    category = Category.objects.filter(path=path[:648]).first()
    return category_document(category, locale) if category else None


def category_document(category: Category, locale: str) -> dict[str, Any]:
    """Answer all that a page about a category shows."""
    return category_documents([category], locale)[0]


def category_documents(found: Sequence[Category], locale: str) -> list[dict[str, Any]]:
    """Answer what pages about categories show, with ancestors and children, in three queries."""
    above = _by_path({step for category in found for step in _steps(category.path)})
    below: defaultdict[UUID | None, list[Category]] = defaultdict(list)
    for child in Category.objects.filter(parent__in=found).tree_order():
        below[child.parent_id].append(child)
    everything = [*found, *above.values(), *(child for children in below.values() for child in children)]
    words, chain = _words({one.pk for one in everything}), _chain(locale)
    return [_document(one, above, below[one.pk], words, chain) for one in found]


def _document(
    category: Category,
    above: dict[str, Category],
    children: Sequence[Category],
    words: Words,
    chain: Sequence[str],
) -> dict[str, Any]:
    word = _word(words[category.pk], chain)
    return {
        **_reference(category, words, chain),
        "slug": category.slug,
        "parent_id": str(category.parent_id) if category.parent_id else None,
        "position": category.position,
        "description": word.description if word else "",
        "ancestors": [_reference(above[step], words, chain) for step in _steps(category.path)[:-1] if step in above],
        "children": [_reference(child, words, chain) for child in children],
        "resolved_locale": word.locale if word else None,
        "version": category.version,
        "updated_at": iso(category.updated_at),
    }


def category_refs(ids: Iterable[UUID], locales: Sequence[str]) -> dict[UUID, dict[str, dict[str, Any]]]:
    """Answer id, path, name and ancestors of categories in several locales, in three queries."""
    found = list(Category.objects.filter(pk__in=set(ids)))
    above = _by_path({step for category in found for step in _steps(category.path)})
    words = _words({category.pk for category in above.values()}, without_description=True)
    chains = {locale: _chain(locale) for locale in locales}
    return {
        category.pk: {locale: _nested_reference(category, above, words, chain) for locale, chain in chains.items()}
        for category in found
    }


def _nested_reference(
    category: Category, above: dict[str, Category], words: Words, chain: Sequence[str]
) -> dict[str, Any]:
    ancestors = (_reference(above[step], words, chain) for step in _steps(category.path)[:-1] if step in above)
    return {
        **_reference(category, words, chain),
        "ancestors": [{"path": one["path"], "name": one["name"]} for one in ancestors],
    }


def _reference(category: Category, words: Words, chain: Sequence[str]) -> dict[str, Any]:
    word = _word(words[category.pk], chain)
    return {"id": str(category.pk), "path": category.path, "name": word.name if word else category.slug}


def _word(translations: dict[str, CategoryTranslation], chain: Sequence[str]) -> CategoryTranslation | None:
    named: Iterator[CategoryTranslation] = (translations[locale] for locale in chain if locale in translations)
    return next(named, None) or next(iter(translations.values()), None)


def _words(ids: Collection[UUID], *, without_description: bool = False) -> Words:
    rows = CategoryTranslation.objects.filter(category__in=ids).order_by("locale")
    words: Words = defaultdict(dict)
    for row in rows.defer("description") if without_description else rows:
        words[row.category_id][row.locale] = row
    return words


def _chain(locale: str) -> tuple[str, ...]:
    return fallback_chain(locale, current_tenant().default_locale)


def _by_path(paths: Collection[str]) -> dict[str, Category]:
    return {category.path: category for category in Category.objects.filter(path__in=paths)}


def _steps(path: str) -> list[str]:
    """List the paths from the root down to this one: "a", "a/b", "a/b/c"."""
    parts = path.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
